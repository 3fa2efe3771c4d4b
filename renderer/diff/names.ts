/** What to call A and B. */
import type { Provenance, TraceDiff } from '../../core/contract/diff.ts';
import type { LibraryEntry, TraceInfo } from '../../core/contract/index.ts';
import type { SideName } from './looks.ts';

const base = (file: string) => file.replace(/^.*[\\/]/, '').replace(/\.mctrace$/, '');

/** Names of strategies where they tell the two apart, otherwise of the traces. */
export function sideNames(
  infos: readonly [TraceInfo | null, TraceInfo | null],
  diff: TraceDiff | null,
): readonly [SideName, SideName] {
  const differs = diff?.scenario.differs.find(({ path }) => path === 'strategy');
  const strategies = [
    infos[0]?.scenario?.strategy ?? asText(differs?.a),
    infos[1]?.scenario?.strategy ?? asText(differs?.b),
  ] as const;
  const [inA, inB] = strategies;
  const apart = inA !== null && inB !== null && inA !== inB;
  const name = (index: 0 | 1, from: Provenance | undefined) =>
    (apart ? strategies[index] : null) ??
    infos[index]?.name ??
    from?.name ??
    base(from?.file ?? '');
  return [
    { letter: 'A', name: name(0, diff?.a), strategy: inA, hollow: false },
    { letter: 'B', name: name(1, diff?.b), strategy: inB, hollow: inB !== null && inA === inB },
  ];
}

function asText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** The trace of the library that a diff was made of, by its id or its file's name. */
export function entryOf(
  from: Provenance,
  entries: readonly LibraryEntry[],
): LibraryEntry | undefined {
  return (
    entries.find(({ id }) => id === from.file) ??
    entries.find(({ file }) => file === from.file) ??
    entries.find(({ file }) => base(file) === base(from.file))
  );
}

/** Name of a saved diff. */
export function fileNameOf({ a, b }: TraceDiff): string {
  const part = (from: Provenance) => base(from.file).replace(/[^\w.-]+/g, '-');
  return `diff-${part(a)}-${part(b)}.json`;
}

/** Two traces of the library that are worth comparing: the same machine and workload, another strategy. */
export function suggestions(entries: readonly LibraryEntry[], most: number): [string, string][] {
  const found: [string, string][] = [];
  const runs = entries.filter(({ strategy, problem }) => strategy !== null && problem === null);
  for (const [i, a] of runs.entries()) {
    const b = runs
      .slice(i + 1)
      .find(
        (each) =>
          each.strategy !== a.strategy &&
          each.workload === a.workload &&
          each.hypervisor === a.hypervisor &&
          each.soc === a.soc &&
          each.requests === a.requests,
      );
    if (b !== undefined) found.push([a.id, b.id]);
    if (found.length === most) break;
  }
  return found;
}
