/**
 * N. Argo: the hypervisor copies each message into a ring of its receiver.
 *
 * Setup: each side registers a ring of its own memory for each partner.
 *
 * Out: 1. frontend: XEN_ARGO_OP_sendv; Xen copies header and payload into the backend's ring and raises
 *   VIRQ_ARGO; -EAGAIN when there is no room: queued, and told later  2. backend: CPU.copy out of the ring,
 *   read position forward; XEN_ARGO_OP_notify if senders wait  3. DMA from its own pages
 *   4. backend: a message that says what is done
 * In: the same the other way. A read is a small request message, and a message with the data back.
 */
import { assert } from '../base/assert.ts';
import { PAGE_SIZE } from '../base/brand.ts';
import { largestRequestOf, protocolOf, type Scenario } from '../contract/scenario.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { ArgoRing } from '../memory/argo-ring.ts';
import { ArgoPort } from '../primitives/argo.ts';
import type { Extent } from '../primitives/copies.ts';
import { backendFor, type Guest, type World } from '../primitives/world.ts';
import { LocalPages } from './support.ts';
import type { Carrier, Strategy, Transfer } from './types.ts';

/** A request without data, and an answer: operation, id, status. */
const SMALL_BYTES = 64;

const queuesOf = (scenario: Scenario): number =>
  protocolOf(scenario) === 'blk' ? scenario.blk.queues : scenario.net.queues;

interface Ports {
  readonly toBackend: ArgoPort;
  readonly toFrontend: ArgoPort;
  /** A page of each side's own, for small messages. */
  readonly frontendPage: Extent;
  readonly backendPage: Extent;
  /** Answers in the frontend's ring that it has not read. */
  readonly answers: number[];
}

/** What a backend must have beside its rings, for packets on their way: 1 MiB. */
const BUFFERS_KIB = 1024;

function carrier(world: World): Carrier {
  const { scenario, guests, frames, oracle } = world;
  const bytes = scenario.argo.ringKiB * 1024;
  const pages = Math.ceil(bytes / PAGE_SIZE);
  const queues = queuesOf(scenario);
  const local = new LocalPages(world);
  const ports = new Map<string, Ports>();
  /** Where a transfer's message lies in the ring that it came by. */
  const messages = new Map<Transfer, number>();

  const portsOf = ({ guest, queue }: Transfer): Ports => {
    const found = ports.get(`${guest}.${queue}`);
    assert(found !== undefined, 'a transfer names its guest and queue');
    return found;
  };

  /** Both sides register their rings when they connect. */
  const connect = ({ index, memory }: Guest, queue: number): void => {
    const backend = backendFor(world, { queue });
    const per = pages + 1;
    const first = memory.first + memory.frames - (queue + 1) * per;
    const taken = backend.budget.take(per);
    assert(taken, 'scenarios are refused whose rings the backend cannot pay for');
    const own = Array.from({ length: per }, () => frames.allocate(backend.domain));
    const theirs = Array.from({ length: per }, (_, i) => first + i);
    const at = `guest ${index}, queue ${queue}`;
    const page = (mfn: number): Extent => ({ mfn, offset: 0, bytes: SMALL_BYTES });
    const made: Ports = {
      toBackend: new ArgoPort(world, `backend’s ring for ${at}`, own, bytes),
      toFrontend: new ArgoPort(world, `ring of ${at}`, theirs, bytes),
      frontendPage: page(theirs[pages] as number),
      backendPage: page(own[pages] as number),
      answers: [],
    };
    ports.set(`${index}.${queue}`, made);
  };
  for (const guest of guests) {
    for (let queue = 0; queue < queues; queue++) connect(guest, queue);
  }

  /** A message with its wait for room told. */
  function* send(
    cpu: Cpu,
    actor: 'frontend' | 'backend',
    port: ArgoPort,
    payload: readonly Extent[],
    length: number,
    transfer: Transfer,
  ): Steps<number> {
    const at = yield* port.sendv(cpu, payload, length, transfer.guest, transfer.request);
    if (at === -1) oracle.exhausted(actor, port.name, transfer.request);
    else oracle.available(actor, port.name);
    return at;
  }

  const rings = guests.length * queues;
  return {
    locks: [],
    reservedBytes: { frontend: rings * (pages + 1) * PAGE_SIZE, backend: 0 },
    signalling: 'own',
    respondAt: ({ protocol, direction }) =>
      protocol === 'net' && direction === 'out' ? 'accepted' : 'transmitted',
    slotsOf: () => 0,

    *share(cpu, transfer) {
      const { toBackend, frontendPage } = portsOf(transfer);
      const out = transfer.direction === 'out';
      const payload = out ? transfer.fragments : [frontendPage];
      const length = out ? transfer.bytes : SMALL_BYTES;
      const at = yield* send(cpu, 'frontend', toBackend, payload, length, transfer);
      if (at !== -1) messages.set(transfer, at);
      return at !== -1;
    },

    *accept(cpu, batch) {
      for (const transfer of batch) {
        const { toBackend, backendPage } = portsOf(transfer);
        const { request, direction } = transfer;
        const at = messages.get(transfer);
        assert(at !== undefined, 'what is accepted has come as a message');
        const own = yield* local.take(cpu, transfer, transfer.bytes);
        if (own === null) transfer.dropped = true;
        else transfer.device = own;
        const out = direction === 'out';
        // Without memory to copy it to, the message is let go.
        const to = out ? (own ?? []) : [backendPage];
        const length = out ? transfer.bytes : SMALL_BYTES;
        yield* toBackend.receive(cpu, ACTOR.backend, at, to, length, request);
        messages.delete(transfer);
      }
    },

    *deliver(cpu, batch) {
      let delivered = 0;
      for (const transfer of batch) {
        const { toFrontend } = portsOf(transfer);
        const from = transfer.protocol === 'net' ? transfer.arrived : transfer.device;
        const at = yield* send(cpu, 'backend', toFrontend, from, transfer.bytes, transfer);
        if (at === -1) break;
        messages.set(transfer, at);
        delivered++;
      }
      return delivered;
    },

    *transmitted(cpu, transfer) {
      yield* local.give(cpu, transfer);
    },

    *release() {
      // Nothing is held of the frontend's.
    },

    *respond(cpu, batch) {
      // Data that came by a message of its own needs no other answer.
      const [first] = batch.filter((each) => each.direction === 'out');
      if (first === undefined) return;
      const { toFrontend, backendPage, answers } = portsOf(first);
      const at = yield* toFrontend.sendv(cpu, [backendPage], SMALL_BYTES, -1, first.request);
      // Where the ring is full, the next answer says it too.
      if (at !== -1) answers.push(at);
    },

    *reclaim(cpu, transfer) {
      const { toFrontend, frontendPage, answers } = portsOf(transfer);
      for (let at = answers.shift(); at !== undefined; at = answers.shift()) {
        const to = [frontendPage];
        yield* toFrontend.receive(cpu, ACTOR.frontend, at, to, SMALL_BYTES, transfer.request);
      }
      if (transfer.direction === 'out') return;
      const at = messages.get(transfer);
      if (at === undefined) return;
      const { fragments, bytes: length, request } = transfer;
      yield* toFrontend.receive(cpu, ACTOR.frontend, at, fragments, length, request);
      messages.delete(transfer);
    },

    check() {
      for (const { toBackend, toFrontend } of ports.values()) {
        toBackend.check();
        toFrontend.check();
      }
    },
  };
}

