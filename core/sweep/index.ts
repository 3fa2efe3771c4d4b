/** A plan of a parameter study, turned into runs. */
export type { Axis, AxisValue } from './axes.ts';
export {
  expandInSlices,
  expandPlan,
  runAt,
  runId,
  type Expansion,
  type RunKey,
  type SweepRun,
} from './expand.ts';
export { identityOf, whereDiffer, type PlanIdentity } from './identity.ts';
export { parsePlan, planJsonSchema, type Plan } from './plan.ts';
export { parseShard, runsOfShard, type Shard } from './shard.ts';
