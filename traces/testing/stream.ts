/**
 * A made-up run, the same every time: three tracks, batches that serve several requests, nested
 * elements, a few hazards and two counters. For tests; it means nothing.
 */
import { K } from '../../core/contract/kinds.ts';
import { ACTOR_IDS, HAZARD_IDS } from '../../core/contract/ids.ts';
import type { RunResult } from '../../core/contract/result.ts';
import { parseScenario, type Scenario } from '../../core/contract/scenario.ts';
import { NONE, type EventChunk, type TraceSink } from '../../core/engine/recording.ts';

const CHUNK = 4096;
const BATCH = 8;

/** Columns that can be filled and handed to a sink. */
export class Chunk implements EventChunk {
  firstId = 1;
  count = 0;
  readonly ts = new Float64Array(CHUNK);
  readonly dur = new Float64Array(CHUNK);
  readonly kind = new Uint8Array(CHUNK);
  readonly track = new Uint16Array(CHUNK);
  readonly level = new Uint8Array(CHUNK);
  readonly request = new Float64Array(CHUNK);
  readonly frame = new Float64Array(CHUNK);
  readonly bytes = new Float64Array(CHUNK);
  readonly n = new Float64Array(CHUNK);
  readonly status = new Float64Array(CHUNK);
  readonly arg = new Float64Array(CHUNK);
}

export interface MadeEvent {
  readonly ts: number;
  readonly dur?: number;
  readonly kind: number;
  readonly track?: number;
  readonly level?: number;
  readonly request?: number;
  readonly frame?: number;
  readonly bytes?: number;
  readonly n?: number;
  readonly status?: number;
  readonly arg?: number;
}

/** Hands single events to a sink in chunks. */
export class ChunkFiller {
  readonly #sink: TraceSink;
  readonly #chunk = new Chunk();

  constructor(sink: TraceSink) {
    this.#sink = sink;
  }

  /** Returns the event's id. */
  add(event: MadeEvent): number {
    const chunk = this.#chunk;
    const i = chunk.count;
    chunk.ts[i] = event.ts;
    chunk.dur[i] = event.dur ?? 0;
    chunk.kind[i] = event.kind;
    chunk.track[i] = event.track ?? 1;
    chunk.level[i] = event.level ?? 0;
    chunk.request[i] = event.request ?? NONE;
    chunk.frame[i] = event.frame ?? NONE;
    chunk.bytes[i] = event.bytes ?? NONE;
    chunk.n[i] = event.n ?? NONE;
    chunk.status[i] = event.status ?? NONE;
    chunk.arg[i] = event.arg ?? NONE;
    chunk.count += 1;
    const id = chunk.firstId + i;
    if (chunk.count === CHUNK) this.flush();
    return id;
  }

