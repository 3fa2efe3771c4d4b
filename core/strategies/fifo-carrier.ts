/**
 * Payload that crosses in records of a FIFO, header and data in one area that the backend has mapped for
 * good: one area for each queue and direction (L, and O laid out so).
 */
import { assert } from '../base/assert.ts';
import { PAGE_SIZE } from '../base/brand.ts';
import { K } from '../contract/kinds.ts';
import { COUNTERS } from '../engine/counters.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import { PayloadFifo, type FifoRecord } from '../memory/fifo.ts';
import { copyExtents, framesOf, type Extent } from '../primitives/copies.ts';
import type { World } from '../primitives/world.ts';
import { LocalPages, need, needless } from './support.ts';
import type { Carrier, RespondAt, Transfer } from './types.ts';

/** Where areas are, and how large. */
export interface FifoAreas {
  /** First frame of an area; -1 where a guest has none. */
  firstFrame(guest: number, queue: number, direction: 'out' | 'in'): number;
  readonly bytes: number;
  readonly reservedBytes: { readonly frontend: number; readonly backend: number };
}

interface Area {
  readonly fifo: PayloadFifo;
  readonly first: number;
  readonly name: string;
}

interface Carried {
  /** The request on its way to the backend, and the reply that brings data back. */
  readonly forward: FifoRecord | null;
  reply: FifoRecord | null;
  extent: Extent | null;
}

