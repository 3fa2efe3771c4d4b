/** Wrong plans first: each names its file, its field and the remedy. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LabError } from '../contract/errors.ts';
import { parseScenario } from '../contract/scenario.ts';
import { expandPlan, parsePlan, planJsonSchema, runAt } from './index.ts';

const lineOf = (document: unknown): string => {
  try {
    expandPlan(parsePlan(document, 'p.json'), 'p.json');
  } catch (error) {
    if (error instanceof LabError) return error.line;
    throw error;
  }
  return 'no error';
};

const soc = (more: object = {}) => ({
  format: 1,
  kind: 'soc',
  id: 'mine',
  name: 'Mine',
  base: 'xeon-2020',
  ...more,
});
const two = { payloadBytes: [64, 128] };

describe('a wrong plan', () => {
  it.each<[unknown, string, string, string]>([
    [null, 'BAD_PLAN', 'whole document', 'write {...}'],
    [{ axis: {} }, 'BAD_PLAN', 'p.json: axis', 'did you mean axes?'],
    [{ format: 2 }, 'BAD_PLAN', 'p.json: format', 'say 1'],
    [{ name: 3 }, 'BAD_PLAN', 'p.json: name', 'at most 200 characters'],
    [{ record: 'some' }, 'BAD_PLAN', 'p.json: record', 'say none or all'],
    [{ base: [] }, 'BAD_PLAN', 'p.json: base', 'write {...}'],
    [{ base: 3 }, 'BAD_PLAN', 'p.json: base', 'write {...}'],
    [{ base: { strategi: 1 } }, 'BAD_SCENARIO', 'p.json: base.strategi', 'did you mean strategy?'],
    [{ base: { strategy: 'grant-mop' } }, 'UNKNOWN_ID', 'base.strategy', 'did you mean grant-map?'],
    [{ base: { backend: { cups: 1 } } }, 'BAD_SCENARIO', 'base.backend.cups', 'mean backend.cpus?'],
    [{ base: { requests: 0 } }, 'BAD_SCENARIO', 'p.json: base.requests', 'from 1 to 100000000'],
    [{ axes: [1] }, 'BAD_PLAN', 'p.json: axes', 'write {...}'],
    [{ axes: { paylodBytes: [64] } }, 'BAD_PLAN', 'axes.paylodBytes', 'did you mean payloadBytes?'],
    [{ axes: { backend: [1] } }, 'BAD_PLAN', 'p.json: axes.backend', 'backend.cpus'],
    [{ axes: { 'profiles.soc': [soc()] } }, 'BAD_PLAN', 'axes.profiles.soc', 'under variants'],
    [{ axes: { payloadBytes: 64 } }, 'BAD_PLAN', 'axes.payloadBytes', '"payloadBytes": [...]'],
    [{ axes: { payloadBytes: [] } }, 'BAD_PLAN', 'axes.payloadBytes', 'give a value, or remove'],
    [{ axes: { payloadBytes: [64, 1] } }, 'BAD_SCENARIO', 'payloadBytes[1]', 'from 64 to 4194304'],
    [{ axes: { strategy: ['grant-mop'] } }, 'UNKNOWN_ID', 'axes.strategy[0]', 'mean grant-map?'],
    [{ axes: { 'net.tso': ['yes'] } }, 'BAD_SCENARIO', 'axes.net.tso[0]', 'list fields'],
    [{ axes: { payloadBytes: [64, 64] } }, 'BAD_PLAN', '64 is there twice', 'keep one'],
    [{ axes: { seed: [1] }, seeds: [2] }, 'BAD_PLAN', 'two axes change seed', 'one axis alone'],
    [
      { axes: { soc: ['xeon-2012'] }, base: { profiles: { soc: soc() } } },
      'BAD_PLAN',
      'axes.soc',
      'remove base.profiles.soc',
    ],
    [{ variants: { 'a b': { x: {} } } }, 'BAD_PLAN', 'p.json: variants.a b', 'begin with a letter'],
    [{ variants: { a: 1 } }, 'BAD_PLAN', 'p.json: variants.a', 'write {'],
    [{ variants: { a: {} } }, 'BAD_PLAN', 'p.json: variants.a', 'add one'],
    [{ variants: { a: { x: 1 } } }, 'BAD_PLAN', 'p.json: variants.a.x', 'differs from the base'],
    [{ variants: { seed: { x: {} } } }, 'BAD_PLAN', 'variants.seed', 'another name'],
    [
      { variants: { a: { x: { blk: { dept: 1 } } } } },
      'BAD_SCENARIO',
      'a.x.blk.dept',
      'blk.depth?',
    ],
    [{ variants: { a: { x: {}, y: { seed: 1 } } } }, 'BAD_PLAN', 'same scenario', 'keep one'],
    [
      { axes: two, variants: { a: { x: { payloadBytes: 1 } } } },
      'BAD_SCENARIO',
      'a.x.payloadBytes',
      '64',
    ],
    [
      { axes: two, variants: { a: { x: { payloadBytes: 99 } } } },
      'BAD_PLAN',
      'payloadBytes and a',
      'one axis',
    ],
    [
      { variants: { a: { x: { profiles: { soc: soc({ quantities: { hz: 1 } }) } } } } },
      'BAD_PROFILE',
      'variants.a.x.profiles.soc',
      'remove quantities.hz',
    ],
    [
      { base: { profiles: { hypervisor: soc() } } },
      'BAD_PLAN',
      'profiles.hypervisor: kind',
      'a hypervisor’s',
    ],
    [{ seeds: [] }, 'BAD_PLAN', 'p.json: seeds', '[1, 2, 3]'],
    [{ seeds: [1.5] }, 'BAD_PLAN', 'p.json: seeds[0]', 'whole numbers'],
    [{ seeds: { from: 1 } }, 'BAD_PLAN', 'p.json: seeds', '{"from": 1, "count": 3}'],
    [{ seeds: { from: 4294967295, count: 2 } }, 'BAD_PLAN', 'p.json: seeds', 'begin lower'],
    [{ axes: two, seeds: { from: 1, count: 1e6 } }, 'BAD_PLAN', '2000000 combinations', 'split it'],
    [{ exclude: [{}] }, 'BAD_PLAN', 'p.json: exclude[0]', 'every run'],
    [
      { axes: two, exclude: [{ payloadByte: 64 }] },
      'BAD_PLAN',
      'exclude[0].payloadByte',
      'mean payloadBytes?',
    ],
    [{ axes: two, exclude: [{ payloadBytes: 65 }] }, 'BAD_PLAN', 'is never 65', '64, 128'],
    [
      { axes: two, exclude: [{ payloadBytes: [64, 128] }] },
      'BAD_PLAN',
      'p.json: exclude',
      'exclude less',
    ],
  ])('%j is %s', (document, code, where, remedy) => {
    const line = lineOf(document);
    expect(line).toMatch(new RegExp(`^error: ${code}: .*p\\.json`));
    expect(line).toContain(where);
    expect(line).toContain(remedy);
  });

  it('has two profiles of one id', () => {
    const own = (dmaCoherent: boolean) => ({ profiles: { soc: soc({ dmaCoherent }) } });
    const line = lineOf({ variants: { machine: { x: own(true), y: own(false) } } });
    expect(line).toMatch(/^error: BAD_PLAN: two profiles have the id mine, p\.json: variants/);
  });
});

describe('a plan', () => {
  it('without anything is the default scenario', () => {
    const plan = parsePlan({});
    expect(expandPlan(plan).runs).toHaveLength(1);
    expect(runAt(plan, 0)).toEqual({ index: 0, values: {}, scenario: parseScenario({}) });
  });

  it('runs every combination in its order, the last axis fastest', () => {
    const plan = parsePlan({
      base: { requests: 10 },
      axes: { strategy: ['grant-map', 'grant-copy'], 'backend.cpus': [1, 4] },
      variants: { disk: { plain: {}, lossy: { blk: { lossPpm: 100 } } } },
      seeds: { from: 7, count: 2 },
    });
    const runs = Array.from({ length: plan.combinations }, (_, i) => runAt(plan, i));
    expect(runs.map((run) => Object.values(run?.values ?? {}).join(' ')).slice(0, 5)).toEqual([
      'grant-map 1 plain 7',
      'grant-map 1 plain 8',
      'grant-map 1 lossy 7',
      'grant-map 1 lossy 8',
      'grant-map 4 plain 7',
    ]);
    expect(runs).toHaveLength(16);
    expect(runs[15]?.scenario).toEqual(
      parseScenario({
        requests: 10,
        strategy: 'grant-copy',
        backend: { cpus: 4 },
        blk: { lossPpm: 100 },
        seed: 8,
      }),
    );
  });

  it('leaves a variant what the base says', () => {
    const base = { requests: 10, backend: { cpus: 7 }, profiles: { soc: soc() } };
    const plan = parsePlan({ base, variants: { a: { x: { backend: { memoryMiB: 64 } } } } });
    expect(runAt(plan, 0)?.scenario).toEqual(
      parseScenario({ ...base, backend: { cpus: 7, memoryMiB: 64 } }),
    );
  });

  it('replaces a profile as a whole', () => {
    const base = { profiles: { soc: soc({ dmaCoherent: false }) } };
    const plan = parsePlan({ base, variants: { a: { x: { profiles: { soc: soc() } }, y: {} } } });
    expect(runAt(plan, 0)?.scenario.profiles.soc).toEqual(soc());
    expect(runAt(plan, 1)?.scenario.profiles.soc).toEqual(soc({ dmaCoherent: false }));
  });

  it('leaves out what an entry fits in all of its parts, and nothing else', () => {
    const plan = parsePlan({
      axes: { strategy: ['grant-map', 'grant-copy'], payloadBytes: [64, 128, 256] },
      exclude: [
        { strategy: 'grant-map', payloadBytes: [64, 128] },
        { strategy: 'grant-copy', payloadBytes: 256 },
      ],
    });
    const left = expandPlan(plan).runs.map(({ index }) => runAt(plan, index)?.values);
    expect(left).toEqual([
      { strategy: 'grant-map', payloadBytes: 256 },
      { strategy: 'grant-copy', payloadBytes: 64 },
      { strategy: 'grant-copy', payloadBytes: 128 },
    ]);
  });

  it('is as the README writes it', () => {
    const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');
    const [, example = ''] = /```json\n([\s\S]*?)```/.exec(readme) ?? [];
    const plan = parsePlan(JSON.parse(example));
    expect(plan.combinations).toBe(2 * 3 * 2 * 2 * 5);
    expect(expandPlan(plan).runs).toHaveLength(plan.combinations - 2 * 5);
  });

  it('has a schema that says what may be varied', () => {
    const schema = planJsonSchema() as {
      properties: { axes: { properties: Record<string, { items: { minimum: number } }> } };
    };
    expect(schema.properties.axes.properties['backend.cpus']?.items.minimum).toBe(1);
    expect(Object.keys(schema.properties)).toContain('variants');
  });
});
