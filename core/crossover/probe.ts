/** The runs behind a crossover: figures of both sides at a size, in a sample. */
import type { CrossoverPoint, Sample, Side } from '../contract/crossover.ts';
import { LabError } from '../contract/errors.ts';
import type { RunResult } from '../contract/result.ts';
import type { RunScenario } from '../experiment/simulation.ts';
import { METRICS, TIE, type Metric } from '../ranking/rank.ts';
import { requestsAt, scenarioAt, type CrossoverQuestion } from './question.ts';
import { withValues } from './samples.ts';
import type { CurvePoint } from './search.ts';

/** How far it has come. */
export interface CrossoverProgress {
  readonly runs: number;
  /** Sample at work, from 1, of how many; 0 while the quantities that matter are looked for. */
  readonly sample: number;
  readonly samples: number;
  readonly bytes: number;
}

/** Runs of one question, each made once. */
export class Probe {
  /** Begun so far. */
  runs = 0;
  profiles: Readonly<Record<string, string>> = {};
  readonly #question: CrossoverQuestion;
  readonly #run: RunScenario;
  readonly #onProgress: (progress: CrossoverProgress) => void;
  /** By sample, then by side and size. */
  readonly #known = new Map<string, Map<string, number>>();
  #sample = 0;
  #samples = 0;
  #current: Sample | null = null;

  constructor(
    question: CrossoverQuestion,
    run: RunScenario,
    onProgress: (progress: CrossoverProgress) => void,
  ) {
    this.#question = question;
    this.#run = run;
    this.#onProgress = onProgress;
  }

  /** How many samples there will be, for progress. */
  expect(samples: number): void {
    this.#samples = samples;
  }

  /** The sample that is at work from now on. */
  next(sample: Sample): Sample {
    this.#sample++;
    this.#current = sample;
    return sample;
  }

  /** How far b is ahead of a at one size, as a share of the better one's value. */
  async gap(sample: Sample, bytes: number): Promise<number> {
    const a = this.#value(sample, 'a', bytes);
    const b = this.#value(sample, 'b', bytes);
    return gapOf(this.#question.metric, ...(await Promise.all([a, b])));
  }

  async #value(sample: Sample, side: Side, bytes: number): Promise<number> {
    const known = this.#of(sample);
    const key = `${side} ${bytes}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const { metric } = this.#question;
    const base = this.#question[side];
    this.#onProgress({
      runs: this.runs,
      sample: sample === this.#current ? this.#sample : 0,
      samples: this.#samples,
      bytes,
    });
    this.runs++;
    const result = await this.#run({
      ...withValues(scenarioAt(base, bytes), sample.values),
      seed: sample.seed,
    });
    if (sample.kind === 'given') this.profiles = { ...this.profiles, ...result.profiles };
    const value = METRICS[metric].of(result);
    if (value <= 0) throw nothingArrived(result);
    known.set(key, value);
    return value;
  }

  #of(sample: Sample): Map<string, number> {
    const key = JSON.stringify([sample.seed, sample.values]);
    const known = this.#known.get(key) ?? new Map<string, number>();
    this.#known.set(key, known);
    return known;
  }

  /** One size with what every sample that looked at it found; the first is the scenario as given. */
  point(
    { size: bytes, gap }: CurvePoint,
    onGrid: boolean,
    samples: readonly Sample[],
  ): CrossoverPoint {
    const all = samples.flatMap((sample) => {
      const a = this.#of(sample).get(`a ${bytes}`);
      const b = this.#of(sample).get(`b ${bytes}`);
      return a === undefined || b === undefined ? [] : [{ a, b }];
    });
    const range = (side: Side): readonly [number, number] => {
      const values = all.map((each) => each[side]);
      return [Math.min(...values), Math.max(...values)];
    };
    const winners = all.map(({ a, b }) => winnerOf(gapOf(this.#question.metric, a, b)));
    const { a, b } = all[0] as { a: number; b: number };
    return {
      bytes,
      requests: requestsAt(this.#question.a.requests, bytes),
      onGrid,
      a,
      b,
      difference: b - a,
      gap,
      winner: winnerOf(gap),
      aRange: range('a'),
      bRange: range('b'),
      ahead: {
        a: winners.filter((each) => each === 'a').length,
        b: winners.filter((each) => each === 'b').length,
        of: all.length,
      },
    };
  }
}

/** How far b is ahead of a, as a share of the better one's value. */
function gapOf(metric: Metric, a: number, b: number): number {
  return METRICS[metric].better === 'lower' ? (a - b) / Math.min(a, b) : (b - a) / Math.max(a, b);
}

const winnerOf = (gap: number): Side | 'tie' =>
  Math.abs(gap) <= TIE ? 'tie' : gap > 0 ? 'b' : 'a';

function nothingArrived({ strategy, payloadBytes }: RunResult): LabError {
  return new LabError(
    'BAD_SCENARIO',
    `no request of ${payloadBytes} bytes arrived by ${strategy}`,
    'crossover',
    'compare where both carry what they are given',
  );
}
