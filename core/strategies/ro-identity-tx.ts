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
import { IovaSpace } from '../memory/iova.ts';
import { PERMISSION } from '../memory/page-table.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { K } from '../contract/kinds.ts';
import { NONE } from '../engine/recording.ts';
import type { DmaApi } from '../primitives/dma-api.ts';
import type { Iommu, IommuContext } from '../primitives/iommu.ts';
import type { Guest, World } from '../primitives/world.ts';
import {
  DMA_SEQUENCES,
  forEachGuest,
  judgeOwnIommu,
  memoryOf,
  ownDma,
  pinAll,
} from './dma-support.ts';
import type { Strategy } from './types.ts';

/** Window for writable pages: 512 GiB to 1 TiB, above all memory and all that may be added. */
const WINDOW = { bottom: 2 ** 27, top: 2 ** 28 } as const;

function dma(world: World, iommu: Iommu, guest: Guest): DmaApi {
  const { costs, scenario, oracle } = world;
  const { receive, domains, iommu: flavour } = scenario.identity;
  const identity = iommu.context('read-only identity', { nested: flavour === 'nested' });
  const shared = { context: identity, space: new IovaSpace(WINDOW.top, WINDOW.bottom) };
  const writable = ownDma(world, iommu, receive, domains === 1 ? shared : undefined);
  const { first, frames } = memoryOf(world, guest);
  pinAll(world, guest);
  identity.table.mapRange(first, frames, first, costs.identityOrder, PERMISSION.read);
  const { memory } = guest;
  oracle.standing('device', memory.first, memory.frames, {
    dedicated: false,
    note: 'all memory, read-only',
  });
  return {
    locks: writable.locks,

    *map(cpu, actor, extent, direction, request) {
      if (direction !== 'out') return yield* writable.map(cpu, actor, extent, direction, request);
      return { context: identity, dfn: extent.mfn, extent, direction };
    },

    *unmap(cpu, actor, mapping, request) {
      if (mapping.direction !== 'out') yield* writable.unmap(cpu, actor, mapping, request);
    },

    *mapAll(cpu, actor, extents, direction, request) {
      if (direction !== 'out') {
        return yield* writable.mapAll(cpu, actor, extents, direction, request);
      }
      return extents.map((extent) => ({ context: identity, dfn: extent.mfn, extent, direction }));
    },

    *unmapAll(cpu, actor, mappings, request) {
      if (mappings[0] === undefined || mappings[0].direction === 'out') return;
      yield* writable.unmapAll(cpu, actor, mappings, request);
    },

    extend: (cpu, from, count) => extend(world, identity, cpu, from, count),
    check: () => writable.check(),
  };
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
  if (!cpu.passes(ACTOR.frontend, dur)) yield dur;
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
  dma: (world, iommu) => forEachGuest(world, (guest) => dma(world, iommu, guest)),
};
