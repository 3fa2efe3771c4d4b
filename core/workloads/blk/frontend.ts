/** The frontend's side of one queue: requests begun, cut up, shared and published; answers taken. */
import { K } from '../../contract/kinds.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import type { Steps } from '../../engine/engine.ts';
import { NONE } from '../../engine/recording.ts';
import type { Channel } from '../../primitives/channels.ts';
import type { Extent } from '../../primitives/copies.ts';
import type { World } from '../../primitives/world.ts';
import type { Carrier, Transfer } from '../../strategies/types.ts';
import type { BufferArena } from '../buffers.ts';
import { Wakeup, sleepUntil } from '../net/threads.ts';
import type { WorkloadEvents } from '../request.ts';
import type { SharedRing } from '../shared-ring.ts';
import { WaitTally } from '../tally.ts';
import {
  givePayload,
  ringRequestBytes,
  slice,
  takePayload,
  type BlkArrivals,
  type BlkOffer,
  type BlkRequest,
} from './requests.ts';

/** A request of the workload while its parts are on their way. */
export interface Lent {
  readonly request: BlkRequest;
  readonly payload: readonly Extent[];
  /** Parts that have no answer yet, and that the backend has not let go of. */
  unanswered: number;
  unretired: number;
}

/** One request of the ring. */
export interface BlkTransfer extends Transfer {
  readonly lent: Lent;
  /** First sector. */
  readonly sector: number;
}

export interface BlkFrontendParts {
  readonly guest: number;
  readonly queue: number;
  readonly cpu: Cpu;
  readonly carrier: Carrier;
  readonly ringKind: 'xen' | 'virtio' | 'argo';
  readonly ring: SharedRing<BlkTransfer>;
  readonly arena: BufferArena;
  readonly offer: BlkOffer;
  readonly arrivals: BlkArrivals;
  readonly events: WorkloadEvents;
  readonly toBackend: Channel;
  /** Payload bytes lent out, by this queue. */
  readonly lendBytes: (delta: number) => void;
}

const SECTOR_BYTES = 512;
/** Linux's BLK_MQ_RESOURCE_DELAY: 3 ms until a queue without resources is run again. */
const RESOURCE_DELAY_PS = 3_000_000_000;

export class BlkFrontend {
  readonly #world: World;
  readonly #in: BlkFrontendParts;
  readonly #windowOpen: Wakeup;
  readonly #queueOpen: Wakeup;
  readonly waits = new WaitTally();
  #inFlight = 0;
  #lookingAgain = false;

  constructor(world: World, parts: BlkFrontendParts) {
    this.#world = world;
    this.#in = parts;
    this.#windowOpen = new Wakeup(world.engine);
    this.#queueOpen = new Wakeup(world.engine);
  }

  start(): void {
    this.#world.engine.spawn(this.#application());
  }

  *#application(): Steps {
    const { engine, scenario } = this.#world;
    const { cpu, offer, arrivals } = this.#in;
    yield* cpu.acquire();
    for (;;) {
      while (!arrivals.isOpenLoop && this.#inFlight >= scenario.blk.depth) {
        yield* this.#windowOpen.sleep(this.#world, cpu, ACTOR.frontend);
      }
      const next = offer.take();
      if (next === null) break;
      const due = Math.max(next.duePs, arrivals.isOpenLoop ? arrivals.next() : 0);
      if (due > engine.now) yield* sleepUntil(this.#world, cpu, due);
      const submittedPs = due > 0 ? Math.min(due, engine.now) : engine.now;
      yield* this.#submit({ ...next.request, submittedPs });
      if (cpu.isWanted) yield* cpu.relax();
    }
    yield* cpu.release();
  }

  /** System call, block layer, driver; then each part of it onto the ring. */
  *#submit(request: BlkRequest): Steps {
    const { recorder, costs, cache } = this.#world;
    const { cpu, arena, events, ringKind } = this.#in;
    this.#inFlight++;
    events.submitted(request);
    recorder.openRequest(request.id);
    const span = recorder.begin(K.blkSubmit, cpu.track, request.id);
    const payload = takePayload(this.#world, arena, request.bytes);
    this.#in.lendBytes(request.bytes);
    if (request.write) for (const { mfn, bytes } of payload) cache.touch(mfn, bytes);
    yield cpu.charge(ACTOR.frontend, costs.syscall + costs.blkFrontendSubmit);
    recorder.end(span, cpu.track, NONE, request.bytes);
    const part = ringRequestBytes(this.#world, ringKind);
    const parts = Math.ceil(request.bytes / part);
    const lent: Lent = { request, payload, unanswered: parts, unretired: parts };
    for (let from = 0; from < request.bytes; from += part) {
      const bytes = Math.min(part, request.bytes - from);
      yield* this.#publish(this.#transferOf(lent, from, bytes));
    }
  }

  #transferOf(lent: Lent, from: number, bytes: number): BlkTransfer {
    const { guest, queue } = this.#in;
    const { id, write, sector } = lent.request;
    return {
      request: id,
      guest,
      queue,
      protocol: 'blk',
      direction: write ? 'out' : 'in',
      bytes,
      fragments: slice(lent.payload, from, bytes),
      device: [],
      arrived: [],
      dropped: false,
      lent,
      sector: sector + from / SECTOR_BYTES,
    };
  }

