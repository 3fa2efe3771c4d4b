/** Why each hazard is possible at all, in two sentences. */
import type { HazardId } from '../../../core/contract/index.ts';

export const WHY: Readonly<Record<HazardId, string>> = {
  H1: 'Unmapping removes an entry from a table; the device has taken its address before and knows nothing of that. What it still has in flight finds a cached translation, or is refused as a fault.',
  H2: 'A device works from addresses, not from permissions. Where the IOMMU holds all memory, or an old translation, an address that was handed out earlier is read whatever is there now.',
  H3: 'Grants, second-level tables and IOMMU entries have the grain of a page. A buffer that does not fill its pages shares the rest of them as well.',
  H4: 'Clearing an entry of the IOMMU’s table does not clear the copy in the IOTLB. A flush that is deferred collects removed entries and drops them together, and the frame is free before that.',
  H5: 'A balloon takes a frame away by its number. Whoever translated that number earlier and holds no reference goes on with a frame that now belongs to another.',
  H6: 'One side decides how much the other has to hold. Pages, references, slots and ring space are taken on demand, up to a limit that others need as well.',
  H7: 'What can be reached was set up once, and not for a request. The table holds the memory from the start, so nothing has to be mapped, and nothing is kept out.',
  H8: 'Both sides see the same page at the same time. Who checks first and uses later uses what the other has put there in between.',
  H9a: 'Only who mapped a page can unmap it. The owner of a grant may ask and wait; there is no way to take it back.',
  H9b: 'A response is written by the other side when it likes. Nothing obliges it to, and only a timeout tells that it does not.',
  H10: 'Unmapping removes an entry from a table; a write that the device has in flight arrives nevertheless where a cached translation leads. By then the frame may be something else.',
};
