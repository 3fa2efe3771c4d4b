/**
 * O. A static region shared for good, of the backend's or the host's memory (ivshmem, a PCI BAR, Xen's
 * dom0less shared memory).
 *
 *  0. setup: the backend gives each guest a region out of its own memory
 *  1. per request as preshared-frontend
 *
 * The backend pays for every guest, until it runs out: a guest that comes then cannot connect.
 */
import type { World } from '../primitives/world.ts';
import {
  judgePreshared,
  PRESHARED_SEQUENCES,
  presharedCarrier,
  presharedWay,
  regionFrames,
} from './preshared.ts';
import type { Carrier, Strategy } from './types.ts';

function carrier(world: World): Carrier {
  const { scenario, guests, backends, oracle } = world;
  const frames = regionFrames(scenario);
  const connected = guests.map(() => {
    const room = backends.every(({ budget }) => budget.limit - budget.used >= frames);
    if (!room) oracle.exhausted('backend', 'memory of the backend for pre-shared regions', -1);
    // Each backend keeps regions of its own for the queues that it serves.
    if (room) for (const { budget } of backends) budget.take(Math.ceil(frames / backends.length));
    return room;
  });
  // What the regions take is in the backends' budgets, and so in what a result says of them.
  return presharedCarrier(world, connected, { frontend: 0, backend: 0 });
}

export const presharedBackend: Strategy = {
  id: 'preshared-backend',
  name: 'Pre-shared, backend’s memory',
  explanation:
    'The backend, or the host, gives each guest a region of its own memory once; payload is copied through it. Guests need set nothing aside, and the region survives them; but the backend pays for all of them, and with many guests it runs out.',
  source:
    'stratos-dev 2020, virtio over pre-shared memory; QEMU ivshmem; Xen docs/misc/arm/device-tree/booting.txt (xen,domain-shared-memory-v1)',
  standing: 'merged',
  topologies: ['mediated'],
  ring: 'virtio',
  sequences: PRESHARED_SEQUENCES,
  receiveWay: presharedWay,
  reservedKiB: (scenario) => scenario.preshared.regionKiB,
  judge: judgePreshared,
  carrier,
};