  /** Shares a part and publishes it; waits while ring, table or pool is full. */
  *#publish(transfer: BlkTransfer): Steps {
    const { engine, recorder, costs } = this.#world;
    const { cpu, carrier, ring, toBackend } = this.#in;
    const since = engine.now;
    for (;;) {
      while (!ring.hasRoom(1)) yield* this.#queueOpen.sleep(this.#world, cpu, ACTOR.frontend);
      const span = recorder.begin(K.queueRq, cpu.track, transfer.request);
      if (!cpu.passes(ACTOR.frontend, costs.stackFrontendDriver)) yield costs.stackFrontendDriver;
      const shared = yield* carrier.share(cpu, transfer);
      if (shared) {
        if (engine.now > since) this.waits.add(engine.now - since);
        // A record or message of the strategy's own has been published by `share`.
        if (carrier.slotsOf(transfer) > 0) {
          recorder.leaf(K.ringPush, cpu.track, costs.ringEntry, transfer.request, NONE, NONE, 1);
          if (!cpu.passes(ACTOR.frontend, costs.ringEntry)) yield costs.ringEntry;
        }
        const notify = ring.push(transfer, 1);
        if (carrier.signalling === 'own') toBackend.deliver();
        else if (notify) yield* toBackend.send(cpu, ACTOR.frontend);
      }
      recorder.end(span, cpu.track, NONE, transfer.bytes);
      if (shared) return;
      this.#lookAgainLater();
      yield* this.#queueOpen.sleep(this.#world, cpu, ACTOR.frontend);
    }
  }

  /** Another queue may give back what this one lacks, without a word to it. */
  #lookAgainLater(): void {
    if (this.#lookingAgain) return;
    this.#lookingAgain = true;
    this.#world.engine.spawn(this.#lookAgain());
  }

  *#lookAgain(): Steps {
    yield RESOURCE_DELAY_PS;
    this.#lookingAgain = false;
    this.#queueOpen.ring();
  }

  /**
   * Interrupt of the frontend: takes answers and gets its memory back.
   *
   * @param isAwaited does the backend wait for the room that this makes, to be told of it?
   */
  *answered(isAwaited: () => boolean): Steps {
    const { recorder, costs } = this.#world;
    const { cpu, carrier, ring, toBackend } = this.#in;
    const span = recorder.begin(K.blkComplete, cpu.track, NONE);
    let done = 0;
    do {
      for (const transfer of ring.takeResponses()) {
        const dur = carrier.slotsOf(transfer) * costs.ringEntry;
        if (!cpu.passes(ACTOR.frontend, dur)) yield dur;
        yield* carrier.reclaim(cpu, transfer);
        ring.free(1);
        done++;
        if (--transfer.lent.unanswered === 0) yield* this.#complete(transfer.lent);
      }
    } while (ring.finalCheckResponses(0));
    if (isAwaited()) {
      if (carrier.signalling === 'own') toBackend.deliver();
      else yield* toBackend.send(cpu, ACTOR.frontend);
    }
    recorder.end(span, cpu.track, NONE, NONE, done);
    this.#queueOpen.ring();
  }

  *#complete(lent: Lent): Steps {
    const { cpu, arena, events } = this.#in;
    if (!cpu.passes(ACTOR.frontend, this.#world.costs.blkFrontendComplete))
      yield this.#world.costs.blkFrontendComplete;
    givePayload(arena, lent.payload);
    this.#in.lendBytes(-lent.request.bytes);
    this.#inFlight--;
    events.completed(lent.request);
    events.finished(lent.request);
    this.retire(lent);
    this.#windowOpen.ring();
  }

  /** Nothing will be recorded for a request once it is answered and let go of. */
  retire(lent: Lent): void {
    if (lent.unanswered === 0 && lent.unretired === 0) this.#in.events.retired(lent.request);
  }
}
