/**
 * L. virtio with the payload in the ring: one FIFO for each queue and direction (proposal).
 *
 * Setup: the backend maps the areas, at most 512 KiB each, and nothing else.
 *
 * Out: 1. frontend: 1 + ceil(len / 16) slots at the tail, or the queue stops  2. header, CPU.copy of the
 *   payload behind it; a pad record where it would wrap  3. index published, doorbell (workload)
 *   4. backend: header copied and checked, records taken in order; DMA from the area, or a copy
 *   5. index published back  6. space returns, in order
 * In: the backend writes records to the reverse FIFO; the frontend copies them out. A read is a request
 *   record forward and a reply record with the data back.
 */
import { PAGE_SIZE } from '../base/brand.ts';
import { PayloadFifo } from '../memory/fifo.ts';
import { protocolOf, type Scenario } from '../contract/scenario.ts';
import type { World } from '../primitives/world.ts';
import { fifoCarrier } from './fifo-carrier.ts';
import type { Carrier, Strategy } from './types.ts';
import { largestPieceOf } from './virtio-support.ts';

const queuesOf = (scenario: Scenario): number =>
  protocolOf(scenario) === 'blk' ? scenario.blk.queues : scenario.net.queues;

function carrier(world: World): Carrier {
  const { scenario, guests, oracle } = world;
  const queues = queuesOf(scenario);
  const frames = Math.ceil((scenario.fifo.kib * 1024) / PAGE_SIZE);
  const total = queues * 2 * frames;
  const startOf = (guest: number): number => {
    const memory = guests[guest]?.memory ?? { first: 0, frames: 0 };
    return memory.first + memory.frames - total;
  };
  for (const { index } of guests) {
    oracle.standing('backend', startOf(index), total, { dedicated: true, note: 'the FIFOs' });
  }
  return fifoCarrier(world, {
    firstFrame: (guest, queue, direction) =>
      startOf(guest) + ((queue % queues) * 2 + (direction === 'out' ? 0 : 1)) * frames,
    bytes: scenario.fifo.kib * 1024,
    reservedBytes: { frontend: guests.length * total * PAGE_SIZE, backend: 0 },
  });
}

export const singleFifo: Strategy = {
  id: 'single-fifo',
  name: 'Single FIFO',
  explanation:
    'Headers and payloads lie in one contiguous area, in order: no descriptors that point elsewhere, no allocator, one place in memory to touch. The frontend copies in, the backend copies out or sends from there. At most 512 KiB of each queue are on their way, headers included, and one slow request holds up all behind it.',
  source: 'stratos-dev 2020, virtio over pre-shared memory; not merged',
  standing: 'proposal',
  topologies: ['mediated'],
  ring: 'virtio',
  sequences: {
    netOut: true,
    netIn: 'pushed',
    blk: true,
    gpu: 'A graphics device reads guest pages in place; a copy would not follow what the guest draws.',
    display: {
      refused: 'A picture does not fit into 512 KiB, and a FIFO holds nothing back to show again.',
    },
  },
  reservedKiB: (scenario) => queuesOf(scenario) * 2 * scenario.fifo.kib,
  judge({ hypervisor, scenario }) {
    const largest = largestPieceOf(scenario);
    if (PayloadFifo.slotsFor(largest) * 16 > scenario.fifo.kib * 1024) {
      return {
        status: 'refused',
        reason: `A record of ${largest} bytes does not fit into a FIFO of ${scenario.fifo.kib} KiB.`,
      };
    }
    return {
      status: 'hypothetical',
      reason: `Proposed for virtio and never merged; charged at the notification costs of ${hypervisor.id}.`,
    };
  },
  carrier,
};
