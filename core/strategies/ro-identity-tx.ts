/**
 * P. Read-only identity mapping for what the device reads, dynamic mapping for what it writes.
 *
 * Setup: all memory in the device's table at its own number, read-only, by superpages; a window above
 * it, or a second domain, for writable pages.
 *
 * Out: 1. dma_map: no work  2. DMA.rd  3. dma_unmap: no work
 * In:  1. dma_map: IOVA in the window, IOMMU.map writable  2. DMA.wr  3. dma_unmap: strict or lazy;
 *      a driver that reuses its pages does not come here for minutes
 */
import { PERMISSION } from '../memory/page-table.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { K } from '../contract/kinds.ts';
import { NONE } from '../engine/recording.ts';
import type { DmaApi } from '../primitives/dma-api.ts';
import type { Iommu, IommuContext } from '../primitives/iommu.ts';
import type { World } from '../primitives/world.ts';
import { DMA_SEQUENCES, judgeOwnIommu, ownDma } from './dma-support.ts';
import type { Strategy } from './types.ts';

/** Top of the window for writable pages: 1 TiB, above all memory. */
const WINDOW_TOP = 2 ** 28;

function dma(world: World, iommu: Iommu): DmaApi {
  const { costs, guests, frames, scenario, oracle } = world;
  const identity = iommu.context('read-only identity');
  const shared = { context: identity, top: WINDOW_TOP };
  const { receive, domains } = scenario.identity;
  const writable = ownDma(world, iommu, receive, domains === 1 ? shared : undefined);
  const native = scenario.topology === 'native';
  const mapAll = (table: IommuContext['table']) => {
    const { first, frames: count } = native ? { first: 0, frames: frames.size } : spanOf(world);
    table.mapRange(first, count, first, costs.identityOrder, PERMISSION.read);
  };
  mapAll(identity.table);
  for (const { memory } of guests) {
    oracle.standing('device', memory.first, memory.frames, {
      dedicated: false,
      note: 'all memory, read-only',
    });
  }
  return {
    locks: writable.locks,

    *map(cpu, actor, extent, direction, request) {
      if (direction === 'in') return yield* writable.map(cpu, actor, extent, direction, request);
      return { context: identity, dfn: extent.mfn, extent, direction };
    },

    *unmap(cpu, actor, mapping, request) {
      if (mapping.direction === 'in') yield* writable.unmap(cpu, actor, mapping, request);
    },

    extend: (cpu, first, count) => extend(world, identity, cpu, first, count),
    check: () => writable.check(),
  };
}

/** All guests' memory: one range. */
function spanOf({ guests }: World): { readonly first: number; readonly frames: number } {
  const first = Math.min(...guests.map((each) => each.memory.first));
  return { first, frames: guests.reduce((sum, each) => sum + each.memory.frames, 0) };
}

/** Hotplugged memory joins the identity map, a superpage at a time. */
function* extend(
  world: World,
  context: IommuContext,
  cpu: Cpu,
  first: number,
  count: number,
): Steps {
  const { costs, recorder } = world;
  const entries = Math.ceil(count / 2 ** costs.identityOrder);
  const dur = costs.iommuMapFixed + entries * costs.iommuPteWrite;
  recorder.leaf(K.iommuMap, cpu.track, dur, NONE, first, NONE, count, NONE, first);
  context.table.mapRange(first, count, first, costs.identityOrder, PERMISSION.read);
  yield cpu.charge(ACTOR.frontend, dur);
}

export const roIdentityTx: Strategy = {
  id: 'ro-identity-tx',
  name: 'Read-only identity',
  explanation:
    'The device may read all memory, by superpages mapped read-only once; what it may write is mapped buffer by buffer. Transmission costs no mapping at all, reception hardly any where the driver reuses its pages. Integrity is kept, confidentiality is not; and the pages that are writable are exactly those that can become dirty.',
  source: 'iommu list 2018, read-only identity mapping for TX; not merged',
  standing: 'proposal',
  topologies: ['assigned', 'native'],
  ring: 'virtio',
  sequences: DMA_SEQUENCES,
  judge(setting) {
    const own = judgeOwnIommu(setting);
    if (own.status === 'refused') return own;
    if (
      setting.scenario.identity.iommu === 'vtd-cm' &&
      setting.scenario.identity.receive === 'lazy'
    ) {
      return {
        status: 'refused',
        reason: 'Linux forces strict invalidation on a VT-d with caching mode.',
      };
    }
    return {
      status: 'hypothetical',
      reason: 'Proposed in 2018 and never merged; charged at this machine’s costs.',
    };
  },
  dma,
};
