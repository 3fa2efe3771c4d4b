/**
 * A lab made of invented data, behind the same contract and the same message protocol as the real
 * one. For development and tests of the interface only: `?fake` in a development build.
 */
import {
  COUNT_KEYS,
  HAZARDS,
  HAZARD_IDS,
  HYPERVISOR_IDS,
  KINDS,
  LabError,
  SOC_IDS,
  STRATEGY_IDS,
  VERSION,
  createClient,
  fieldsOf,
  parseScenario,
  portPair,
  serve,
  type Counts,
  type Exposure,
  type HazardId,
  type ImportCounts,
  type LabHandlers,
  type LibraryEntry,
  type Pair,
  type RunResult,
  type Scenario,
  type TraceInfo,
  type TraceWindow,
} from '../../core/contract/index.ts';
import { FAKE_TRACKS, makeTrace, random, rowOf, type FakeEvent } from './fake-trace.ts';
import type { Connection } from './types.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const trace = makeTrace(900, 7);
const last = trace.events.reduce((end, event) => Math.max(end, event.ts + event.dur), 0);

function resultOf(scenario: Scenario): RunResult {
  const rand = random(
    [...`${scenario.strategy}${scenario.hypervisor}${scenario.soc}`].reduce(
      (hash, letter) => (hash * 31 + letter.charCodeAt(0)) >>> 0,
      7,
    ),
  );
  const arm = scenario.hypervisor.includes('arm') || scenario.soc.startsWith('cortex');
  const cpu = (0.55 + rand() * 0.5) * (arm ? 1.9 : 1) * scenario.payloadBytes;
  const exposed = scenario.strategy.includes('copy') ? 0 : rand() * 40;
  const exposure = (scale: number): Exposure => ({
    heldByteSeconds: exposed * scale * 300,
    obtainableByteSeconds: 1e9,
    standingBytes: scenario.strategy === 'map-all-memory' ? 2 ** 30 : 0,
    granuleByteSeconds: exposed * scale * 20,
    staleByteSeconds: exposed * scale * 4,
  });
  return {
    file: null,
    status: 'complete',
    fingerprint: '8f3a1c07d2e4b519',
    strategy: scenario.strategy,
    hypervisor: scenario.hypervisor,
    soc: scenario.soc,
    workload: scenario.workload,
    topology: scenario.topology,
    pair:
      scenario.hypervisor.startsWith('kvm') && scenario.strategy.startsWith('grant')
        ? 'hypothetical'
        : 'native',
    pairReason: scenario.hypervisor.startsWith('kvm') ? 'KVM has no grant tables' : '',
    seed: scenario.seed,
    payloadBytes: scenario.payloadBytes,
    hostDma: 'lazy',
    events: 312_000,
    requests: scenario.requests,
    simulatedNs: 9e7,
    warmupNs: 3e6,
    wallMs: 812,
    throughputGbps: (scenario.payloadBytes * 8) / cpu,
    requestsPerSecond: 1e9 / cpu,
    cpuNsPerRequest: { frontend: cpu * 0.3, backend: cpu * 0.45, hypervisor: cpu * 0.25 },
    cpuNsPerByte: {
      frontend: (cpu * 0.3) / scenario.payloadBytes,
      backend: (cpu * 0.45) / scenario.payloadBytes,
      hypervisor: (cpu * 0.25) / scenario.payloadBytes,
    },
    busy: { 'backend CPU 0': 0.97, 'frontend vCPU 0': 0.61 },
    steady: true,
    bottleneck: 'backend CPU 0',
    latencyNs: {
      p50: 28_900,
      p90: 39_000,
      p99: 44_600 * (0.7 + rand()),
      p999: 61_000,
      max: 80_000,
    },
    waitNs: { maptrack: 91 },
    counts: Object.fromEntries(
      COUNT_KEYS.map((key) => [key, Math.round(rand() * 90_000)]),
    ) as Counts,
    batch: {},
    copiedBytes: scenario.payloadBytes * scenario.requests,
    memoryBytes: { backend: 1 << 20 },
    pinnedPagesMax: 512,
    hitRate: { iotlb: 0.91, walkCache: 0.98, ddio: null },
    exposure: { backend: exposure(1), device: exposure(0.3) },
    windowsNs: { p50: 12_000, p99: 31_000, max: 80_000 },
    hazards: Object.fromEntries(
      HAZARD_IDS.map((id) => [id, id === 'H6' ? null : exposed > 25 && id < 'H5' ? 40 : 0]),
    ) as Record<HazardId, number | null>,
    wrongDataOnWire: 0,
    dropped: 0,
    dirtyPages: null,
    profiles: { [scenario.soc]: 'a90c71', [scenario.hypervisor]: '5e19c4' },
    scenarioHash: '41be09c2',
    version: VERSION,
  };
}

