/**
 * The backend's transmit side of one queue of a guest's interface: takes packets from the ring, has
 * the strategy make them ready, sends them on, and answers when the strategy says so. netback (a NAPI
 * poll and a dealloc thread) or vhost-net (a worker thread), by the strategy's ring.
 */
import { K } from '../../contract/kinds.ts';
import { Fifo } from '../../base/fifo.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import { BLOCK, Signal, type Steps } from '../../engine/engine.ts';
import { NONE } from '../../engine/recording.ts';
import type { Channel } from '../../primitives/channels.ts';
import type { World } from '../../primitives/world.ts';
import type { Carrier, Transfer } from '../../strategies/types.ts';
import type { SharedRing } from '../shared-ring.ts';
import type { Ledger, NetPacket } from './packet.ts';
import type { NetStats } from './stats.ts';
import { wakeThread } from './threads.ts';

/** NAPI weight, and vhost-net's batch. */
export const POLL_BUDGET = 64;
/** Slots that one run of the dealloc thread takes. */
const DEALLOC_BUDGET = 256;

/** Where packets of the guest go: the NIC, another guest, a socket of the backend. */
export interface Destination {
  /** The packet goes on its way. It ends with `sent`, now or later. */
  forward(cpu: Cpu, packet: NetPacket, from: BackendTx): Steps;
  /** A packet that was to go there never will. */
  lost(packet: NetPacket): void;
}

export interface BackendTxParts {
  readonly carrier: Carrier;
  readonly ringKind: 'xen' | 'virtio' | 'argo';
  readonly ring: SharedRing<NetPacket>;
  /** CPUs of the poll or worker, and of the dealloc thread. */
  readonly cpu: Cpu;
  readonly deallocCpu: Cpu;
  readonly destination: Destination;
  readonly ledger: Ledger;
  readonly stats: NetStats;
  /** Channel to the frontend; set once both ends exist. */
  readonly toFrontend: () => Channel;
}

export class BackendTx {
  readonly #world: World;
  readonly #parts: BackendTxParts;
  readonly #pollSignal: Signal;
  readonly #deallocSignal: Signal;
  readonly #deallocQueue = new Fifo<NetPacket>();
  /** Packets that the device is done with and that are to be answered together. */
  #answerable: NetPacket[] = [];

  constructor(world: World, parts: BackendTxParts) {
    this.#world = world;
    this.#parts = parts;
    this.#pollSignal = new Signal(world.engine);
    this.#deallocSignal = new Signal(world.engine);
  }

  start(): void {
    const { engine } = this.#world;
    engine.spawn(this.#parts.ringKind === 'xen' ? this.#napi() : this.#worker());
    engine.spawn(this.#deallocThread());
  }

  /** The frontend has notified: schedules the poll or wakes the worker. */
  notified(): void {
    this.#pollSignal.raise();
  }

  /** Is anything of the frontend's still here? */
  get isIdle(): boolean {
    return this.#deallocQueue.length === 0 && this.#answerable.length === 0;
  }

  /** netback: NAPI in interrupt context, no thread to wake. */
  *#napi(): Steps {
    const { cpu } = this.#parts;
    for (;;) {
      if (this.#pollSignal.waits()) yield BLOCK;
      yield* cpu.acquire();
      yield* this.#drain(K.backendPoll);
      yield* cpu.release();
    }
  }

  /** vhost: a thread that sleeps when the ring is empty. */
  *#worker(): Steps {
    const { cpu } = this.#parts;
    for (;;) {
      if (this.#pollSignal.waits()) yield BLOCK;
      yield* wakeThread(this.#world, cpu);
      yield* this.#drain(K.handleTx);
      yield* cpu.release();
    }
  }

  *#drain(kind: number): Steps {
    const { recorder } = this.#world;
    const { ring, cpu } = this.#parts;
    for (;;) {
      const span = recorder.begin(kind, cpu.track, NONE);
      const batch = ring.pull(POLL_BUDGET);
      if (batch.length > 0) yield* this.#take(cpu, batch);
      const again = batch.length === POLL_BUDGET || ring.finalCheckRequests();
      recorder.end(span, cpu.track, NONE, NONE, batch.length);
      if (!again) return;
      if (cpu.isWanted) yield* cpu.relax();
    }
  }

  *#take(cpu: Cpu, batch: readonly NetPacket[]): Steps {
    const { costs, recorder } = this.#world;
    const { ring, carrier, destination, stats } = this.#parts;
    stats.polls.add(batch.length);
    for (const packet of batch) {
      const { request } = packet;
      const slots = carrier.slotsOf(packet);
      // A message of the strategy's own lies elsewhere.
      if (slots === 0) continue;
      const dur = slots * costs.ringEntry;
      recorder.leaf(K.ringPull, cpu.track, dur, request, NONE, NONE, slots, NONE, ring.consumed);
      if (!cpu.passes(ACTOR.backend, dur)) yield dur;
    }
    yield* carrier.accept(cpu, batch);
    const answered = batch.filter((each) => carrier.respondAt(each) === 'accepted');
    if (answered.length > 0) yield* this.#respond(cpu, answered);
    for (const packet of batch) {
      if (packet.dropped) yield* this.#drop(cpu, packet);
      else yield* destination.forward(cpu, packet, this);
    }
  }

  /** A packet that could not be made ready: freed and answered, never sent. */
  *#drop(cpu: Cpu, packet: NetPacket): Steps {
    const { stats, ledger, destination } = this.#parts;
    stats.dropped++;
    stats.lost++;
    packet.owner.window.shrink(packet.request);
    ledger.lost(packet);
    destination.lost(packet);
    yield* this.sent(cpu, packet);
    yield* this.answer(cpu);
  }

