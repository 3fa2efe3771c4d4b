/** Points run and scored. */
import { exitStatusOf, LabError } from '../contract/errors.ts';
import { parseScenario } from '../contract/scenario.ts';
import type { RunScenario } from '../experiment/simulation.ts';
import { POINT_METRICS, type Point } from './point.ts';

const TOLERANCE = { ratio: 0.2, value: 0.35, order: 0 } as const;

/** A point with what the lab finds. */
export interface ScoredPoint {
  readonly id: string;
  readonly kind: Point['kind'];
  readonly what: string;
  readonly published: number;
  /** Null when it could not be run. */
  readonly simulated: number | null;
  /** What each scenario gave, in order. */
  readonly values: readonly number[];
  readonly unit: string;
  readonly tolerance: number;
  readonly pass: boolean;
  /** Why it fails, or that it could not be run. */
  readonly reason: string;
  readonly dependsOn: readonly string[];
  readonly source: string;
}

export interface Validation {
  readonly points: readonly ScoredPoint[];
  /** Of those of kind `validation`. */
  readonly passed: number;
  readonly total: number;
  /** Hash of each profile in use. */
  readonly profiles: Readonly<Record<string, string>>;
}

/** Runs every point, one after the other. @param onPoint told before each */
export async function validate(
  points: readonly Point[],
  run: RunScenario,
  onPoint: (id: string, index: number) => void = () => undefined,
): Promise<Validation> {
  const scored: ScoredPoint[] = [];
  const profiles: Record<string, string> = {};
  for (const [i, point] of points.entries()) {
    onPoint(point.id, i);
    scored.push(await score(point, run, profiles));
  }
  const counted = scored.filter((each) => each.kind === 'validation');
  return {
    points: scored,
    passed: counted.filter((each) => each.pass).length,
    total: counted.length,
    profiles,
  };
}

async function score(
  point: Point,
  run: RunScenario,
  profiles: Record<string, string>,
): Promise<ScoredPoint> {
  const { id, kind, what, published, measure, metric, dependsOn, source, lacks } = point;
  const tolerance = point.tolerance ?? TOLERANCE[measure];
  const unit = measure === 'value' ? POINT_METRICS[metric].unit : measure;
  const base = { id, kind, what, published, unit, tolerance, dependsOn, source };
  const values: number[] = [];
  try {
    for (const input of point.scenarios) {
      const result = await run(parseScenario(input, `${id}: scenarios`));
      Object.assign(profiles, result.profiles);
      if (!result.steady) {
        const reason = 'a run of it reached no steady state: give it more requests';
        return { ...base, simulated: null, values, pass: false, reason };
      }
      values.push(POINT_METRICS[metric].of(result));
    }
  } catch (thrown) {
    const reason = whyNotRun(thrown);
    return { ...base, simulated: null, values, pass: false, reason };
  }
  const simulated = simulatedOf(measure, values);
  const pass =
    measure === 'order'
      ? simulated === 1
      : Math.abs(simulated - published) <= tolerance * Math.abs(published);
  return { ...base, simulated, values, pass, reason: pass ? '' : lacks };
}

/**
 * Why a scenario cannot be run, for a table that goes on without it. What is no finding about the
 * scenario (the user has cancelled, the lab is at fault) is thrown again.
 */
export function whyNotRun(thrown: unknown): string {
  if (!(thrown instanceof LabError) || exitStatusOf(thrown.data.code) === 1) throw thrown;
  return `cannot be run: ${thrown.data.what}`;
}

function simulatedOf(measure: Point['measure'], values: readonly number[]): number {
  const [first = 0, second = 1] = values;
  if (measure === 'value') return first;
  if (measure === 'ratio') return first / second;
  return values.every((value, i) => i === 0 || value < (values[i - 1] as number)) ? 1 : 0;
}
