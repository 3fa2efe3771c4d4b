/** Traces of the library that a diff is of or might be of, and the name of a saved one. */
import type { Provenance, TraceDiff } from '../../core/contract/diff.ts';
import type { LibraryEntry } from '../../core/contract/index.ts';
import { baseName as base } from '../../core/diff/index.ts';

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