const base = { hazards: null, importCounts: null, problem: null, origin: 'user' as const };
const activity = (seed: number) => {
  const rand = random(seed);
  return Array.from({ length: 48 }, () => Math.round(40 + rand() * 60));
};
let entries: LibraryEntry[] = STRATEGY_IDS.slice(0, 12).map((strategy, index) => ({
  ...base,
  id: `t${index}`,
  name: `net-tx 64 KiB, ${strategy}`,
  file: `library/${strategy}.mctrace`,
  kind: index === 8 ? 'interrupted' : index === 4 ? 'imported' : 'simulated',
  status: index === 8 ? 'incomplete' : index === 4 ? 'imported' : 'complete',
  origin: index < 2 ? 'sample' : 'user',
  strategy: index === 4 ? null : strategy,
  hypervisor: index === 4 ? null : 'xen-pv-dom0',
  soc: index === 4 ? null : 'xeon-2020',
  workload: index === 4 ? null : 'net-tx',
  pair: index === 4 ? null : 'native',
  events: trace.events.length,
  requests: index === 4 ? 0 : 900,
  spanNs: last / 1000,
  sizeBytes: 3_100_000 + index * 917_000,
  recordedAt: `2026-05-${String(10 + index)}T12:00:00Z`,
  hazards:
    index === 4 ? null : { H1: 0, H3: index % 3, H4: index % 4 === 0 ? 45_452 : 0, H6: null },
  activity: activity(index),
  importCounts: index === 4 ? countsOf(0) : null,
  problem: index === 10 ? 'format 7 is newer than this version reads (1)' : null,
}));

function countsOf(warningsTotal: number): ImportCounts {
  return {
    format: 'ftrace',
    lines: 48_213,
    events: 47_902,
    typed: 31_004,
    generic: 12_870,
    raw: 4028,
    skipped: 311 - warningsTotal,
    warnings: Array.from({ length: Math.min(3, warningsTotal) }, (_, line) => ({
      line: 9140 + line,
      reason: line === 1 ? 'event without a format line' : 'clock went back on CPU 3',
    })),
    warningsTotal,
  };
}

const find = (id: string): LibraryEntry => {
  const entry = entries.find((each) => each.id === id);
  if (entry === undefined)
    throw new LabError('NOT_FOUND', 'there is no such trace', id, 'choose another');
  return entry;
};

function infoOf(entry: LibraryEntry): TraceInfo {
  const tally = new Map<number, number>();
  for (const event of trace.events) tally.set(event.kind, (tally.get(event.kind) ?? 0) + 1);
  const scenario = parseScenario({ strategy: entry.strategy ?? 'grant-map' });
  return {
    id: entry.id,
    name: entry.name,
    kind: entry.kind,
    status: entry.status,
    tickPs: 1,
    firstTick: 0,
    lastTick: last,
    events: trace.events.length,
    requests: trace.requests.length,
    tracks: FAKE_TRACKS.map((track) => ({
      ...track,
      events: trace.events.filter((event) => event.track === track.id).length,
    })),
    kinds: KINDS.filter((kind) => tally.has(kind.code)).map((kind) => ({
      ...kind,
      events: tally.get(kind.code) ?? 0,
    })),
    counters: [{ id: 1, name: 'Tx ring', unit: 'slots', max: 24 }],
    exposure: resultOf(scenario).exposure,
    hazardsTotal: trace.hazards.length,
    provenance: {
      fingerprint: '8f3a1c07d2e4b519',
      scenario_hash: '41be09c2',
      seed: '7',
      program: 'mapcopy 0.1.0',
    },
    scenario,
    result: resultOf(scenario),
    importCounts: entry.importCounts,
  };
}

