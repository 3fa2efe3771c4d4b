import { describe, expect, it } from 'vitest';
import { LabError } from '../contract/errors.ts';
import type { RunResult } from '../contract/result.ts';
import { parseScenario, type Scenario, type ScenarioInput } from '../contract/scenario.ts';
import { RandomSource } from '../engine/random.ts';
import { prepareRun } from '../experiment/index.ts';
import { profilesOf } from '../experiment/profiles.ts';
import { HYPERVISORS, socOf, SOCS } from '../machine/index.ts';
import { crossover, type CrossoverProgress, type CrossoverQuestion } from './index.ts';
import { cautionOf, requestsAt } from './question.ts';
import { latinHypercube, variablesOf, withValues } from './samples.ts';

const PAIR = { a: 'grant-map', b: 'grant-copy' } as const;
const question = (
  changes: Partial<CrossoverQuestion> = {},
  a: ScenarioInput = {},
  b: ScenarioInput = a,
): CrossoverQuestion => ({
  a: parseScenario({ strategy: PAIR.a, requests: 100, ...a }),
  b: parseScenario({ strategy: PAIR.b, requests: 100, ...b }),
  metric: 'cpuPerByte',
  from: 64,
  to: 65_536,
  perDecade: 4,
  seeds: 1,
  samples: 0,
  ...changes,
});

/** CPU time for each byte by a formula: a costs 1000 ns a request, b what its bytes take to copy. */
const byFormula = (seen: Scenario[] = []) => {
  return (scenario: Scenario): Promise<RunResult> => {
    seen.push(scenario);
    const { soc } = profilesOf(scenario);
    const perByte = 1 / soc.quantities.copyColdRate.value;
    const own = scenario.strategy === PAIR.a ? 1000 / scenario.payloadBytes : perByte;
    const result = { cpuNsPerByte: { backend: own }, throughputGbps: 8 / own, profiles: {} };
    return Promise.resolve(result as unknown as RunResult);
  };
};

const really = (scenario: Scenario): Promise<RunResult> => {
  const simulation = prepareRun(scenario, null);
  while (simulation.step(10_000));
  return Promise.resolve(simulation.finish());
};

const refusal = async (asked: CrossoverQuestion): Promise<string> => {
  try {
    await crossover(asked, byFormula());
  } catch (thrown) {
    if (thrown instanceof LabError) return thrown.line;
    throw thrown;
  }
  return 'accepted';
};

describe('what cannot be compared', () => {
  it.each<[string, CrossoverQuestion, string]>([
    ['two topologies', question({}, {}, { topology: 'assigned' }), 'differ in topology'],
    ['two machines', question({}, {}, { soc: 'epyc-2020' }), 'differ in soc'],
    ['two workloads', question({}, {}, { workload: 'net-rx' }), 'differ in workload'],
    ['a thing and itself', question({}, {}, { strategy: 'grant-map' }), 'are the same'],
    ['a GPU', question({}, { workload: 'gpu-gtt' }), 'workload, use a net- or a blk- workload'],
    ['IMIX', question({}, { net: { sizes: 'imix' } }), 'leave net.sizes at fixed'],
    ['no size', question({ from: 63 }), 'from, give a whole number from 64 to 65536'],
    ['half a byte', question({ from: 64.5 }), '64.5 is no size of net-tx'],
    ['too large a packet', question({ to: 65_537 }), '65537 is no size of net-tx'],
    ['half a sector', question({ to: 5000 }, { workload: 'blk-read' }), 'no size of blk-read'],
    ['a range backwards', question({ from: 4096, to: 64 }), 'give from < to'],
    ['no seed', question({ seeds: 0 }), 'seeds is 0'],
    ['too fine a grid', question({ perDecade: 101 }), 'from 1 to 100'],
    ['too many samples', question({ samples: 1001 }), 'from 0 to 1000'],
  ])('%s is refused', async (_, asked, words) => {
    const line = await refusal(asked);
    expect(line).toMatch(/^error: BAD_ARGUMENT: /);
    expect(line).toContain(words);
  });

  it('a pair that does not exist is refused before anything runs', async () => {
    const line = await refusal(question({}, { topology: 'assigned' }));
    expect(line).toMatch(/^error: REFUSED_PAIR: grant-map carries payload/);
  });

  it('a strategy that carries nothing is refused, not declared the cheapest', async () => {
    const nothing = () => Promise.resolve({ cpuNsPerByte: {}, strategy: 'x' } as RunResult);
    await expect(crossover(question(), nothing)).rejects.toThrow('no request');
  });
});

