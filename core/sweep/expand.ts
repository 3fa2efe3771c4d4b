/** The runs of a plan. */
import { LabError } from '../contract/errors.ts';
import type { Scenario } from '../contract/scenario.ts';
import { canonicalJson, hashText } from '../engine/fingerprint.ts';
import { identify, type RunIdentity } from '../experiment/index.ts';
import type { AxisValue } from './axes.ts';
import { withChange } from './change.ts';
import { badPlan } from './issues.ts';
import type { Plan } from './plan.ts';

/** One run of a plan. */
export interface SweepRun {
  /** Place among the combinations of the plan, from 0. */
  readonly index: number;
  /** The value on each axis, by its name. */
  readonly values: Readonly<Record<string, AxisValue>>;
  readonly scenario: Scenario;
}

/** A run's id with its place in the plan. */
export interface RunKey {
  /** 16 hexadecimal digits, from the resolved scenario and the profiles that it uses. */
  readonly id: string;
  readonly index: number;
}

/** All that a plan asks for. */
export interface Expansion {
  readonly runs: readonly RunKey[];
  /** Profile id -> hash, of every run. */
  readonly profiles: Readonly<Record<string, string>>;
}

/** The combination at a place of the plan, or null when it is excluded. */
export function runAt(plan: Plan, index: number): SweepRun | null {
  const values: Record<string, AxisValue> = {};
  let { base: scenario } = plan;
  let rest = index;
  let below = plan.combinations;
  for (const { name, values: all, changes } of plan.axes) {
    below /= all.length;
    const at = Math.floor(rest / below);
    rest %= below;
    values[name] = all[at] as AxisValue;
    scenario = withChange(scenario, changes[at] ?? {});
  }
  const excluded = plan.exclusions.some((exclusion) =>
    [...exclusion].every(([name, some]) => some.includes(values[name] as AxisValue)),
  );
  return excluded ? null : { index, values, scenario };
}

/** The id of the run of a scenario: the same wherever and in whatever plan it stands. */
export function runId(identity: RunIdentity): string {
  return hashText(canonicalJson(identity));
}

/** Combinations between two pauses of an expansion. */
const SLICE = 500;

/**
 * Every run of a plan, in its order. A large plan takes a while: a host may do other things at each
 * pause, which says how many combinations have been looked at.
 *
 * @throws LabError BAD_PLAN when none is left, or when different profiles have the same id
 */
export function* expandInSlices(plan: Plan, where = 'plan'): Generator<number, Expansion> {
  const runs: RunKey[] = [];
  const profiles: Record<string, string> = {};
  const seen = new Set<string>();
  for (let index = 0; index < plan.combinations; index++) {
    if (index % SLICE === 0) yield index;
    const run = runAt(plan, index);
    if (run === null) continue;
    const identity = identify(run.scenario);
    for (const [id, hash] of Object.entries(identity.profiles)) {
      if ((profiles[id] ??= hash) === hash) continue;
      const remedy = 'give each profile an id of its own';
      throw badPlan(`two profiles have the id ${id}`, `${where}: variants`, remedy);
    }
    const id = runId(identity);
    if (seen.has(id)) {
      const what = `two different runs have the id ${id}`;
      throw new LabError('INTERNAL', what, where, 'split the plan; this is a hash collision');
    }
    seen.add(id);
    runs.push({ id, index });
  }
  if (runs.length === 0) {
    throw badPlan('every combination is excluded', `${where}: exclude`, 'exclude less');
  }
  return { runs, profiles };
}

/** `expandInSlices` without pauses. */
export function expandPlan(plan: Plan, where?: string): Expansion {
  const slices = expandInSlices(plan, where);
  for (;;) {
    const { done, value } = slices.next();
    if (done === true) return value;
  }
}
