/** What to call A and B. */
import type { Provenance, TraceDiff } from '../contract/diff.ts';
import type { TraceInfo } from '../contract/methods/index.ts';

/** What is known of a side before its colours are. */
export interface SideName {
  readonly letter: 'A' | 'B';
  readonly name: string;
  readonly strategy: string | null;
  /** The second of two runs of one strategy. */
  readonly hollow: boolean;
}

/** A file's name without its folder and ending. */
export const baseName = (file: string) => file.replace(/^.*[\\/]/, '').replace(/\.mctrace$/, '');

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
    baseName(from?.file ?? '');
  return [
    { letter: 'A', name: name(0, diff?.a), strategy: inA, hollow: false },
    { letter: 'B', name: name(1, diff?.b), strategy: inB, hollow: inB !== null && inA === inB },
  ];
}

function asText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
