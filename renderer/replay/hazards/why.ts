/**
 * Why each hazard is possible at all, wherever it shows, with its source: Xen is its sources of 4.22-dev,
 * Linux those of 6.1.
 */
import type { HazardId } from '../../../core/contract/index.ts';

export const WHY: Readonly<Record<HazardId, string>> = {
  // Strict, lazy and passthrough modes: Linux, iommu.strict and iommu.passthrough. A PV dom0 that is not
  // strict ("Relaxed") reaches all memory of the host: Xen, dom0-iommu.
  H1: 'A device works with addresses that it was given earlier, and nothing tells it that one has been unmapped. Its access is refused where neither the table nor the IOTLB translates the address any more. It goes through where a stale IOTLB entry does, or where the IOMMU lets the device reach that memory whatever is mapped.',
  // A retransmission that outlives the grant: xen-devel 2014, grant map/unmap improvement.
  H2: 'What permits a read and what carries it out are apart: a device, or a CPU that sends once more, takes what lies at the address when its turn comes. Where a cached translation is left, or that memory can be reached all the time, nothing stops a read after the permission has ended, and other data may be there by then.',
  // Grants are mapped by the page (sub-page entries of version 2 are for copies alone) and copied by
  // offset and length: Xen, GNTTABOP_map_grant_ref, GNTTABOP_copy. The IOMMU's grain, and that Linux
  // bounces the rest of a page for devices that it does not trust: Linux, DMA API.
  H3: 'A grant that is mapped, an entry of a second-level table and an entry of an IOMMU’s table are for a whole page. What lies on that page beside the payload is shared with it, unless the buffer has its pages to itself or the payload is copied: a grant copy names bytes, not pages.',
  // What the flush queue holds back: Linux, IOVA_FQ_SIZE and IOVA_FQ_TIMEOUT. A reference that goes
  // before the flush: XSA-346, and the batches of PV-IOMMU as XCP-ng ships it.
  H4: 'Clearing an entry of an IOMMU’s table leaves its copy in the IOTLB, and clearing one of a second-level table its copies in TLBs, until an invalidation is complete. A deferred flush keeps the address range from being used again until then, but not the frame, which its owner has back at once. The same window opens where a reference to a frame is dropped before the flush at the end of a batch.',
  // Free with the last reference: Xen, guest_remove_page and put_page_alloc_ref. Lookups that take none:
  // xen-devel 2014, gfn to mfn for XenGT.
  H5: 'A balloon gives a frame back by its guest frame number, and the frame goes to others once nobody holds a reference to it. Who translated the number earlier and took no reference goes on with a frame that has another owner.',
  // Xen, gnttab_max_frames and gnttab_max_maptrack_frames; Linux, IO_TLB_DEFAULT_SIZE and the
  // dma_entry_limit of VFIO.
  H6: 'Mappings, references, slots, address ranges, ring space and memory for payload are limited. How many are taken depends on how much the other side asks for and how long it keeps them. What finds none left waits, is dropped or fails.',
  // A relaxed PV dom0 has the host's memory in its IOMMU table from boot: Xen, dom0-iommu. A virtio
  // backend maps all of its guest: QEMU, VHOST_USER_SET_MEM_TABLE. Read-only: iommu list 2018.
  H7: 'What can be reached was set up once, at boot or when the frontend connected, and not for a request: a guest’s memory in the page tables of its backend, or memory of others in the IOMMU’s table of whoever drives the device. It does not follow what is granted or mapped later. If it is read-only it keeps writes out, and nothing else.',
  // Read once, into private memory: RING_COPY_REQUEST of io/ring.h.
  H8: 'One side checks data that lies where the other can still write, and uses it later from there. Only what was copied to private memory before the check cannot change in between.',
  // An entry with GTF_reading or GTF_writing is in use, and stays: Xen, grant protocol. Death of the
  // mapper: Xen, gnttab_release_mappings. Given back while referenced: Xen, guest_remove_page.
  H9a: 'Only who has mapped, pinned or referenced a page can let it go. A grant cannot be taken back while it is in use: ending it fails, and its owner can wait or give the page up for lost. A page that is given back in that state is not freed. When a domain dies its grant mappings are dropped for it; while it lives they are not.',
  // Neither io/ring.h nor virtio bounds the time from request to response; an asynchronous unmap has no
  // limit of retries: Linux, gnttab_unmap_refs_async.
  H9b: 'The other side writes a response when it has done the work, and no interface says by when. Until then the memory of the request stays shared. A timeout tells that something is late; it does not give the memory back.',
  // As H1, by a write: the residual reach of Linux's lazy mode and of passthrough.
  H10: 'A device write that was started before an unmap, or late, goes where its address still leads: through a cached translation, through an entry that nobody has taken away yet, or through an IOMMU that lets the device reach that memory anyway. If the frame has another use by then, that is overwritten.',
};
