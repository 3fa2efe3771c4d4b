import { describe, expect, it } from 'vitest';
import { LabError } from '../contract/errors.ts';
import {
  expandPlan,
  identityOf,
  parsePlan,
  parseShard,
  runsOfShard,
  whereDiffer,
} from './index.ts';

const document = {
  axes: { strategy: ['grant-map', 'grant-copy', 'argo'], payloadBytes: [64, 1500, 65_536] },
  variants: { cpu: { one: { backend: { cpus: 1 } }, four: { backend: { cpus: 4 } } } },
  seeds: { from: 1, count: 3 },
  exclude: [{ strategy: 'argo', payloadBytes: [64, 1500] }],
};
/** The same runs, written in another order. */
const reordered = {
  exclude: [{ payloadBytes: [1500, 64], strategy: ['argo'] }],
  seeds: [3, 1, 2],
  variants: { cpu: { four: { backend: { cpus: 4 } }, one: { backend: { cpus: 1 } } } },
  axes: { payloadBytes: [65_536, 64, 1500], strategy: ['argo', 'grant-copy', 'grant-map'] },
};
const plan = parsePlan(document);
const ids = (doc: unknown) => expandPlan(parsePlan(doc)).runs.map(({ id }) => id);

describe('a shard', () => {
  it.each(['', '1', '0/3', '4/3', '-1/3', '1/0', '1/3/5', 'a/b', '1 / 3', '1.5/3'])(
    '%j is none',
    (text) => {
      expect(() => parseShard(text)).toThrow(LabError);
    },
  );

  it('is read', () => expect(parseShard('3/20')).toEqual({ index: 3, count: 20 }));

  it.each([1, 2, 3, 7, 42, 100])('of %i: every run is in exactly one', (count) => {
    const { runs } = expandPlan(plan);
    const shards = Array.from({ length: count }, (_, i) =>
      runsOfShard(runs, { index: i + 1, count }).map(({ id }) => id),
    );
    expect(shards.flat().sort()).toEqual(runs.map(({ id }) => id).sort());
    const sizes = shards.map((each) => each.length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });

  it('holds the same runs whatever the order of the plan', () => {
    const of = (doc: unknown) =>
      runsOfShard(expandPlan(parsePlan(doc)).runs, { index: 2, count: 5 }).map(({ id }) => id);
    expect(of(reordered).sort()).toEqual(of(document).sort());
    expect(of(reordered)).not.toEqual(of(document));
  });
});

describe('an id', () => {
  it('is one for each run, the same each time and in each order', () => {
    expect(ids(document)).toHaveLength(42);
    expect(new Set(ids(document)).size).toBe(42);
    expect(ids(document)).toEqual(ids(document));
    expect(ids(reordered).sort()).toEqual(ids(document).sort());
  });

  it('is the same in whatever plan the scenario stands', () => {
    const [alone] = ids({
      base: { strategy: 'argo', payloadBytes: 65_536, backend: { cpus: 4 } },
      seeds: [2],
    });
    expect(ids(document)).toContain(alone);
  });

  it('changes with any field and with any number of a profile', () => {
    const soc = (quantities: object) => ({
      profiles: {
        soc: { format: 1, kind: 'soc', id: 'mine', name: 'M', base: 'xeon-2020', quantities },
      },
    });
    const all = [{}, { seed: 2 }, { net: { tso: false } }, soc({}), soc({ llcWays: 12 })].map(
      (base) => ids({ base })[0],
    );
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('two plans', () => {
  const identity = (doc: unknown) => identityOf(parsePlan(doc));

  it('are the same in whatever order they are written', () => {
    expect(whereDiffer(identity(document), identity(reordered))).toEqual([]);
  });

  it.each<[object, string[]]>([
    [{ base: { requests: 5 } }, ['base.requests']],
    [{ seeds: [1, 2] }, ['axes.seed']],
    [{ variants: {} }, ['axes.cpu']],
    [{ exclude: [] }, ['exclude']],
    [{ record: 'all' }, ['record']],
  ])('that differ in %j are told apart', (change, where) => {
    const other = identity({ ...document, ...change });
    expect(whereDiffer(identity(document), other)).toEqual(where);
  });
});