describe('a crossover', () => {
  it('without samples is that of the profiles as they are', async () => {
    const found = await crossover(question(), byFormula());
    expect(found.verdict).toBe('crosses');
    expect(found.crossings).toHaveLength(1);
    // xeon-2020 copies 9 GB/s: 1000 ns are 9000 bytes.
    const [crossing] = found.crossings;
    expect(crossing?.low).toBeLessThanOrEqual(9000);
    expect(crossing?.high).toBeGreaterThanOrEqual(9000);
    expect(crossing).toMatchObject({ from: 'b', to: 'a', share: 1, given: true });
    expect(found.samples).toHaveLength(1);
    expect(found.dependsOn).toEqual([]);
  });

  it('by throughput is the same the other way round', async () => {
    const found = await crossover(question({ metric: 'throughput' }), byFormula());
    expect(found).toMatchObject({ verdict: 'crosses', better: 'higher', unit: 'Gb/s' });
    expect(found.crossings[0]).toMatchObject({ from: 'b', to: 'a' });
  });

  it('with samples has an interval that holds both ends of what it turns on, and names it', async () => {
    const found = await crossover(question({ samples: 4, seeds: 2 }), byFormula());
    const { low, high } = socOf('xeon-2020').quantities.copyColdRate;
    expect(found.crossings[0]?.low).toBeLessThanOrEqual(1000 * low);
    expect(found.crossings[0]?.high).toBeGreaterThanOrEqual(1000 * high);
    expect(found.dependsOn.map(({ quantity }) => quantity)).toEqual(['soc.copyColdRate']);
    expect(found.samples.map(({ kind }) => kind)).toEqual([
      ...['given', 'seed', 'ranges', 'ranges', 'ranges', 'ranges'],
      ...['low', 'high'],
    ]);
  });

  it('gives both sides the same seed, machine and number of requests', async () => {
    const seen: Scenario[] = [];
    await crossover(question({ samples: 3, seeds: 2, perDecade: 1 }), byFormula(seen));
    const sides = (strategy: string) =>
      seen
        .filter((each) => each.strategy === strategy)
        .map(({ strategy: _, ...rest }) => JSON.stringify(rest));
    expect(new Set(sides(PAIR.a)).size).toBe(sides(PAIR.a).length);
    expect(sides(PAIR.b)).toEqual(sides(PAIR.a));
  });

  it('says of each size who is ahead, and in how many samples', async () => {
    const found = await crossover(question({ seeds: 3 }), byFormula());
    const first = found.points[0];
    expect(first).toMatchObject({ bytes: 64, winner: 'b', ahead: { a: 0, b: 3, of: 3 } });
    expect(first?.difference).toBeCloseTo((first?.b ?? 0) - (first?.a ?? 0));
    expect(found.points.at(-1)).toMatchObject({ bytes: 65_536, winner: 'a' });
    expect(found.runs).toBeGreaterThan(0);
  });

  it('tells its progress, run by run', async () => {
    const runs: number[] = [];
    const samples = new Set<number>();
    const onProgress = (progress: CrossoverProgress) => {
      runs.push(progress.runs);
      samples.add(progress.sample);
    };
    const found = await crossover(question({ samples: 2 }), byFormula(), { onProgress });
    expect(runs).toEqual(Array.from({ length: found.runs }, (_, i) => i));
    expect([...samples].sort((x, y) => x - y)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('answers the same whatever order its runs end in', async () => {
    const asked = question({ samples: 3, seeds: 2 });
    const one = byFormula();
    let under = 0;
    let most = 0;
    const late = async (scenario: Scenario): Promise<RunResult> => {
      under++;
      most = Math.max(most, under);
      for (let turns = scenario.payloadBytes % 7; turns >= 0; turns--) await Promise.resolve();
      under--;
      return one(scenario);
    };
    const found = await crossover(asked, late, { lanes: 5 });
    expect(most).toBe(5);
    expect(found).toEqual(await crossover(asked, one));
  });

  it('says after each sample what those done show', async () => {
    const parts: [done: number, of: number, verdict: string][] = [];
    const found = await crossover(question({ samples: 2 }), byFormula(), {
      onPartial: ({ found, samples }) => parts.push([found.samples.length, samples, found.verdict]),
    });
    expect(parts.map(([done]) => done)).toEqual(found.samples.map((_, i) => i + 1));
    expect(parts.at(-1)).toEqual([found.samples.length, found.samples.length, found.verdict]);
  });

  it('ends when a run does not', async () => {
    const error = new LabError('CANCELLED', 'the run was cancelled', '', '');
    await expect(crossover(question(), () => Promise.reject(error))).rejects.toThrow(error);
  });

  it('of two settings of one strategy calls them a and b', async () => {
    const strict = { strategy: 'grant-map', grants: { unmapPolicy: 'sync' } } as const;
    const asked = question({}, strict, { strategy: 'grant-map' });
    const found = await crossover(asked, ({ grants }) => {
      const cpuNsPerByte = { backend: grants.unmapPolicy === 'sync' ? 1 : 2 };
      return Promise.resolve({ cpuNsPerByte, profiles: {} } as unknown as RunResult);
    });
    expect([found.verdict, found.reason]).toEqual([
      'never',
      'grant-map (a) has the lower CPU time per byte at every size, in the one sample',
    ]);
  });
});

describe('a real pair', () => {
  it('changes places where a scan of many sizes does', async () => {
    const machine = { hypervisor: 'xen-hvm-driver-domain', frontend: { memoryMiB: 64 } } as const;
    const asked = question({ metric: 'throughput', to: 8192 }, machine, {
      ...machine,
      strategy: 'argo',
    });
    const found = await crossover(asked, really);
    const changes = [...found.crossings, ...found.withinTies];
    expect(found.crossings.map((each) => each.break)).toContain(128);
    const leaderAt = (bytes: number) =>
      found.points.filter((each) => each.bytes <= bytes && each.winner !== 'tie').at(-1)?.winner;
    for (let bytes = 64; bytes <= 8192; bytes = Math.floor(bytes * 1.13)) {
      if (changes.some(({ low, high }) => bytes >= low && bytes <= high)) continue;
      const run = async (scenario: Scenario) =>
        (await really({ ...scenario, payloadBytes: bytes })).throughputGbps;
      const [a, b] = [await run(asked.a), await run(asked.b)];
      if (Math.abs(a - b) <= 0.02 * Math.max(a, b)) continue;
      expect([bytes, a > b ? 'a' : 'b']).toEqual([bytes, leaderAt(bytes)]);
    }
  });
});

describe('requests', () => {
  it.each([
    [1000, 64, 1000],
    [1000, 65_536, 1000],
    [1000, 131_072, 500],
    [1000, 4_194_304, 200],
    [100, 4_194_304, 100],
  ])('%i at %i bytes are %i', (requests, bytes, expected) => {
    expect(requestsAt(requests, bytes)).toBe(expected);
  });
});

describe('a caution', () => {
  it.each<[string, ScenarioInput, boolean]>([
    ['few requests', { requests: 1000 }, true],
    ['enough requests', { requests: 1100 }, false],
    ['as many queues', { requests: 1100, net: { queues: 4 } }, true],
    ['a load that is offered', { requests: 100, arrival: { kind: 'poisson' } }, false],
    ['a disk', { requests: 1000, workload: 'blk-read' }, false],
    ['a deep queue and large blocks', { workload: 'blk-read', blk: { depth: 128 } }, true],
  ])('with %s', (_, input, expected) => {
    const to = input.workload === 'blk-read' ? 4_194_304 : 65_536;
    expect(cautionOf(question({ to }, input)) !== '').toBe(expected);
  });
});

describe('samples', () => {
  const places = HYPERVISORS.flatMap((hypervisor) =>
    SOCS.filter(({ arch }) => hypervisor.archs.includes(arch)).map(
      (soc) => [hypervisor.id, soc.id] as const,
    ),
  );

  it.each(places)('within the ranges of %s on %s are profiles that run', (hypervisor, soc) => {
    const scenario = parseScenario({ hypervisor, soc });
    const variables = variablesOf(scenario);
    const random = new RandomSource(1).stream('test');
    const ends = (['low', 'high'] as const).map((end) =>
      Object.fromEntries(variables.map(({ name, row }) => [name, row[end]])),
    );
    for (const values of [...latinHypercube(variables, 3, random), ...ends]) {
      expect(() => profilesOf(withValues(scenario, values))).not.toThrow();
    }
  });

  it('at the values that the profiles have change nothing', async () => {
    // kvm-vhost on neoverse-n1 has costs in ns where its architecture has cycles.
    for (const place of [{}, { hypervisor: 'kvm-vhost', soc: 'neoverse-n1' } as const]) {
      const scenario = parseScenario({ strategy: 'swiotlb-bounce', requests: 50, ...place });
      const values = variablesOf(scenario).map(({ name, row }) => [name, row.value] as const);
      const same = withValues(scenario, Object.fromEntries(values));
      expect((await really(same)).fingerprint).toBe((await really(scenario)).fingerprint);
    }
  });

  it('vary what a profile of the user’s own gives with a range, and leave what it states', () => {
    const soc = {
      format: 1,
      kind: 'soc',
      id: 'mine',
      name: 'Mine',
      base: 'xeon-2020',
      quantities: { hardirq: { value: 500, low: 400, high: 900 }, syscall: 77 },
    };
    const scenario = parseScenario({ profiles: { soc } });
    const names = variablesOf(scenario).map(({ name }) => name);
    expect(names).toContain('soc.hardirq');
    expect(names).not.toContain('soc.syscall');
    const { quantities } = profilesOf(withValues(scenario, { 'soc.hardirq': 900 })).soc;
    expect([quantities.hardirq.value, quantities.syscall.value]).toEqual([900, 77]);
  });

  it('have each part of each range once, and stay within it', () => {
    const variables = variablesOf(parseScenario({}));
    const samples = latinHypercube(variables, 5, new RandomSource(1).stream('test'));
    for (const { name, row } of variables) {
      const values = samples.map((sample) => sample[name] as number);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(row.low);
      expect(Math.max(...values)).toBeLessThanOrEqual(row.high);
      const above = values.filter((value) => value >= row.value).length;
      if (row.value > row.low && row.value < row.high) expect([2, 3]).toContain(above);
    }
  });

  it('leave cores, nodes and the link as stated', () => {
    const names = variablesOf(parseScenario({})).map(({ name }) => name);
    for (const stated of ['soc.cores', 'soc.nodes', 'soc.linkRate']) {
      expect(names).not.toContain(stated);
    }
  });

  it('never copy more slowly from the cache than from memory', () => {
    const scenario = parseScenario({});
    const { quantities } = profilesOf(
      withValues(scenario, { 'soc.copyColdRate': 11, 'soc.copyWarmRate': 8.5 }),
    ).soc;
    expect(quantities.copyWarmRate.value).toBe(11);
  });
});
