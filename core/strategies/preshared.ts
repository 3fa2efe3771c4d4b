/**
 * What the two pre-shared regions have in common: where regions lie, for which guests there was room,
 * and the layout in slots or as a FIFO.
 */
import { PAGE_SIZE } from '../base/brand.ts';
import { protocolOf, type Scenario } from '../contract/scenario.ts';
import { BounceBuffers } from '../primitives/bounce.ts';
import type { World } from '../primitives/world.ts';
import { fifoCarrier } from './fifo-carrier.ts';
import { poolCarrier } from './pool-carrier.ts';
import type { Carrier, PairJudgement, ReceiveWay, Sequences, Setting } from './types.ts';
import { largestPieceOf } from './virtio-support.ts';

const FIFO_KIB_MAX = 512;

export const PRESHARED_SEQUENCES: Sequences = {
  netOut: true,
  netIn: 'posted',
  blk: true,
  gpu: 'A graphics device reads guest pages in place; a copy would not follow what the guest draws.',
  display: 'copy',
};

/** Records come by themselves; slots must be posted. */
export const presharedWay = ({ preshared }: Scenario): ReceiveWay =>
  preshared.layout === 'fifo' ? 'pushed' : 'posted';

const queuesOf = (scenario: Scenario): number =>
  protocolOf(scenario) === 'blk' ? scenario.blk.queues : scenario.net.queues;

export const regionFrames = (scenario: Scenario): number =>
  (scenario.preshared.regionKiB * 1024) / PAGE_SIZE;

/**
 * A carrier over the regions that could be set up.
 *
 * @param connected does this guest have one?
 * @param reservedBytes whose memory they are, of all guests together
 */
export function presharedCarrier(
  world: World,
  connected: readonly boolean[],
  reservedBytes: { readonly frontend: number; readonly backend: number },
): Carrier {
  const { scenario, guests, oracle } = world;
  const frames = regionFrames(scenario);
  // Whoever pays for it, the guest sees the region at the top of its own address space.
  const startOf = (guest: number): number => {
    const memory = guests[guest]?.memory ?? { first: 0, frames: 0 };
    return memory.first + memory.frames - frames;
  };
  for (const { index } of guests) {
    if (connected[index] !== true) continue;
    const note = 'the pre-shared region';
    oracle.standing('backend', startOf(index), frames, { dedicated: true, note });
  }
  if (scenario.preshared.layout === 'fifo') {
    const parts = queuesOf(scenario) * 2;
    const perArea = Math.min(Math.floor(frames / parts), (FIFO_KIB_MAX * 1024) / PAGE_SIZE);
    return fifoCarrier(world, {
      firstFrame: (guest, queue, direction) =>
        connected[guest] === true
          ? startOf(guest) +
            ((queue % queuesOf(scenario)) * 2 + (direction === 'out' ? 0 : 1)) * perArea
          : -1,
      bytes: perArea * PAGE_SIZE,
      reservedBytes,
    });
  }
  const pools = guests.map((guest) =>
    connected[guest.index] === true
      ? new BounceBuffers(world, guest, startOf(guest.index), scenario.preshared.regionKiB)
      : null,
  );
  return poolCarrier(world, {
    all: pools.filter((each) => each !== null),
    of: (guest) => pools[guest] ?? null,
    reservedBytes,
    copiesInAlways: false,
  });
}

/** Does every request fit, and is there a static region of this kind there? */
export function judgePreshared({ scenario, hypervisor }: Setting): PairJudgement {
  const { layout, regionKiB } = scenario.preshared;
  if (regionKiB % 256 !== 0) {
    return { status: 'refused', reason: 'preshared.regionKiB is a multiple of 256 KiB.' };
  }
  if (layout === 'fifo') {
    const kib = Math.min(FIFO_KIB_MAX, Math.floor(regionKiB / (queuesOf(scenario) * 2)));
    const largest = largestPieceOf(scenario);
    if (largest + 32 > kib * 1024 || scenario.workload === 'display') {
      return {
        status: 'refused',
        reason: `A record of ${scenario.workload === 'display' ? 'one picture' : `${largest} bytes`} does not fit into a FIFO of ${kib} KiB.`,
      };
    }
    return {
      status: 'hypothetical',
      reason:
        'Regions exist, a layout as one FIFO was proposed for virtio and never merged; charged at this hypervisor’s costs.',
    };
  }
  if (/^xen-arm-/.test(hypervisor.family) || hypervisor.backend === 'vhost') {
    return { status: 'native', reason: '' };
  }
  return {
    status: 'hypothetical',
    reason: 'Xen sets up static shared memory on Arm (dom0less) only; charged at its x86 costs.',
  };
}