export const argo: Strategy = {
  id: 'argo',
  name: 'Argo',
  explanation:
    'The hypervisor copies each message from its sender into a ring of its receiver, who copies it out: no memory is shared at all, neither side can change what the other is reading, and Xen vouches for who sent it. Two copies and a hypercall for each message, and rings that each receiver pays for, one for every partner.',
  source: 'Xen public/argo.h, common/argo.c; stratos-dev 2020',
  standing: 'merged',
  topologies: ['mediated'],
  ring: 'argo',
  sequences: {
    netOut: true,
    netIn: 'pushed',
    blk: true,
    gpu: 'A graphics device reads guest pages in place; a message would not follow what the guest draws.',
    display: 'copy',
  },
  reservedKiB: (scenario) => queuesOf(scenario) * (scenario.argo.ringKiB + 4),
  judge({ hypervisor, scenario }) {
    const largest =
      scenario.workload === 'display'
        ? scenario.display.width * scenario.display.height * 4
        : Math.min(largestRequestOf(scenario), protocolOf(scenario) === 'net' ? 65_536 : 1_048_576);
    if (!new ArgoRing(scenario.argo.ringKiB * 1024).canHold(largest)) {
      return {
        status: 'refused',
        reason: `A message of ${largest} bytes does not fit into a ring of ${scenario.argo.ringKiB} KiB (-EMSGSIZE).`,
      };
    }
    const rings = scenario.guests * queuesOf(scenario) * (scenario.argo.ringKiB + 4);
    if (rings + BUFFERS_KIB > scenario.backend.memoryMiB * 1024) {
      return {
        status: 'refused',
        reason: `The backend cannot pay for ${rings} KiB of rings out of ${scenario.backend.memoryMiB} MiB.`,
      };
    }
    if (hypervisor.notification === 'event-channel') return { status: 'native', reason: '' };
    return {
      status: 'hypothetical',
      reason: 'Argo is Xen’s; the hypercall and the copies are charged at KVM’s costs.',
    };
  },
  carrier,
};
