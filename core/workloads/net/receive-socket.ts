/** A socket that packets arrive in, and the application's way of taking them from it. */
import { Fifo } from '../../base/fifo.ts';
import { K } from '../../contract/kinds.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import type { Steps } from '../../engine/engine.ts';
import { NONE } from '../../engine/recording.ts';
import { bytesInFrame, copyDuration, framesOf } from '../../primitives/copies.ts';
import type { World } from '../../primitives/world.ts';
import type { BufferArena } from '../buffers.ts';
import type { ReceiveSocket as Receiving } from './applications.ts';
import type { NetPacket, NetRequest } from './packet.ts';
import { Wakeup } from './threads.ts';

/** Pages of an application's buffer. */
const USER_PAGES = 16;

export class ReceiveSocket implements Receiving {
  readonly #world: World;
  readonly #cpu: Cpu;
  readonly #free: (packet: NetPacket) => void;
  readonly #arrived: Wakeup;
  /** Requests of which all has arrived, packet by packet. */
  readonly #whole = new Fifo<NetPacket[]>();
  readonly #user: number;
  #userPage = 0;

  /** @param free gives the memory of a packet back to the driver, once it has been taken */
  constructor(world: World, cpu: Cpu, arena: BufferArena, free: (packet: NetPacket) => void) {
    this.#world = world;
    this.#cpu = cpu;
    this.#free = free;
    this.#arrived = new Wakeup(world.engine);
    this.#user = arena.take(USER_PAGES);
  }

  /** A packet has come up to the socket: it lies where `arrived` says. */
  enqueue(packet: NetPacket): void {
    packet.owner.arrived.push(packet);
    this.settle(packet.owner);
  }

  /** Wakes the application when all of a request is here that will ever come. */
  settle(request: NetRequest): void {
    const packets = request.arrived;
    if (packets.length === 0 || packets.length < request.unreached) return;
    request.arrived = [];
    this.#whole.push(packets);
    this.#arrived.ring();
  }

  *receive(): Steps<readonly NetPacket[]> {
    while (this.#whole.length === 0) {
      yield* this.#arrived.sleep(this.#world, this.#cpu, ACTOR.frontend);
    }
    const packets = this.#whole.shift() as NetPacket[];
    yield* this.#recvmsg(packets);
    return packets;
  }

  /** `tcp_recvmsg`: the payload into the application's buffer, and the memory freed. */
  *#recvmsg(packets: readonly NetPacket[]): Steps {
    const world = this.#world;
    const { recorder, costs } = world;
    const { owner } = packets[0] as NetPacket;
    const span = recorder.begin(K.recvmsg, this.#cpu.track, owner.id);
    let dur = costs.syscall;
    for (const { arrived } of packets) {
      for (const extent of arrived) {
        for (let i = 0; i < framesOf(extent); i++) {
          const target = this.#user + (this.#userPage++ % USER_PAGES);
          dur += copyDuration(world, extent.mfn + i, target, bytesInFrame(extent, i), dur);
        }
      }
    }
    if (!this.#cpu.passes(ACTOR.frontend, dur)) yield dur;
    recorder.end(span, this.#cpu.track, NONE, owner.bytes);
    for (const packet of packets) this.#free(packet);
  }
}
