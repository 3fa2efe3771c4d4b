/** A made-up trace with the shape of a real one: for working on the interface without a lab. */
import { K, kindOf, type EventRow, type HazardRow } from '../../core/contract/index.ts';

export interface FakeEvent {
  id: number;
  ts: number;
  dur: number;
  kind: number;
  track: number;
  level: number;
  request: number;
  bytes: number | null;
  n: number | null;
  frame: number | null;
}

export interface FakeTrace {
  readonly events: readonly FakeEvent[];
  readonly hazards: readonly HazardRow[];
  readonly requests: readonly {
    submitted: number;
    completed: number;
    first: number;
    last: number;
  }[];
  readonly ring: readonly (readonly [number, number])[];
}

export const FAKE_TRACKS = [
  { id: 1, name: 'Frontend', detail: 'vCPU 0', actor: 'frontend', levels: 2 },
  { id: 2, name: 'Backend', detail: 'CPU 0', actor: 'backend', levels: 3 },
  { id: 3, name: 'Backend', detail: 'CPU 1', actor: 'backend', levels: 3 },
  { id: 4, name: 'IOMMU', detail: 'walks, invalidation queue', actor: 'iommu', levels: 2 },
  { id: 5, name: 'NIC', detail: 'DMA engine', actor: 'device', levels: 2 },
] as const;

export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A pipeline of frontend, backend, device and completion, with `count` requests through it. */
export function makeTrace(count: number, seed: number): FakeTrace {
  const rand = random(seed);
  const events: Omit<FakeEvent, 'id'>[] = [];
  const ns = (value: number) => Math.round(value * 1000);
  const add = (
    track: number,
    level: number,
    at: number,
    length: number,
    kind: number,
    request: number,
    extra: Partial<FakeEvent> = {},
  ) => {
    events.push({
      ts: ns(at),
      dur: ns(length),
      kind,
      track,
      level,
      request,
      bytes: null,
      n: null,
      frame: null,
      ...extra,
    });
  };
  const spans: { submitted: number; completed: number }[] = [];
  const ring: [number, number][] = [];
  const hazards: HazardRow[] = [];
  let front = 0;
  let poll = 0;
  let nic = 0;
  let dealloc = 0;
  for (let id = 1; id <= count; id += 1) {
    const jitter = () => 0.85 + rand() * 0.3;
    const start = Math.max(front, id * 11_600 * jitter() * 0.98);
    add(1, 0, start, 4700, K.stackFrontend, id, { bytes: 45_056 });
    add(1, 1, start + 150, 1750, K.startXmit, id);
    for (let i = 0; i < 3; i += 1) {
      add(1, 1, start + 2000 + i * 380, 340, K.grantAccess, id, { frame: 0x1a519 + i });
    }
    add(1, 1, start + 3700, 800, K.evtchnSend, id);
    front = start + 5000;
    ring.push([ns(start + 3300), 12 + (id % 9)]);
    const b = Math.max(start + 4900, poll);
    add(2, 0, b, 6600, K.backendPoll, 0, { n: 1 });
    add(2, 1, b + 100, 420, K.ringPull, id, { n: 12 });
    add(2, 1, b + 580, 780, K.grantCopy, id, { n: 1 });
    add(2, 2, b + 800, 400, K.grantCopyElement, id, { bytes: 128, frame: 0x7f2000 });
    const length = 2710 * jitter();
    add(2, 1, b + 1420, length, K.mapGrantRef, id, { n: 11 });
    for (let i = 0; i < 11; i += 1) {
      add(2, 2, b + 1660 + (i * (length - 300)) / 11, 170, K.grantMap, id, { frame: 0x7f21b4 + i });
    }
    add(2, 1, b + 4300, 1050, K.stackBackend, id);
    add(2, 1, b + 6020, 460, K.devDoorbell, id);
    poll = b + 6800;
    const d = Math.max(b + 6500, nic);
    for (let i = 0; i < 11; i += 1) {
      add(5, 0, d + 100 + i * 385, 300, K.dmaRead, id, { bytes: 4096, frame: 0x4000 + i });
      if (rand() < 0.7) add(4, 0, d + 20 + i * 385, 120, K.iotlbWalk, id);
    }
    nic = d + 4700;
    const e = Math.max(d + 5200, dealloc);
    add(3, 0, e, 6000, K.backendDealloc, 0, { n: 11 });
    add(3, 1, e + 1100, 2600, K.unmapGrantRef, id, { n: 11 });
    for (let i = 0; i < 11; i += 1) {
      add(3, 2, e + 1200 + i * 150, 120, K.grantUnmap, id, { frame: 0x7f21b4 + i });
    }
    add(3, 2, e + 2900, 700, K.tlbIpi, id, { n: 2 });
    add(3, 1, e + 4700, 900, K.evtchnSend, id);
    dealloc = e + 6200;
    ring.push([ns(e + 5000), 3 + (id % 5)]);
    const up = e + 6300 + rand() * 3000;
    add(1, 0, up, 900, K.upcall, id);
    add(1, 1, up + 100, 600, K.grantEnd, id);
    front = Math.max(front, up + 950);
    spans.push({ submitted: ns(start), completed: ns(up + 900) });
    if (id % 24 === 0) {
      add(4, 0, e + 9000, 4500, K.iotlbInv, 0, { n: 255 });
      add(4, 1, e + 9400, 4000, K.iotlbWait, 0);
      hazards.push({
        id: hazards.length + 1,
        code: 'H4',
        actor: 'device',
        frame: 0x7f21b4,
        frames: 11,
        opened: ns(e + 3000),
        closed: ns(e + 13_500),
        request: id,
        causes: [],
        note: '11 frames reachable after unmap, until the flush',
      });
    }
  }
  events.sort((a, b) => a.ts - b.ts || a.level - b.level);
  const numbered = events.map((event, index) => ({ id: index + 1, ...event }));
  const requests = spans.map((span) => ({ ...span, first: 0, last: 0 }));
  for (const event of numbered) {
    const request = requests[event.request - 1];
    if (request === undefined) continue;
    if (request.first === 0) request.first = event.id;
    request.last = event.id;
  }
  return { events: numbered, hazards, requests, ring: ring.sort((a, b) => a[0] - b[0]) };
}

export function rowOf(event: FakeEvent): EventRow {
  return {
    id: event.id,
    ts: event.ts,
    dur: event.dur,
    kind: event.kind,
    name: kindOf(event.kind)?.name ?? `kind ${event.kind}`,
    track: event.track,
    level: event.level,
    request: event.request === 0 ? null : event.request,
    frame: event.frame === null ? null : String(event.frame),
    bytes: event.bytes,
    n: event.n,
    status: event.kind === K.mapGrantRef ? 0 : null,
    arg: event.kind === K.evtchnSend ? '5' : event.kind === K.dmaRead ? '1' : null,
  };
}
