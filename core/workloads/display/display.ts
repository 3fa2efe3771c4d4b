/**
 * display: the guest draws a frame and shows it; the backend points its display at the picture, which
 * reads it once. Where the strategy keeps mappings the picture is shared once, for good; else each frame
 * crosses like any payload.
 */
import { exists } from '../../base/assert.ts';
import { PAGE_SIZE, PS_PER_S } from '../../base/brand.ts';
import { K } from '../../contract/kinds.ts';
import { moveSegment } from '../../devices/dma.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import { BLOCK, Signal, type Steps } from '../../engine/engine.ts';
import { NONE } from '../../engine/recording.ts';
import { Channel } from '../../primitives/channels.ts';
import type { Extent } from '../../primitives/copies.ts';
import type { DmaMapping } from '../../primitives/dma-api.ts';
import { queueBackendCpus, type Guest, type World } from '../../primitives/world.ts';
import type { Carrier, Transfer } from '../../strategies/types.ts';
import type { Request, Workload, WorkloadParts } from '../request.ts';

const BYTES_PER_PIXEL = 4;
/** Largest contiguous part of a picture. */
const PART_BYTES = 256 * 1024;

/** One frame on its way. */
interface Frame {
  readonly request: Request;
  readonly transfer: Transfer;
  segments: DmaMapping[];
}

export class Display implements Workload {
  readonly #world: World;
  readonly #parts: WorkloadParts;
  readonly #carrier: Carrier;
  readonly #keeps: boolean;
  readonly #bytes: number;
  #next = 1;
  #busyPs = 0;
  #dropped = 0;
  readonly frontendBytesMax: number;

  constructor(parts: WorkloadParts) {
    const { world, strategy } = parts;
    const { width, height } = world.scenario.display;
    this.#world = world;
    this.#parts = parts;
    this.#carrier = exists(parts.carrier, 'a mediated workload has a carrier');
    this.#keeps = strategy.sequences.display === 'keep';
    this.#bytes = width * height * BYTES_PER_PIXEL;
    this.frontendBytesMax = this.#bytes * world.guests.length;
  }

