/** One queue pair of a NIC that belongs to a guest, or to the host, with its interrupt and NAPI poll. */
import { K } from '../../../contract/kinds.ts';
import { ACTOR, type Cpu } from '../../../engine/cpu.ts';
import { BLOCK, Signal, type Steps } from '../../../engine/engine.ts';
import type { Nic } from '../../../devices/nic.ts';
import type { NicRxQueue, WireListener } from '../../../devices/nic-queue.ts';
import { NicVector } from '../../../devices/nic-vector.ts';
import { Channel } from '../../../primitives/channels.ts';
import type { DmaApi } from '../../../primitives/dma-api.ts';
import type { World } from '../../../primitives/world.ts';
import type { BufferArena } from '../../buffers.ts';
import { POLL_BUDGET } from '../backend-tx.ts';
import type { Ledger, NetPacket } from '../packet.ts';
import type { Role } from '../plan.ts';
import type { NetStats } from '../stats.ts';
import type { PageBuffer } from './pages.ts';
import { DirectRx } from './receive.ts';
import { DirectTx, type TxJob } from './transmit.ts';

export interface PortParts {
  readonly guest: number;
  readonly queue: number;
  readonly role: Role;
  readonly cpu: Cpu;
  readonly arena: BufferArena;
  readonly nic: Nic;
  readonly dma: DmaApi;
  readonly ledger: Ledger;
  readonly stats: NetStats;
  readonly vector: number;
  readonly route: (packet: NetPacket) => void;
}

export class Port implements WireListener<TxJob> {
  readonly #world: World;
  readonly #parts: PortParts;
  readonly #signal: Signal;
  readonly #vector: NicVector;
  readonly #txQueue;
  readonly rxQueue: NicRxQueue<PageBuffer>;
  readonly tx: DirectTx;
  readonly rx: DirectRx | null;

  constructor(world: World, parts: PortParts) {
    const { nic, role } = parts;
    this.#world = world;
    this.#parts = parts;
    this.#signal = new Signal(world.engine);
    this.#vector = new NicVector(world, this.#interrupt());
    this.#txQueue = nic.transmitQueue<TxJob>(this.#vector, this);
    this.rxQueue = nic.receiveQueue<PageBuffer>(this.#vector);
    this.tx = new DirectTx(world, { ...parts, nicQueue: this.#txQueue });
    this.rx = role.receives ? new DirectRx(world, { ...parts, nicQueue: this.rxQueue }) : null;
  }

  get queue(): number {
    return this.#parts.queue;
  }
  get guest(): number {
    return this.#parts.guest;
  }
  get role(): Role {
    return this.#parts.role;
  }
  get cpu(): Cpu {
    return this.#parts.cpu;
  }

  /** @param ready called when packets can come */
  start(ready: () => void): void {
    this.#world.engine.spawn(this.#napi(ready));
  }

  onWire({ packet, loop, faulted }: TxJob): void {
    if (loop === null) {
      this.#parts.ledger.reached(packet);
    } else if (faulted) {
      const twin = loop.tag as NetPacket;
      twin.sender?.dropped(twin);
    }
  }

  /** The card's interrupt: a guest's comes through its hypervisor, the host's own at once. */
  #interrupt(): () => void {
    const { cpu, vector } = this.#parts;
    if (this.#world.scenario.topology === 'native') {
      return () => cpu.interrupt(() => this.#hardirq());
    }
    const injected = new Channel(this.#world, vector, cpu, ACTOR.frontend, () => {
      this.#signal.raise();
      return undefined;
    });
    return () => injected.deliver();
  }

  *#hardirq(): Steps {
    const { costs, recorder } = this.#world;
    const { cpu } = this.#parts;
    recorder.leaf(K.hardirq, cpu.track, costs.hardirq);
    if (!cpu.passes(ACTOR.frontend, costs.hardirq)) yield costs.hardirq;
    this.#signal.raise();
  }

  *#napi(ready: () => void): Steps {
    const { cpu, stats } = this.#parts;
    if (this.rx !== null) {
      yield* cpu.acquire();
      yield* this.rx.refill();
      yield* cpu.release();
    }
    ready();
    for (;;) {
      if (this.#signal.waits()) yield BLOCK;
      yield* cpu.acquire();
      for (;;) {
        const sent = this.#txQueue.takeCompleted(POLL_BUDGET);
        const filled = this.rxQueue.takeFilled(POLL_BUDGET);
        const count = sent.length + filled.length;
        if (count === 0) break;
        stats.cleans.add(count);
        if (sent.length > 0) yield* this.tx.clean(sent);
        if (filled.length > 0 && this.rx !== null) yield* this.rx.take(filled);
        // `napi_complete` when there was less to do than it may do at a time.
        if (count < POLL_BUDGET) break;
        if (cpu.isWanted) yield* cpu.relax();
      }
      this.#vector.enable();
      yield* cpu.release();
    }
  }
}
