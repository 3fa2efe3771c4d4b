/**
 * O. A static region shared for good, of the frontend's memory.
 *
 *  0. setup: the frontend shares n pages and the backend maps them: on Xen one grant and one maptrack
 *     handle each, for as long as the guest lives
 *  1. per request as swiotlb-bounce (slots) or single-fifo, by a driver that knows the region: it copies
 *     what is to go, and what has come, and no more
 *
 * The backend pays no memory for payload, but meets the ceiling of its maptrack: a guest that comes when
 * the handles are used up cannot connect.
 */
import { PAGE_SIZE } from '../base/brand.ts';
import type { World } from '../primitives/world.ts';
import {
  judgePreshared,
  PRESHARED_SEQUENCES,
  presharedCarrier,
  presharedWay,
  regionFrames,
} from './preshared.ts';
import type { Carrier, Strategy } from './types.ts';

/** Mappings in one frame of maptrack. */
const HANDLES_PER_FRAME = 256;

function carrier(world: World): Carrier {
  const { scenario, guests, oracle, hypervisor } = world;
  const frames = regionFrames(scenario);
  const handles = scenario.grants.maxMaptrackFrames * HANDLES_PER_FRAME;
  const counted = hypervisor.notification === 'event-channel';
  let used = 0;
  const connected = guests.map(() => {
    if (!counted) return true;
    if (used + frames > handles) {
      oracle.exhausted('backend', 'maptrack handles for pre-shared regions', -1);
      return false;
    }
    used += frames;
    return true;
  });
  const regions = connected.filter(Boolean).length;
  const reserved = { frontend: regions * frames * PAGE_SIZE, backend: 0 };
  return presharedCarrier(world, connected, reserved);
}

export const presharedFrontend: Strategy = {
  id: 'preshared-frontend',
  name: 'Pre-shared, frontend’s memory',
  explanation:
    'Each guest sets a region of its own memory aside and shares it once; payload is copied through it. Each guest pays for itself, and the backend sees only what it was given. On Xen the backend holds a mapping handle for each page of every guest, and these run out.',
  source: 'stratos-dev 2020, virtio over pre-shared memory; Linux restricted-dma-pool',
  standing: 'proposal',
  topologies: ['mediated'],
  ring: 'virtio',
  sequences: PRESHARED_SEQUENCES,
  receiveWay: presharedWay,
  reservedKiB: (scenario) => scenario.preshared.regionKiB,
  judge: judgePreshared,
  carrier,
};
