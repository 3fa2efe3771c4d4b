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

/** What a receiver sends back for what it has taken. */
export interface Answering {
  /** Packets of the answer, which belong to the request from now on. */
  answerTo(request: NetRequest, received: number): readonly NetPacket[];
  send(request: NetRequest, answer: readonly NetPacket[]): Steps;
}

/** As many bytes as have come (net-rr). */
export const answerWith = (socket: SendSocket): Answering => ({
  answerTo: (request) => socket.segment(request),
  send: (request, answer) => socket.send(request, answer),
});

/** A socket that acknowledges. */
export interface AckSocket {
  acknowledgement(request: NetRequest): NetPacket;
  sendAck(packet: NetPacket): Steps;
}

/** One acknowledgement for every so many packets. */
export function acknowledgeWith(socket: AckSocket, every: number): Answering {
  let packets = 0;
  return {
    answerTo(request, received) {
      packets += received;
      if (packets < every) return [];
      packets %= every;
      return [socket.acknowledgement(request)];
    },
    *send(_request, answer) {
      for (const packet of answer) yield* socket.sendAck(packet);
    },
  };
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
 * Sends. Closed loop: its socket has room for so many requests; one makes room when it is finished.
 * Open loop: requests arrive at their own times and queue for the vCPU.
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
    if (cpu.isWanted) yield* cpu.relax();
  }
  yield* cpu.release();
}

/** Receives; with `answers`, sends something back, and the request is done when that has arrived too. */
export function* receiver(
  cpu: Cpu,
  from: ReceiveSocket,
  answers: Answering | null,
  ledger: Ledger,
): Steps {
  yield* cpu.acquire();
  for (;;) {
    const packets = yield* from.receive();
    const { owner } = packets[0] as NetPacket;
    // The answer belongs to the request from the moment at which the request has been taken.
    const answer = answers?.answerTo(owner, packets.length) ?? [];
    for (const packet of packets) ledger.reached(packet);
    if (answers !== null && answer.length > 0) yield* answers.send(owner, answer);
    if (cpu.isWanted) yield* cpu.relax();
  }
}
