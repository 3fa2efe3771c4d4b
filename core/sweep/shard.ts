/** Which runs belong to which part of a batch. */
import { LabError } from '../contract/errors.ts';
import type { RunKey } from './expand.ts';

/** Part `index` (from 1) of `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

const SHARDS_MAX = 1_000_000;

/**
 * Reads `I/N`.
 *
 * @param where option that it came from, for the message
 * @throws LabError BAD_ARGUMENT
 */
export function parseShard(text: string, where = '--shard'): Shard {
  const [, index, count] = (/^(\d{1,7})\/(\d{1,7})$/.exec(text) ?? []).map(Number);
  if (index === undefined || count === undefined) {
    const what = `${JSON.stringify(text)} is no shard`;
    throw new LabError('BAD_ARGUMENT', what, where, 'write I/N, as 1/8 for the first of eight');
  }
  if (index < 1 || index > count || count > SHARDS_MAX) {
    const remedy = `count from 1 to the number of shards, at most ${SHARDS_MAX}`;
    throw new LabError('BAD_ARGUMENT', `there is no shard ${text}`, where, remedy);
  }
  return { index, count };
}

/**
 * The runs of one shard, in the order given. They are dealt in the order of their ids: every run is in
 * exactly one shard, whatever the order of the plan, and no shard has two runs more than another.
 */
export function runsOfShard(runs: readonly RunKey[], { index, count }: Shard): readonly RunKey[] {
  const sorted = runs.map((run) => run.id).sort();
  const mine = new Set(sorted.filter((_, rank) => rank % count === index - 1));
  return runs.filter((run) => mine.has(run.id));
}