  flush(): void {
    if (this.#chunk.count === 0) return;
    this.#sink.events(this.#chunk);
    this.#chunk.firstId += this.#chunk.count;
    this.#chunk.count = 0;
  }
}

export const scenario: Scenario = parseScenario({ requests: 100, seed: 7 });

/** A head for `createTraceWriter`. */
export const head = {
  name: 'made up',
  scenario,
  scenarioHash: 'c0ffee',
  profiles: { 'xeon-2020': 'abc' },
  recordedAt: '2026-01-02T03:04:05.000Z',
};

/** Introduces the actors, tracks and counters that `emitBatches` uses. */
export function begin(sink: TraceSink): void {
  sink.begin(
    [
      { id: 1, name: 'frontend', role: 'frontend' },
      { id: 2, name: 'backend', role: 'backend' },
      { id: 3, name: 'NIC', role: 'device' },
    ],
    [
      { id: 1, actor: 1, name: 'guest', detail: 'vCPU 0' },
      { id: 2, actor: 2, name: 'netback', detail: 'CPU 0' },
      { id: 3, actor: 3, name: 'NIC', detail: 'tx queue' },
    ],
    [
      { id: 1, name: 'pinned pages', unit: 'pages' },
      { id: 2, name: 'ring slots', unit: 'slots' },
    ],
  );
  sink.memory?.guest({ id: 0, name: 'guest', frame: 0x10_0000, frames: 4096, gfn: 0 });
}

/**
 * Emits `batches` batches of eight requests, 35 events each: 8 sends of the guest, one hypercall of
 * the backend with 8 elements inside, 8 DMAs, 9 more hypercall and element events to unmap, one
 * upcall. A batch takes 20 µs.
 *
 * @param afterBatch called with the number of requests so far
 */
export function emitBatches(
  sink: TraceSink,
  batches: number,
  afterBatch?: (done: number) => void,
): void {
  const filler = new ChunkFiller(sink);
  for (let batch = 0; batch < batches; batch++) {
    const at = batch * 20_000_000;
    const first = batch * BATCH + 1;
    const firstIds: number[] = [];
    for (let i = 0; i < BATCH; i++) {
      firstIds.push(
        filler.add({
          ts: at + i * 200_000,
          dur: 150_000,
          kind: K.startXmit,
          track: 1,
          request: first + i,
          bytes: 1500,
        }),
      );
    }
    filler.add({ ts: at + 2_000_000, dur: 3_000_000, kind: K.mapGrantRef, track: 2, n: BATCH });
    for (let i = 0; i < BATCH; i++) {
      filler.add({
        ts: at + 2_100_000 + i * 300_000,
        dur: 250_000,
        kind: K.grantMap,
        track: 2,
        level: 1,
        request: first + i,
        frame: 0x10_0000 + ((first + i) % 4096),
        bytes: 1500,
        n: 1,
        status: 0,
        arg: i,
      });
    }
    for (let i = 0; i < BATCH; i++) {
      filler.add({
        ts: at + 6_000_000 + i * 1_000_000,
        dur: 900_000,
        kind: K.dmaRead,
        track: 3,
        request: first + i,
        frame: 0x20_0000 + ((first + i) % 4096),
        bytes: 1500,
        arg: 0,
      });
    }
    filler.add({ ts: at + 15_000_000, dur: 3_000_000, kind: K.unmapGrantRef, track: 2, n: BATCH });
    const lastIds: number[] = [];
    for (let i = 0; i < BATCH; i++) {
      lastIds.push(
        filler.add({
          ts: at + 15_100_000 + i * 300_000,
          dur: 250_000,
          kind: K.grantUnmap,
          track: 2,
          level: 1,
          request: first + i,
          frame: 0x10_0000 + ((first + i) % 4096),
          n: 1,
          arg: i,
        }),
      );
    }
    filler.add({ ts: at + 18_500_000, kind: K.upcall, track: 1, arg: 5 });
    for (let i = 0; i < BATCH; i++) {
      sink.request({
        id: first + i,
        submitted: at + i * 200_000,
        completed: at + 18_500_000,
        bytes: 1500,
        firstEvent: firstIds[i] ?? 0,
        lastEvent: lastIds[i] ?? 0,
      });
    }
    // Every other one is a copy in truth.
    for (let i = 0; i < BATCH; i += 2) {
      sink.memory?.reach({
        actor: 'backend',
        frame: 0x10_0000 + ((first + i) % 4096),
        write: false,
        opened: at + 2_100_000 + i * 300_000,
        stale: at + 15_100_000 + i * 300_000,
        closed: at + 18_100_000,
      });
    }
    sink.memory?.need({
      frame: 0x10_0000 + (first % 4096),
      frames: BATCH,
      opened: at,
      closed: at + 15_000_000,
    });
    sink.sample(1, at + 2_100_000, BATCH);
    sink.sample(1, at + 15_100_000, 0);
    sink.sample(2, at, batch % 256);
    if (batch % 100 === 0) {
      sink.hazard({
        id: batch / 100 + 1,
        code: 'H3',
        actor: 'backend',
        frame: 0x10_0000 + batch,
        frames: 2,
        opened: at + 2_100_000,
        closed: batch === 0 ? NONE : at + 15_100_000,
        request: first,
        causes: [firstIds[0] ?? 0, lastIds[0] ?? 0],
        note: 'half a page of another request',
      });
    }
    afterBatch?.((batch + 1) * BATCH);
  }
  filler.flush();
}

/** Events in one batch of `emitBatches`. */
export const EVENTS_PER_BATCH = 35;

/** A result of the right shape for a run of `emitBatches`. */
export function madeResult(batches: number): RunResult {
  const none = Object.fromEntries(HAZARD_IDS.map((id) => [id, null])) as RunResult['hazards'];
  return {
    file: null,
    status: 'complete',
    fingerprint: '0123456789abcdef',
    strategy: scenario.strategy,
    hypervisor: scenario.hypervisor,
    soc: scenario.soc,
    workload: scenario.workload,
    topology: scenario.topology,
    pair: 'native',
    pairReason: '',
    seed: scenario.seed,
    payloadBytes: 1500,
    hostDma: 'strict',
    events: batches * EVENTS_PER_BATCH,
    requests: batches * BATCH,
    simulatedNs: batches * 20_000,
    warmupNs: 0,
    wallMs: 1,
    throughputGbps: 1,
    requestsPerSecond: 1,
    cpuNsPerRequest: { backend: 1 },
    cpuNsPerByte: {},
    busy: {},
    steady: true,
    bottleneck: '',
    latencyNs: { p50: 1, p90: 1, p99: 1, p999: 1, max: 1 },
    waitNs: {},
    counts: {
      hypercall: 2 * batches,
      trap: 0,
      map: 8 * batches,
      unmap: 8 * batches,
      tlbFlush: 0,
      iotlbFlush: 0,
      copy: 0,
      dma: 8 * batches,
      notify: 0,
      upcall: batches,
      fault: 0,
      cacheMaintenance: 0,
    },
    batch: {},
    copiedBytes: 0,
    memoryBytes: {},
    pinnedPagesMax: 8,
    hitRate: { iotlb: null, walkCache: null, ddio: null },
    exposure: {},
    windowsNs: { p50: 1, p99: 1, max: 1 },
    hazards: { ...none, H3: Math.ceil(batches / 100) * 2 },
    wrongDataOnWire: 0,
    dropped: 0,
    dirtyPages: null,
    profiles: {},
    scenarioHash: 'c0ffee',
    version: '0.1.0',
  };
}

/** Records a whole made-up run into a sink, exposure included. */
export function emitRun(sink: TraceSink, batches: number): void {
  begin(sink);
  emitBatches(sink, batches);
  for (const actor of ACTOR_IDS.slice(0, 2)) {
    sink.exposure(actor, {
      heldByteSeconds: 1.5,
      obtainableByteSeconds: 2.5,
      standingBytes: 4096,
      granuleByteSeconds: 0.5,
      staleByteSeconds: 0,
    });
  }
}
