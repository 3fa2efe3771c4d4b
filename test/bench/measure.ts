/** How a figure is taken. */

/** One thing to measure, and the same kind of work done as plainly as can be. */
export interface Bench {
  readonly name: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  /** Ratio of value to baseline that is good enough. */
  readonly goal: number;
  /** Rounds to take the median of, where five would be too many; nothing is thrown away then. */
  readonly rounds?: number;
  /** What the ratio is of, for people. */
  readonly about: string;
  /** Makes what both need; not measured. */
  prepare(long: boolean): Promise<Prepared> | Prepared;
}

export interface Prepared {
  /** One round; returns the figure. */
  value(): Promise<number> | number;
  baseline(): Promise<number> | number;
  done?(): void;
}

/** A figure as `--json` prints it. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly baseline: number;
  readonly goal: number;
  readonly ok: boolean;
}

const ROUNDS = 5;

/**
 * Medians of five rounds after one that is thrown away, unless the bench says otherwise. Value and baseline take turns, so that
 * whatever else the machine does falls on both.
 */
export async function measure(bench: Bench, long: boolean): Promise<Figure> {
  const prepared = await bench.prepare(long);
  const values: number[] = [];
  const baselines: number[] = [];
  try {
    const rounds = bench.rounds ?? ROUNDS;
    for (let round = bench.rounds === undefined ? 0 : 1; round <= rounds; round++) {
      const value = await prepared.value();
      const baseline = await prepared.baseline();
      if (round === 0) continue;
      values.push(value);
      baselines.push(baseline);
    }
  } finally {
    prepared.done?.();
  }
  const { name, unit, better, goal } = bench;
  const value = median(values);
  const baseline = median(baselines);
  const ratio = value / baseline;
  const ok = better === 'higher' ? ratio >= goal : ratio <= goal;
  return { name, value, unit, better, baseline, goal, ok };
}

/** The middle of an odd number of figures. */
export function median(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[figures.length >> 1] as number;
}

/** Units of work a second. */
export function perSecond(units: number, work: () => void): number {
  const started = performance.now();
  work();
  return units / ((performance.now() - started) / 1000);
}

/** The same for work that takes its time elsewhere. */
export async function perSecondAsync(units: number, work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return units / ((performance.now() - started) / 1000);
}