  /**
   * Whoever had the packet is done with it. Its answer, where it falls now, is left for `answer`, so
   * that several go together.
   */
  *sent(cpu: Cpu, packet: NetPacket): Steps {
    const { carrier, ledger } = this.#parts;
    yield* carrier.transmitted(cpu, packet);
    const at = carrier.respondAt(packet);
    if (at === 'released') {
      this.#deallocQueue.push(packet);
      this.#deallocSignal.raise();
      return;
    }
    if (at === 'transmitted') this.#answerable.push(packet);
    ledger.freed(packet);
  }

  /** Has anything been sent that `answer` is to answer? */
  get owesAnswers(): boolean {
    return this.#answerable.length > 0;
  }

  /** Answers what has been sent since the last time. */
  *answer(cpu: Cpu): Steps {
    if (!this.owesAnswers) return;
    const packets = this.#answerable;
    this.#answerable = [];
    yield* this.#respond(cpu, packets);
  }

  *#deallocThread(): Steps {
    const { recorder } = this.#world;
    const { carrier, deallocCpu: cpu, ledger, stats } = this.#parts;
    const queue = this.#deallocQueue;
    for (;;) {
      if (this.#deallocSignal.waits()) yield BLOCK;
      // What came while it ran has been dealt with: it sleeps on (`tx_dealloc_work_todo`).
      if (queue.length === 0) continue;
      yield* wakeThread(this.#world, cpu);
      while (queue.length > 0) {
        const span = recorder.begin(K.backendDealloc, cpu.track, NONE);
        const batch: NetPacket[] = [];
        let slots = 0;
        while (queue.length > 0) {
          const next = carrier.slotsOf(queue.first as NetPacket);
          if (slots > 0 && slots + next > DEALLOC_BUDGET) break;
          slots += next;
          batch.push(queue.shift() as NetPacket);
        }
        stats.deallocs.add(slots);
        yield* carrier.release(cpu, batch);
        for (const packet of batch) ledger.freed(packet);
        yield* this.#respond(cpu, batch);
        recorder.end(span, cpu.track, NONE, NONE, slots);
        if (cpu.isWanted) yield* cpu.relax();
      }
      yield* cpu.release();
    }
  }

  *#respond(cpu: Cpu, packets: readonly NetPacket[]): Steps {
    const { ring, carrier, toFrontend } = this.#parts;
    yield* pushResponses(this.#world, cpu, carrier, packets);
    const notify = ring.respond(packets);
    if (carrier.signalling === 'own') toFrontend().deliver();
    else if (notify) yield* toFrontend().send(cpu, ACTOR.backend);
  }
}

/** Writes responses into the ring, or sends them as messages of the strategy's own. */
export function* pushResponses(
  { costs, recorder }: World,
  cpu: Cpu,
  carrier: Carrier,
  packets: readonly Transfer[],
): Steps {
  if (carrier.signalling === 'own') {
    if (carrier.respond !== undefined) yield* carrier.respond(cpu, packets);
    return;
  }
  let slots = 0;
  for (const packet of packets) slots += carrier.slotsOf(packet);
  // Where responses have no places of their own (a FIFO), an index says how far they go.
  const dur = Math.max(1, slots) * costs.ringEntry;
  recorder.leaf(K.ringPush, cpu.track, dur, NONE, NONE, NONE, slots);
  if (!cpu.passes(ACTOR.backend, dur)) yield dur;
}