function windowOf(from: number, to: number, buckets: number, maxEvents: number): TraceWindow {
  const inside = trace.events.filter((event) => event.ts <= to && event.ts + event.dur >= from);
  if (inside.length <= maxEvents)
    return columns(
      'events',
      inside,
      inside.map(() => 1),
    );
  const width = (to - from) / buckets;
  const merged = new Map<string, FakeEvent & { count: number; busy: number }>();
  for (const event of inside) {
    const bucket = Math.floor((event.ts - from) / width);
    const key = `${bucket} ${event.track} ${event.kind}`;
    const old = merged.get(key);
    if (old === undefined) {
      const ts = from + bucket * width;
      merged.set(key, { ...event, ts, request: 0, count: 1, busy: event.dur, dur: width });
    } else {
      old.count += 1;
      old.busy += event.dur;
    }
  }
  const list = [...merged.values()];
  return {
    ...columns(
      'summary',
      list,
      list.map((each) => each.count),
    ),
    busy: list.map((each) => each.busy),
  };
}

function columns(mode: TraceWindow['mode'], list: readonly FakeEvent[], n: number[]): TraceWindow {
  return {
    mode,
    id: list.map((each) => each.id),
    ts: list.map((each) => each.ts),
    dur: list.map((each) => each.dur),
    kind: list.map((each) => each.kind),
    track: list.map((each) => each.track),
    level: list.map((each) => (mode === 'events' ? each.level : 0)),
    request: list.map((each) => each.request),
    n,
    busy: list.map((each) => each.dur),
  };
}

const eventAt = (id: number): FakeEvent => {
  const event = trace.events[id - 1];
  if (event === undefined)
    throw new LabError('NOT_FOUND', 'no such event', String(id), 'choose another');
  return event;
};
const contains = (outer: FakeEvent, inner: FakeEvent) =>
  outer.track === inner.track &&
  outer.level < inner.level &&
  outer.ts <= inner.ts &&
  outer.ts + outer.dur >= inner.ts + inner.dur;

