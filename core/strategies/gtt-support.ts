/** What the mappers of graphics pages have in common. */
import type { IommuContext, Iommu } from '../primitives/iommu.ts';
import type { World } from '../primitives/world.ts';

/** Page at which a reserved range begins: 248 GiB, as XenServer ships it. */
export const RESERVED_OFFSET = (248 * 2 ** 30) / 4096;

/**
 * A domain that holds all memory of the host at `offset`, from boot.
 *
 * @param offset first device frame of the range; 0 for device frame = machine frame
 */
export function everything(world: World, iommu: Iommu, offset = 0): IommuContext {
  const { frames, costs, guests, oracle } = world;
  const context = iommu.context('graphics');
  context.table.mapRange(offset, frames.size, 0, costs.identityOrder);
  for (const { memory } of guests) {
    oracle.standing('device', memory.first, memory.frames, {
      dedicated: false,
      note: 'the graphics device reaches all memory',
    });
  }
  return context;
}

export const GPU_ONLY =
  'The sequence is an emulator’s, for graphics pages; see map-all-memory for the same idea with network and block.';