  start(): void {
    for (const guest of this.#world.guests) this.#connect(guest);
  }

  serverBusyPs(): Record<string, number> {
    return { display: this.#busyPs };
  }
  batches(): Record<string, ReadonlyMap<number, number>> {
    return {};
  }
  queueWaits(): Record<string, { readonly waitPs: number; readonly count: number }> {
    return {};
  }
  get dropped(): number {
    return this.#dropped;
  }

  /** Frontend, backend and their channels for one guest. */
  #connect(guest: Guest): void {
    const world = this.#world;
    const { engine } = world;
    const { cpu: backendCpu } = queueBackendCpus(world, guest.index, 0, 1);
    const cpu = guest.cpus[0] as Cpu;
    const shown: Frame[] = [];
    const arrived = new Signal(engine);
    const answered = new Signal(engine);
    const port = guest.index * 2;
    const toBackend = new Channel(world, port, backendCpu, ACTOR.backend, () => {
      arrived.raise();
      return undefined;
    });
    const toFrontend = new Channel(world, port + 1, cpu, ACTOR.frontend, () => {
      answered.raise();
      return undefined;
    });
    engine.spawn(this.#compositor(guest, cpu, shown, toBackend, answered));
    engine.spawn(this.#backend(backendCpu, shown, arrived, toFrontend));
  }

  /** The guest: draws, shows, waits for the picture to be free again. */
  *#compositor(
    guest: Guest,
    cpu: Cpu,
    shown: Frame[],
    toBackend: Channel,
    answered: Signal,
  ): Steps {
    const { scenario, engine, costs, recorder } = this.#world;
    const { events } = this.#parts;
    const carrier = this.#carrier;
    const period = Math.round(PS_PER_S / scenario.display.framesPerSecond);
    let kept: Transfer | null = null;
    for (let due = 0; this.#next <= scenario.requests; due += period) {
      if (due > engine.now) yield due - engine.now;
      const id = this.#next++;
      yield* cpu.acquire();
      const request: Request = { id, bytes: this.#bytes, submittedPs: engine.now };
      events.submitted(request);
      recorder.openRequest(id);
      const span = recorder.begin(K.flip, cpu.track, id);
      // Drawing writes every byte of the picture, whatever carries it.
      yield cpu.charge(
        ACTOR.frontend,
        costs.stackFrontendDriver + Math.round(this.#bytes * costs.copyColdRate),
      );
      const transfer: Transfer = kept ?? this.#picture(guest, id);
      const isNew = kept === null;
      const shared = isNew ? yield* carrier.share(cpu, transfer) : true;
      if (shared) {
        if (this.#keeps) kept = transfer;
        shown.push({ request, transfer, segments: [] });
        const dur = costs.ringEntry;
        recorder.leaf(K.ringPush, cpu.track, dur, id, NONE, NONE, 1);
        if (!cpu.passes(ACTOR.frontend, dur)) yield dur;
        if (carrier.signalling === 'own' && isNew) toBackend.deliver();
        else yield* toBackend.send(cpu, ACTOR.frontend);
      } else this.#dropped++;
      recorder.end(span, cpu.track, NONE, this.#bytes);
      yield* cpu.release();
      if (shared && answered.waits()) yield BLOCK;
      yield* cpu.acquire();
      const taken = recorder.begin(K.freeOldXmit, cpu.track, id);
      if (!cpu.passes(ACTOR.frontend, costs.stackCompletion)) yield costs.stackCompletion;
      const isLast = this.#next > scenario.requests;
      if (shared && (!this.#keeps || isLast)) yield* carrier.reclaim(cpu, transfer);
      recorder.end(taken, cpu.track);
      events.completed(request);
      events.finished(request);
      events.retired(request);
      yield* cpu.release();
    }
  }

  /** The picture as a payload: at the start of the guest's memory, for as long as the run lasts. */
  #picture(guest: Guest, request: number): Transfer {
    const fragments: Extent[] = [];
    for (let at = 0; at < this.#bytes; at += PART_BYTES) {
      const mfn = guest.memory.first + at / PAGE_SIZE;
      fragments.push({ mfn, offset: 0, bytes: Math.min(PART_BYTES, this.#bytes - at) });
    }
    return {
      request,
      guest: guest.index,
      queue: 0,
      protocol: 'display',
      direction: 'out',
      bytes: this.#bytes,
      fragments,
      device: [],
      arrived: [],
      dropped: false,
    };
  }

  /** The backend: takes a frame, has the display read it, answers. */
  *#backend(cpu: Cpu, shown: Frame[], arrived: Signal, toFrontend: Channel): Steps {
    const { scenario, recorder, costs } = this.#world;
    const carrier = this.#carrier;
    let kept: DmaMapping[] | null = null;
    for (;;) {
      const frame = shown.shift();
      if (frame === undefined) {
        if (arrived.waits()) yield BLOCK;
        continue;
      }
      const { transfer, request } = frame;
      if (cpu.asleep) yield costs.idleExit;
      yield* cpu.acquire();
      const span = recorder.begin(K.displayFrame, cpu.track, request.id);
      yield cpu.charge(ACTOR.backend, costs.ringEntry + costs.stackBackendPerPacket);
      if (kept === null) {
        yield* carrier.accept(cpu, [transfer]);
        frame.segments = transfer.dropped ? [] : yield* this.#mapAll(cpu, transfer);
      } else frame.segments = kept;
      if (this.#keeps) kept = frame.segments;
      yield cpu.charge(ACTOR.backend, costs.descriptorPost + costs.doorbell);
      recorder.end(span, cpu.track, NONE, request.bytes);
      yield* cpu.release();

      yield* this.#scanOut(frame);

      yield* cpu.acquire();
      const done = recorder.begin(K.napiPoll, cpu.track, request.id);
      yield cpu.charge(ACTOR.backend, costs.hardirq + costs.stackCompletion);
      const isLast = request.id > scenario.requests - this.#world.guests.length;
      if (!this.#keeps || isLast) {
        yield* this.#letGo(cpu, frame);
        kept = null;
      }
      if (carrier.signalling === 'own' && carrier.respond !== undefined) {
        yield* carrier.respond(cpu, [transfer]);
        toFrontend.deliver();
      } else yield* toFrontend.send(cpu, ACTOR.backend);
      recorder.end(done, cpu.track);
      yield* cpu.release();
    }
  }

  *#mapAll(cpu: Cpu, { device, request }: Transfer): Steps<DmaMapping[]> {
    const segments: DmaMapping[] = [];
    for (const extent of device) {
      segments.push(yield* this.#parts.dma.map(cpu, ACTOR.backend, extent, 'out', request));
    }
    return segments;
  }

  *#letGo(cpu: Cpu, { segments, transfer }: Frame): Steps {
    const carrier = this.#carrier;
    for (const segment of segments) {
      yield* this.#parts.dma.unmap(cpu, ACTOR.backend, segment, transfer.request);
    }
    yield* carrier.transmitted(cpu, transfer);
    if (carrier.respondAt(transfer) === 'released') yield* carrier.release(cpu, [transfer]);
  }

  /** The display reads the picture once. */
  *#scanOut({ segments, request }: Frame): Steps {
    for (const segment of segments) {
      const { bytes } = segment.extent;
      const moved = moveSegment(this.#world, this.#parts.iommu, segment, request.id, bytes);
      this.#busyPs += (yield* moved).ps;
    }
  }
}
