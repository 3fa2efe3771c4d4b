/** Applications in a guest: one for each queue and direction. */
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import type { Steps } from '../../engine/engine.ts';
import type { World } from '../../primitives/world.ts';
import type { Arrivals, Offer } from './offer.ts';
import { NetRequest, type Ledger, type NetPacket } from './packet.ts';
import { sleepUntil } from './threads.ts';
import type { Window } from './window.ts';

/** A socket to send with: a frontend's, or that of a host's own driver. */
export interface SendSocket {
  segment(request: NetRequest): NetPacket[];
  send(request: NetRequest, packets: readonly NetPacket[]): Steps;
}

/** A socket to receive with. */
export interface ReceiveSocket {
  /** Sleeps until a request has come, and takes it; returns its packets. */
  receive(): Steps<readonly NetPacket[]>;
}

export interface SenderParts {
  readonly cpu: Cpu;
  readonly socket: SendSocket;
  readonly offer: Offer;
  readonly arrivals: Arrivals;
  readonly window: Window;
  readonly ledger: Ledger;
}

/**
 * Sends. Closed loop: its socket has room for so many requests; one makes room when it is finished
 * (acknowledgements themselves cost nothing here). Open loop: requests arrive at their own times and
 * queue for the vCPU.
 */
export function* sender(world: World, parts: SenderParts): Steps {
  const { engine, recorder } = world;
  const { cpu, socket, offer, arrivals, window, ledger } = parts;
  offer.join('out');
  yield* cpu.acquire();
  for (;;) {
    let due = engine.now;
    if (arrivals.isOpenLoop) {
      due = arrivals.next();
      if (due > engine.now) yield* sleepUntil(world, cpu, due);
    }
    if (window.isFull) yield* window.opened.sleep(world, cpu, ACTOR.frontend);
    if (window.isDead) {
      offer.resign('out', ({ id, bytes }) =>
        ledger.forgo(new NetRequest(id, bytes, engine.now, window)),
      );
      break;
    }
    const offered = offer.take('out');
    if (offered === null) break;
    const since = arrivals.isOpenLoop ? due : engine.now;
    const request = new NetRequest(offered.id, offered.bytes, since, window);
    window.enter(request.id);
    ledger.begin(request);
    recorder.openRequest(request.id);
    yield* socket.send(request, socket.segment(request));
    yield* cpu.relax();
  }
  yield* cpu.release();
}

/**
 * Receives; with `answers`, sends as many bytes back for each request, which is done when these have
 * arrived in turn.
 */
export function* receiver(
  cpu: Cpu,
  from: ReceiveSocket,
  answers: SendSocket | null,
  ledger: Ledger,
): Steps {
  yield* cpu.acquire();
  for (;;) {
    const packets = yield* from.receive();
    const { owner } = packets[0] as NetPacket;
    // The answer belongs to the request from the moment at which the request has been taken.
    const answer = answers?.segment(owner);
    for (const packet of packets) ledger.reached(packet);
    if (answers !== null && answer !== undefined) yield* answers.send(owner, answer);
    yield* cpu.relax();
  }
}