export function fifoCarrier(world: World, areas: FifoAreas): Carrier {
  const { costs, oracle, counters, recorder } = world;
  const local = new LocalPages(world, 'runs');
  const made = new Map<string, Area | null>();
  const carried = new Map<Transfer, Carried>();
  const of = (transfer: Transfer): Carried => {
    const found = carried.get(transfer);
    assert(found !== undefined, 'a transfer has no record');
    return found;
  };

  const areaOf = ({ guest, queue }: Transfer, direction: 'out' | 'in'): Area | null => {
    const name = `${direction === 'out' ? 'forward' : 'reverse'} FIFO of guest ${guest}, queue ${queue}`;
    const known = made.get(name);
    if (known !== undefined) return known;
    const first = areas.firstFrame(guest, queue, direction);
    const area = first === -1 ? null : { fifo: new PayloadFifo(areas.bytes), first, name };
    made.set(name, area);
    return area;
  };

  /** A record at the tail with its header written; null when the queue must stop. */
  function* take(
    cpu: Cpu,
    actor: number,
    area: Area,
    bytes: number,
    request: number,
  ): Steps<FifoRecord | null> {
    const record = area.fifo.take(bytes);
    const dur = costs.ringEntry;
    const n = record === null ? NONE : record.slots;
    recorder.leaf(K.ringPush, cpu.track, dur, request, NONE, bytes, n, NONE, record?.slot ?? NONE);
    if (!cpu.passes(actor, dur)) yield dur;
    const owner = actor === ACTOR.frontend ? 'frontend' : 'backend';
    if (record === null) oracle.exhausted(owner, area.name, request);
    else oracle.available(owner, area.name);
    counters.set(COUNTERS.bounceSlots, area.fifo.used);
    return record;
  }

  const payloadOf = (area: Area, record: FifoRecord, bytes: number): Extent => {
    const at = PayloadFifo.payloadOffset(record);
    return { mfn: area.first + Math.floor(at / PAGE_SIZE), offset: at % PAGE_SIZE, bytes };
  };

  const authorise = (extent: Extent) => {
    for (let i = 0; i < framesOf(extent); i++) oracle.authorise(extent.mfn + i);
  };
  const takeBack = (extent: Extent) => {
    for (let i = 0; i < framesOf(extent); i++) oracle.reclaim(extent.mfn + i, []);
  };

  function* share(cpu: Cpu, transfer: Transfer): Steps<boolean> {
    const area = areaOf(transfer, 'out');
    if (area === null) {
      // A guest that could not connect: its requests end with an error.
      transfer.dropped = true;
      return true;
    }
    const { bytes, request, fragments, direction } = transfer;
    const out = direction === 'out';
    const record = yield* take(cpu, ACTOR.frontend, area, out ? bytes : 0, request);
    if (record === null) return false;
    const extent = out ? payloadOf(area, record, bytes) : null;
    carried.set(transfer, { forward: record, reply: null, extent });
    if (extent === null) return true;
    authorise(extent);
    need(world, [extent]);
    yield* copyExtents(world, cpu, ACTOR.frontend, fragments, [extent], bytes, request);
    return true;
  }

  /** The backend brings data: a record at the tail of the reverse FIFO. */
  function* reply(cpu: Cpu, transfer: Transfer): Steps<boolean> {
    const area = areaOf(transfer, 'in');
    const { bytes, request, protocol, arrived, device } = transfer;
    if (area === null) return true;
    const record = yield* take(cpu, ACTOR.backend, area, bytes, request);
    if (record === null) return false;
    const extent = payloadOf(area, record, bytes);
    const known = carried.get(transfer);
    carried.set(transfer, { forward: known?.forward ?? null, reply: record, extent });
    authorise(extent);
    need(world, [extent]);
    const from = protocol === 'net' ? arrived : device;
    yield* copyExtents(world, cpu, ACTOR.backend, from, [extent], bytes, request);
    needless(world, [extent]);
    return true;
  }

  return {
    locks: [],
    reservedBytes: areas.reservedBytes,
    signalling: 'ring',
    respondAt: ({ protocol, direction }): RespondAt =>
      protocol === 'net' && direction === 'out' && world.backendCopies ? 'accepted' : 'transmitted',
    slotsOf: () => 0,
    share,

    *accept(cpu, batch) {
      for (const transfer of batch) {
        if (areaOf(transfer, 'out') === null) continue;
        // The header is copied before it is believed: type, length, next.
        if (!cpu.passes(ACTOR.backend, costs.ringEntry)) yield costs.ringEntry;
        const { extent } = of(transfer);
        const out = transfer.direction === 'out';
        if (out && extent !== null && !world.backendCopies) {
          transfer.device = [extent];
          continue;
        }
        const pages =
          out && extent !== null
            ? yield* local.copyIn(cpu, transfer, [extent])
            : yield* local.take(cpu, transfer, transfer.bytes);
        if (pages === null) transfer.dropped = true;
        else transfer.device = pages;
        if (out && extent !== null) needless(world, [extent]);
      }
    },

    *deliver(cpu, batch) {
      let delivered = 0;
      for (const transfer of batch) {
        if (!(yield* reply(cpu, transfer))) break;
        delivered++;
      }
      return delivered;
    },

    *transmitted(cpu, transfer) {
      // What was copied at once may be answered, and taken back, by now.
      const connected = areaOf(transfer, 'out') !== null;
      const inPlace = connected && transfer.direction === 'out' && !world.backendCopies;
      const extent = inPlace ? of(transfer).extent : null;
      if (extent !== null) needless(world, [extent]);
      yield* local.give(cpu, transfer);
    },

    *release() {
      // Space returns when the frontend has seen the answer.
    },

    *reclaim(cpu, transfer) {
      const known = carried.get(transfer);
      if (known === undefined) return;
      const { forward, reply: answer, extent } = known;
      const { direction, fragments, bytes, request } = transfer;
      if (direction === 'in' && extent !== null) {
        // The header of the reply, as the backend reads that of the request.
        if (!cpu.passes(ACTOR.frontend, costs.ringEntry)) yield costs.ringEntry;
        yield* copyExtents(world, cpu, ACTOR.frontend, [extent], fragments, bytes, request);
      }
      if (extent !== null) takeBack(extent);
      if (forward !== null) areaOf(transfer, 'out')?.fifo.give(forward);
      if (answer !== null) areaOf(transfer, 'in')?.fifo.give(answer);
      carried.delete(transfer);
    },

    check() {
      for (const area of made.values()) {
        assert(
          (area?.fifo.usedBytesMax ?? 0) <= areas.bytes,
          'a FIFO never holds more than it has',
        );
      }
    },
  };
}
