/** The other end of the link, as it acknowledges what a queue of a guest has sent. */
import type { NicRxQueue } from '../../devices/nic-queue.ts';
import type { Steps } from '../../engine/engine.ts';
import type { World } from '../../primitives/world.ts';
import { NetPacket, type Ledger, type Sender } from './packet.ts';
import type { Link } from './peer.ts';
import { ACK_BYTES } from './segment.ts';
import type { NetStats } from './stats.ts';

export interface AcknowledgerParts {
  readonly link: Link;
  /** Queue of the NIC that the acknowledgements are sorted into. */
  readonly inlet: NicRxQueue;
  readonly ledger: Ledger;
  readonly stats: NetStats;
}

export class Acknowledger implements Sender {
  readonly #world: World;
  readonly #parts: AcknowledgerParts;
  #packets = 0;

  constructor(world: World, parts: AcknowledgerParts) {
    this.#world = world;
    this.#parts = parts;
  }

  /** A packet has left; its request is not over before its acknowledgement has come. */
  sent(packet: NetPacket): void {
    this.#packets++;
    if (this.#packets < this.#world.scenario.net.ackEvery) return;
    this.#packets = 0;
    packet.owner.unreached++;
    packet.owner.unfreed++;
    this.#world.engine.spawn(this.#acknowledge(packet));
  }

  *#acknowledge({ owner, guest, queue }: NetPacket): Steps {
    yield this.#world.scenario.net.thinkNs * 1000;
    const { link, inlet } = this.#parts;
    const ack = new NetPacket(owner, guest, queue, 'in', ACK_BYTES);
    ack.isAck = true;
    ack.sender = this;
    link.send(inlet, this, () => [ack]);
  }

  /** The next acknowledgement says all that a lost one did. */
  dropped(packet: NetPacket): void {
    const { ledger, stats } = this.#parts;
    stats.dropped++;
    ledger.reached(packet);
    ledger.freed(packet);
  }
}