const ARM = new Set(['neoverse-n1', 'kunpeng-920', 'cortex-a72', 'cortex-a53']);
const handlers: LabHandlers = {
  'lab.about': () => ({ version: VERSION, node: '24', sqlite: '3.50', library: 'invented data' }),
  'catalogue.list': ({ what }) => {
    const ids = {
      strategies: STRATEGY_IDS.slice(0, 14),
      hypervisors: HYPERVISOR_IDS,
      socs: SOC_IDS,
      workloads: ['net-tx'],
      hazards: Object.keys(HAZARDS),
      fields: [],
    }[what];
    return ids.map((id) => ({
      id,
      name: id,
      arch: ARM.has(id) || id.includes('-arm-') ? 'arm' : 'x86',
    }));
  },
  'catalogue.fields': () => fieldsOf(),
  'experiment.pairs': ({ strategies, hypervisors, socs }) => {
    const pairs: Pair[] = [];
    for (const hypervisor of hypervisors)
      for (const soc of socs)
        for (const strategy of strategies) {
          const wrong =
            !hypervisor.startsWith('kvm') && hypervisor.includes('-arm-') !== ARM.has(soc);
          const odd = hypervisor.startsWith('kvm') && strategy.startsWith('grant');
          pairs.push({
            strategy,
            hypervisor,
            soc,
            status: wrong ? 'refused' : odd ? 'hypothetical' : 'native',
            reason: wrong
              ? `${hypervisor} does not run on ${soc}`
              : odd
                ? 'KVM has no grant tables'
                : '',
          });
        }
    return pairs;
  },
  'experiment.run': async ({ scenario, record }, { progress, signal }) => {
    for (let done = 0; done < 10; done += 1) {
      await pause(60);
      if (signal.aborted)
        throw new LabError('CANCELLED', 'the run was cancelled', '', 'run it again');
      progress({
        done: (scenario.requests * done) / 10,
        total: scenario.requests,
        events: done * 3e4,
        simulatedNs: done * 1e6,
      });
    }
    return { ...resultOf(scenario), trace: record ? 't0' : null };
  },
  'library.list': async () => {
    await pause(200);
    return entries;
  },
  'library.import': async ({ source }, { progress, signal }) => {
    for (let done = 0; done <= 20; done += 1) {
      await pause(80);
      if (signal.aborted)
        throw new LabError('CANCELLED', 'the import was cancelled', '', 'choose the file again');
      progress({ bytesDone: done * 5e5, bytesTotal: 1e7, events: done * 2000 });
    }
    const name = source.kind === 'path' ? source.path : source.name;
    const entry: LibraryEntry = {
      ...find('t4'),
      id: `i${entries.length}`,
      name,
      importCounts: countsOf(311),
    };
    entries = [entry, ...entries];
    return { entry, counts: entry.importCounts };
  },
  'library.remove': ({ trace: id }) => {
    entries = entries.filter((each) => each.id !== id);
    return null;
  },
  'library.rename': ({ trace: id, name }) => {
    entries = entries.map((each) => (each.id === id ? { ...each, name } : each));
    return find(id);
  },
  'trace.open': async ({ trace: id }) => {
    await pause(150);
    return infoOf(find(id));
  },
  'trace.window': async ({ from, to, buckets, maxEvents }) => {
    await pause(30);
    return windowOf(from, to, buckets, maxEvents);
  },
  'trace.counters': ({ from, to }) => {
    const inside = trace.ring.filter(([ts]) => ts >= from && ts <= to).slice(0, 5000);
    const values = inside.map(([, value]) => value);
    return [{ counter: 1, ts: inside.map(([ts]) => ts), min: values, max: values, last: values }];
  },
  'trace.events': ({ first, limit }) =>
    trace.events.slice(Math.max(0, first - 1), first - 1 + limit).map(rowOf),
  'trace.event': ({ event: id }) => {
    const event = eventAt(id);
    const near = trace.events.slice(Math.max(0, id - 400), id + 400);
    return {
      event: rowOf(event),
      parents: near.filter((each) => contains(each, event)).map(rowOf),
      children: near.filter((each) => contains(event, each)).map(rowOf),
      details: {},
      source: null,
    };
  },
  'trace.at': ({ ts }) => ({
    event: trace.events.find((event) => event.ts >= ts)?.id ?? trace.events.length,
  }),
  'trace.request': ({ request: id }) => {
    const request = trace.requests[id - 1];
    if (request === undefined)
      throw new LabError('NOT_FOUND', 'no such request', String(id), 'choose another');
    return {
      request: {
        id,
        submitted: request.submitted,
        completed: request.completed,
        bytes: 45_056,
        firstEvent: request.first,
        lastEvent: request.last,
      },
      events: trace.events
        .slice(request.first - 1, request.last)
        .filter((event) => event.request === id)
        .map(rowOf),
      shared: [],
      truncated: false,
    };
  },
  'trace.hazards': ({ limit }) => trace.hazards.slice(0, limit),
};

export function connectFake(): Connection {
  const [near, far] = portPair();
  serve(far, handlers);
  return {
    client: createClient(near),
    native: {
      host: 'fake',
      sourceOf: (file) => Promise.resolve({ kind: 'path', path: file.name }),
    },
  };
}
