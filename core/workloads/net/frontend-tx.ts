/**
 * The frontend's transmit side of one queue: the driver (netfront's start_xmit or virtio-net's) for
 * each packet, and the interrupt that takes responses and gets memory back. Both drivers take what has
 * been answered with each packet that they send, too: netfront after it, virtio-net before; and
 * virtio-net with each receive poll.
 */
import { K } from '../../contract/kinds.ts';
import { COUNTERS } from '../../engine/counters.ts';
import { ACTOR } from '../../engine/cpu.ts';
import type { Steps } from '../../engine/engine.ts';
import { NONE } from '../../engine/recording.ts';
import type { Channel } from '../../primitives/channels.ts';
import type { World } from '../../primitives/world.ts';
import type { Carrier } from '../../strategies/types.ts';
import type { SharedRing } from '../shared-ring.ts';
import type { Ledger, NetPacket } from './packet.ts';
import { sleepUntil, Wakeup } from './threads.ts';
import { TransmitSocket, type TransmitParts } from './transmit-socket.ts';

/**
 * A TCP whose packets the driver cannot take tries again after its least timeout (TCP_RTO_MIN), and
 * gives up after so many attempts (tcp_retries2).
 */
const TIMEOUT_PS = 200_000_000_000;
const RETRIES = 15;
/**
 * Fraction of what is outstanding that must be answered before virtio-net wants to know, when it has
 * looked as it sent a packet or received one: `virtqueue_enable_cb_delayed` asks for three quarters,
 * and receive polls take the rest. Where nothing comes in that would poll (acknowledgements cost nothing
 * by default), it asks for the next, as netfront does always and virtio-net when it was interrupted.
 */
const DELAYED = 0.75;

export interface FrontendTxParts extends TransmitParts {
  readonly carrier: Carrier;
  readonly ringKind: 'xen' | 'virtio' | 'argo';
  readonly ring: SharedRing<NetPacket>;
  readonly ledger: Ledger;
  readonly toBackend: Channel;
  /** Does anything come in by the same queue pair, whose polls look here too? */
  readonly isPolled: boolean;
}

export class FrontendTx extends TransmitSocket {
  readonly #parts: FrontendTxParts;
  readonly #room: Wakeup;
  readonly #delay: number;

  constructor(world: World, parts: FrontendTxParts) {
    super(world, parts);
    this.#parts = parts;
    this.#delay = parts.isPolled ? DELAYED : 0;
    this.#room = new Wakeup(world.engine);
  }

  /** The driver: share, publish, notify. Waits while ring, table or pool is full. */
  protected override *startXmit(packet: NetPacket): Steps {
    const { recorder, costs, engine, counters } = this.world;
    const { cpu, carrier, ring, ringKind, toBackend, stats } = this.#parts;
    const slots = carrier.slotsOf(packet);
    const since = engine.now;
    let waited = false;
    for (let attempt = 0; ; attempt++) {
      while (!ring.hasRoom(slots)) {
        waited = true;
        yield* this.#room.sleep(this.world, cpu, ACTOR.frontend);
      }
      const span = recorder.begin(K.startXmit, cpu.track, packet.request);
      if (ringKind === 'virtio') yield* this.#collect(this.#delay);
      if (!cpu.passes(ACTOR.frontend, costs.stackFrontendDriver)) yield costs.stackFrontendDriver;
      const shared = yield* carrier.share(cpu, packet);
      if (shared) {
        if (waited) stats.ringWaits.add(engine.now - since);
        // A message of the strategy's own has been published by `share`.
        if (carrier.signalling === 'ring') {
          const dur = slots * costs.ringEntry;
          const { request } = packet;
          const { produced } = ring;
          recorder.leaf(K.ringPush, cpu.track, dur, request, NONE, NONE, slots, NONE, produced);
          if (!cpu.passes(ACTOR.frontend, dur)) yield dur;
        }
        const notify = ring.push(packet, slots);
        counters.add(COUNTERS.ringSlots, slots);
        if (carrier.signalling === 'own') toBackend.deliver();
        else if (notify) yield* toBackend.send(cpu, ACTOR.frontend);
        if (ringKind === 'xen') yield* this.#collect(0);
      }
      recorder.end(span, cpu.track, NONE, packet.bytes, slots);
      if (shared) return;
      waited = true;
      if (ring.outstanding > 0) {
        yield* this.#room.sleep(this.world, cpu, ACTOR.frontend);
      } else if (attempt < RETRIES && !packet.owner.window.isDead) {
        // Nothing of this queue will make room: something of another may.
        yield* sleepUntil(this.world, cpu, engine.now + TIMEOUT_PS);
      } else {
        this.#giveUp(packet);
        return;
      }
    }
  }

  /** The connection is given up. */
  #giveUp(packet: NetPacket): void {
    const { ledger, stats } = this.#parts;
    packet.owner.window.kill();
    stats.dropped++;
    stats.lost++;
    this.giveBack(packet);
    ledger.lost(packet);
    ledger.freed(packet);
    ledger.reclaimed(packet.owner);
  }

  /** A receive poll of the same queue pair comes by (`virtnet_poll_cleantx`); netfront's does not look. */
  *pass(): Steps {
    if (this.#parts.ringKind !== 'virtio') return;
    yield* this.#collect(this.#delay);
    this.#room.ring();
  }

  /** The interrupt: some have been answered. */
  *clean(): Steps {
    yield* this.#collect(0);
    this.#room.ring();
  }

  /**
   * Takes responses and gets the frontend's memory back.
   *
   * @param fraction what is to be answered of what is outstanding then before the frontend is told
   */
  *#collect(fraction: number): Steps {
    const { ring } = this.#parts;
    do {
      const packets = ring.takeResponses();
      if (packets.length > 0) yield* this.#free(packets);
    } while (ring.finalCheckResponses(fraction));
  }

  *#free(packets: readonly NetPacket[]): Steps {
    const { recorder, costs, counters } = this.world;
    const { cpu, ring, carrier, ledger } = this.#parts;
    const span = recorder.begin(K.freeOldXmit, cpu.track, NONE);
    for (const packet of packets) {
      const slots = carrier.slotsOf(packet);
      const dur = slots * costs.ringEntry + costs.stackCompletion;
      if (!cpu.passes(ACTOR.frontend, dur)) yield dur;
      yield* carrier.reclaim(cpu, packet);
      ring.free(slots);
      counters.add(COUNTERS.ringSlots, -slots);
      this.giveBack(packet);
      ledger.reclaimed(packet.owner);
    }
    recorder.end(span, cpu.track, NONE, NONE, packets.length);
  }
}
