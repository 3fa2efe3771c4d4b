/**
 * The vocabulary of a trace: every kind of event, simulated and recorded. Codes are stored in trace
 * files and never change their meaning; new kinds take new codes. `traces/FORMAT.md` documents each
 * one, and a test holds the two together.
 */

/** Colour group of a kind, and the unit in which time is attributed. */
export const CATEGORIES = [
  'hypercall',
  'map',
  'flush',
  'copy',
  'dma',
  'notify',
  'stack',
  'wait',
  'hazard',
  'other',
] as const;
export type Category = (typeof CATEGORIES)[number];

/** Keys of a result's `counts`, in the order in which they are shown. */
export const COUNT_KEYS = [
  'hypercall',
  'trap',
  'map',
  'unmap',
  'tlbFlush',
  'iotlbFlush',
  'copy',
  'dma',
  'notify',
  'upcall',
  'fault',
  'cacheMaintenance',
] as const;
export type CountKey = (typeof COUNT_KEYS)[number];

/** What the `frame` column of an event holds. */
export type FrameSpace = 'mfn' | 'gfn' | 'dfn' | 'byte address';

/** One kind of event. */
export interface Kind {
  /** Stable number stored in `events.kind`. */
  readonly code: number;
  /** The interface's real name. */
  readonly name: string;
  readonly category: Category;
  /** Counters that one event of this kind adds one to. */
  readonly counts: readonly CountKey[];
  /** Meaning of `events.frame`, or null where the column is NULL. */
  readonly frame: FrameSpace | null;
  /** Meaning of `events.arg`, or null where the column is NULL. */
  readonly arg: string | null;
  /** One sentence. */
  readonly doc: string;
}

const table: Kind[] = [];

function kind(
  code: number,
  name: string,
  category: Category,
  counts: readonly CountKey[],
  frame: FrameSpace | null,
  arg: string | null,
  doc: string,
): number {
  table.push({ code, name, category, counts, frame, arg, doc });
  return code;
}

/**
 * Code of every kind, by a key that code can spell.
 *
 * `n` is always a number of elements and `bytes` always a number of payload bytes, so they are not
 * listed per kind.
 */
// One kind in two lines reads as a table.
// prettier-ignore
export const K = {
  // Hypercalls: one event from entry to return, elements nested inside.
  mapGrantRef: kind(10, 'GNTTABOP_map_grant_ref', 'hypercall', ['hypercall'], null, null,
    'Hypercall that maps n grant references into the caller.'),
  unmapGrantRef: kind(11, 'GNTTABOP_unmap_grant_ref', 'hypercall', ['hypercall'], null, null,
    'Hypercall that unmaps n grant handles of the caller.'),
  grantCopy: kind(12, 'GNTTABOP_copy', 'hypercall', ['hypercall'], null, null,
    'Hypercall that carries out n copies, each within one page on either side.'),
  evtchnSend: kind(13, 'EVTCHNOP_send', 'notify', ['hypercall', 'notify'], null, 'event channel port',
    'Hypercall that makes an event channel pending at its other end; a pending one coalesces.'),
  cacheFlush: kind(14, 'GNTTABOP_cache_flush', 'hypercall', ['hypercall'], null, null,
    'Hypercall by which an Arm dom0 cleans or invalidates the cache lines of a foreign page.'),

  unmapAndReplace: kind(15, 'GNTTABOP_unmap_and_replace', 'hypercall', ['hypercall'], null, null,
    'Hypercall that puts another page of the caller in the place of a mapped grant.'),
  lightMap: kind(16, 'GNTTABOP_light_map', 'hypercall', ['hypercall'], null, null,
    'Proposal: hypercall that maps n grants for the device alone, for a limited time.'),
  lightExpire: kind(17, 'GNTTABOP_light_expire', 'hypercall', ['hypercall'], null, null,
    'Proposal: hypercall that ends n device mappings, with one invalidation.'),
  grantCopyAsync: kind(18, 'GNTTABOP_copy_async', 'hypercall', ['hypercall'], null, null,
    'Proposal: hypercall that hands n grant copies to a copy engine of the hypervisor.'),
  iommuOp: kind(19, 'IOMMUOP', 'hypercall', ['hypercall'], null, 'sub-operation, see FORMAT.md',
    'PV-IOMMU hypercall with n elements, and the lookup that came before it.'),
  addToPhysmap: kind(23, 'XENMEM_add_to_physmap_batch', 'hypercall', ['hypercall'], null, null,
    'Hypercall that maps n foreign frames into the memory of the caller.'),
  removeFromPhysmap: kind(24, 'XENMEM_remove_from_physmap', 'hypercall', ['hypercall'], null, null,
    'Hypercall that removes frames from the memory of the caller.'),
  decreaseReservation: kind(25, 'XENMEM_decrease_reservation', 'hypercall', ['hypercall'], null, null,
    'Hypercall by which a balloon gives n frames back.'),
  populatePhysmap: kind(26, 'XENMEM_populate_physmap', 'hypercall', ['hypercall'], null, null,
    'Hypercall by which a domain is given n frames.'),
  argoSendv: kind(27, 'XEN_ARGO_OP_sendv', 'hypercall', ['hypercall', 'notify'], null, 'destination port',
    'Hypercall that copies a message of `bytes` bytes into the ring of its receiver, and raises VIRQ_ARGO there.'),
  argoNotify: kind(28, 'XEN_ARGO_OP_notify', 'hypercall', ['hypercall'], null, null,
    'Hypercall by which a receiver asks who waits for room in its rings.'),

  // Traps that are not hypercalls.
  vmexit: kind(20, 'VMEXIT', 'hypercall', ['trap'], null, 'exit reason, see FORMAT.md',
    'Exit from a guest to its hypervisor, up to the next entry.'),
  kick: kind(21, 'ioeventfd', 'notify', ['trap', 'notify'], null, 'virtqueue index',
    'Exit by a guest write to a virtqueue doorbell, handled in the kernel.'),
  irqfd: kind(22, 'irqfd', 'notify', ['notify'], null, 'virtqueue index',
    'Backend signals a guest interrupt through an eventfd.'),

  ioreq: kind(29, 'ioreq', 'notify', [], null, 'byte address',
    'Emulation request of a trapped access, until its state is IORESP_READY.'),

  // Grant tables.
  grantAccess: kind(30, 'GNT.grant', 'map', [], 'gfn', 'grant reference',
    'Frontend writes a shared grant entry that permits access to a frame.'),
  grantEnd: kind(31, 'GNT.end', 'map', [], 'gfn', 'grant reference',
    'Frontend tries to revoke a grant; status 1 means that it is still in use.'),
  grantMap: kind(32, 'GT.map', 'map', ['map'], 'mfn', 'grant handle',
    'One element of a grant map: pin, page reference, page-table entry.'),
  grantUnmap: kind(33, 'GT.unmap', 'map', ['unmap'], 'mfn', 'grant handle',
    'One element of a grant unmap: page-table entry removed; references go after the flush.'),
  grantCopyElement: kind(34, 'GT.copy', 'copy', ['copy'], 'mfn', 'grant reference',
    'One element of a grant copy, by the hypervisor, of `bytes` bytes.'),

  grantReplace: kind(35, 'GT.replace', 'map', ['unmap'], 'mfn', 'grant handle',
    'One element of an unmap-and-replace: another page takes the place of the grant.'),
  grantLightMap: kind(36, 'GT.light_map', 'map', ['map'], 'mfn', 'grant reference',
    'One element of a light map: device pin, page reference, IOMMU entry, no CPU mapping.'),
  grantLightExpire: kind(37, 'GT.light_expire', 'map', ['unmap'], 'mfn', 'grant reference',
    'One element of an expiry: IOMMU entry removed; references go after the flush.'),
  gntdevIoctl: kind(38, 'gntdev ioctl', 'map', [], null, null,
    'System call by which a process maps or unmaps n grants; the hypercall is inside.'),

  grantPin: kind(39, 'GT.pin', 'map', [], 'mfn', 'grant reference',
    'One element of an asynchronous copy: checked, and both of its frames held.'),

  // CPU TLBs and second-level tables.
  tlbIpi: kind(40, 'TLB.ipi', 'flush', ['tlbFlush'], null, 'physical CPUs interrupted',
    'A round of inter-processor interrupts that flushes the TLBs which may hold a domain.'),
  eptSync: kind(41, 'EPT.sync', 'flush', ['tlbFlush'], 'mfn', 'physical CPUs interrupted',
    'Synchronous INVEPT after an EPT entry was removed; on AMD, a new ASID on each CPU.'),
  tlbiBroadcast: kind(42, 'TLBI', 'flush', ['tlbFlush'], 'mfn', '0 VMALLS12E1IS (whole VMID), 1 VAE1IS (one page)',
    'Broadcast TLB invalidation with its DSB, after a mapping of a frame was removed.'),
  tlbHandler: kind(45, 'TLB.handler', 'flush', [], null, null,
    'Part of a TLB flush that runs on an interrupted CPU.'),
  p2mSet: kind(43, 'P2M.set', 'map', ['map'], 'mfn', 'gfn',
    'Entry written into a second-level table, or into the table by which a PV backend reaches a frame.'),
  p2mClear: kind(44, 'P2M.clear', 'map', ['unmap'], 'mfn', 'gfn',
    'Entry removed from such a table.'),

  // IOMMU.
  iommuMap: kind(50, 'IOMMU.map', 'map', ['map'], 'mfn', 'dfn',
    'IOMMU page-table entries written for n pages.'),
  iommuUnmap: kind(51, 'IOMMU.unmap', 'map', ['unmap'], 'mfn', 'dfn',
    'IOMMU page-table entries cleared for n pages.'),
  iotlbInv: kind(52, 'IOTLB.inv', 'flush', ['iotlbFlush'], null, 'first dfn, or -1 for a whole domain',
    'Invalidation command from submission to the end of its wait descriptor.'),
  iotlbWait: kind(53, 'IOTLB.wait', 'wait', [], null, null,
    'Part of an invalidation spent spinning on the wait descriptor.'),
  virtioIommuMap: kind(54, 'VIRTIO_IOMMU_T_MAP', 'hypercall', [], 'gfn', 'first iova page',
    'MAP request on the virtio-iommu request queue, from its kick to its status.'),
  virtioIommuUnmap: kind(55, 'VIRTIO_IOMMU_T_UNMAP', 'hypercall', [], null, 'first iova page',
    'UNMAP request on the virtio-iommu request queue, from its kick to its status.'),
  iovaAlloc: kind(56, 'IOVA.alloc', 'map', [], null, 'first iova page',
    'IOVA range of n pages taken from the allocator.'),
  iovaFree: kind(57, 'IOVA.free', 'map', [], null, 'first iova page',
    'IOVA range of n pages given back to the allocator.'),
  iotlbWalk: kind(58, 'IOTLB.walk', 'dma', [], 'dfn', 'table levels read',
    'Table walk after an IOTLB miss.'),

  vfioMapDma: kind(46, 'VFIO_IOMMU_MAP_DMA', 'map', [], null, 'first iova page',
    'System call of a VMM that pins n pages and maps them for an assigned device.'),
  vfioUnmapDma: kind(47, 'VFIO_IOMMU_UNMAP_DMA', 'map', [], null, 'first iova page',
    'System call of a VMM that unmaps and unpins n pages.'),
  pin: kind(48, 'vfio_pin_pages', 'map', [], 'mfn', null,
    'A page of the guest pinned for a device.'),
  unpin: kind(49, 'vfio_unpin_pages', 'map', [], 'mfn', null,
    'A page of the guest unpinned.'),
  gfnLookup: kind(59, 'gfn_to_mfn', 'map', [], 'mfn', 'gfn',
    'A guest frame number translated for an emulator; with or without a reference.'),

  // Rings, events, interrupts.
  ringPush: kind(60, 'RING.push', 'notify', [], null, 'producer index',
    'n descriptors written to a ring and published.'),
  ringPull: kind(61, 'RING.pull', 'notify', [], null, 'consumer index',
    'n descriptors read from a ring into private memory.'),
  upcall: kind(62, 'upcall', 'notify', ['upcall'], null, 'port, queue or vector',
    'Notification delivered: the handler starts on its CPU.'),
  devIrq: kind(63, 'DEV.irq', 'notify', [], null, 'vector',
    'Device raises an interrupt.'),
  sched: kind(64, 'SCHED', 'wait', [], null, null,
    'A sleeping thread or vCPU is woken and switched to.'),

  // Devices and DMA.
  devPost: kind(70, 'DEV.post', 'stack', [], null, 'descriptor index',
    'n descriptors written to the device ring.'),
  devDoorbell: kind(71, 'DEV.doorbell', 'notify', [], null, 'producer index',
    'Device doorbell written.'),
  disk: kind(72, 'DISK.io', 'dma', [], null, 'sector',
    'A command in service at a disk, data transfer apart.'),
  dmaRead: kind(73, 'DMA.rd', 'dma', ['dma'], 'dfn', 'IOTLB: 0 hit, 1 miss, 2 stale hit, 3 no IOMMU',
    'Device reads `bytes` bytes of a segment.'),
  dmaWrite: kind(74, 'DMA.wr', 'dma', ['dma'], 'dfn', 'IOTLB: 0 hit, 1 miss, 2 stale hit, 3 no IOMMU',
    'Device writes `bytes` bytes of a segment.'),
  wire: kind(75, 'DEV.wire', 'dma', [], null, null,
    'A packet on the link, first to last bit, preamble and gap included.'),

  engineSubmit: kind(76, 'ENGINE.submit', 'copy', [], null, null,
    'n descriptors written to a copy engine, and its doorbell.'),
  engineCopy: kind(77, 'ENGINE.copy', 'copy', ['copy'], 'mfn', null,
    'Contiguous copy of `bytes` bytes by a copy engine.'),
  engineIrq: kind(78, 'ENGINE.irq', 'notify', [], null, null,
    'Copy engine reports completion of n descriptors.'),
  wireIn: kind(79, 'DEV.wire_in', 'dma', [], null, null,
    'A packet that arrives on the link, first to last bit, preamble and gap included.'),

  // CPU work on payload.
  cpuCopy: kind(80, 'CPU.copy', 'copy', ['copy'], 'mfn', null,
    'Contiguous copy of `bytes` bytes by a CPU.'),
  cacheClean: kind(81, 'CACHE.clean', 'flush', ['cacheMaintenance'], 'mfn', null,
    'Cache lines of n pages cleaned for a device that is not coherent.'),
  cacheInvalidate: kind(82, 'CACHE.invalidate', 'flush', ['cacheMaintenance'], 'mfn', null,
    'Cache lines of n pages invalidated for a device that is not coherent.'),
  swiotlbMap: kind(83, 'swiotlb_tbl_map_single', 'map', [], 'gfn', 'first slot',
    'n bounce slots taken from the pool; the copy follows as CPU.copy.'),
  swiotlbUnmap: kind(84, 'swiotlb_tbl_unmap_single', 'map', [], 'gfn', 'first slot',
    'n bounce slots given back to the pool.'),

  cpuTouch: kind(85, 'CPU.touch', 'copy', [], 'mfn', '0 checksum, 1 encryption',
    'Payload read, or read and rewritten, by a CPU without being copied.'),
  cpuZero: kind(86, 'CPU.zero', 'copy', [], 'mfn', null,
    'Memory filled with zeros before it is shown to others.'),
  argoCopy: kind(87, 'ARGO.copy', 'copy', ['copy'], 'mfn', null,
    'Copy of one part of a message by the hypervisor, from its sender or into a ring.'),

  // Stacks: the base path that is not sharing.
  stackFrontend: kind(90, 'tcp_sendmsg', 'stack', [], null, null,
    'Frontend: system call, socket, segmentation, skb, qdisc, for one request.'),
  startXmit: kind(91, 'start_xmit', 'stack', [], null, null,
    'Frontend driver transmit function, for one packet.'),
  freeOldXmit: kind(92, 'free_old_xmit', 'stack', [], null, null,
    'Frontend driver reclaims n completed packets.'),
  backendPoll: kind(93, 'xenvif_poll', 'stack', [], null, null,
    'netback NAPI poll that takes n packets from the ring.'),
  backendDealloc: kind(94, 'xenvif_dealloc_kthread', 'stack', [], null, null,
    'netback thread that unmaps n slots and sends their responses.'),
  handleTx: kind(95, 'handle_tx', 'stack', [], null, null,
    'vhost worker that takes n packets from the virtqueue.'),
  stackBackend: kind(96, 'dev_queue_xmit', 'stack', [], null, null,
    'Backend: skb, bridge or tap, qdisc, driver, for one packet.'),
  napiPoll: kind(97, 'napi_poll', 'stack', [], null, null,
    'Host NIC driver cleans n transmitted packets.'),
  hardirq: kind(98, 'hardirq', 'stack', [], null, 'vector',
    'Interrupt entry, handler and exit on a CPU.'),
  lockWait: kind(99, 'spin', 'wait', [], null, 'lock, see FORMAT.md',
    'A CPU spins on a lock that another one holds.'),

  netifReceive: kind(100, 'netif_receive_skb', 'stack', [], null, null,
    'Backend: a received packet, from the NIC driver through bridge to the vif.'),
  backendRx: kind(101, 'xenvif_rx_action', 'stack', [], null, null,
    'netback thread that delivers n packets to the frontend.'),
  handleRx: kind(102, 'handle_rx', 'stack', [], null, null,
    'vhost worker that delivers n packets to the frontend.'),
  frontendRx: kind(103, 'net_rx_action', 'stack', [], null, null,
    'Frontend takes n received packets up to its sockets.'),
  rxRefill: kind(104, 'rx_refill', 'stack', [], null, null,
    'Frontend or driver posts n receive buffers.'),
  blkSubmit: kind(105, 'blk_mq_submit_bio', 'stack', [], null, null,
    'Frontend: system call, block layer and driver, for one request.'),
  blkComplete: kind(106, 'blk_mq_end_request', 'stack', [], null, null,
    'Frontend completes n requests.'),
  blkback: kind(107, 'do_block_io_op', 'stack', [], null, null,
    'Backend takes n block requests from the ring.'),
  submitBio: kind(108, 'submit_bio', 'stack', [], null, null,
    'Backend hands n segments to the disk driver.'),
  bioEnd: kind(109, 'bio_endio', 'stack', [], null, null,
    'Backend finishes one disk request.'),
  recvmsg: kind(113, 'tcp_recvmsg', 'stack', [], null, null,
    'Frontend: an application takes a received payload, copy to user space included.'),
  retransmit: kind(114, 'tcp_retransmit_skb', 'stack', [], null, null,
    'Backend sends a segment again whose acknowledgement has not come.'),
  purge: kind(115, 'purge_persistent_gnt', 'stack', [], null, null,
    'Backend unmaps n persistent grants that are no longer used.'),

  queueRq: kind(116, 'queue_rq', 'stack', [], null, null,
    'Frontend block driver, for one part of a request: shared, published, and the backend notified.'),
  gttUpdate: kind(117, 'gtt_update', 'stack', [], null, null,
    'Graphics driver of a guest changes n entries of its table, from the write to its return.'),
  displayFrame: kind(118, 'display_frame', 'stack', [], null, null,
    'Backend of a display takes a picture of `bytes` bytes and has it shown.'),

  // GPU, display, memory.
  xenSend: kind(127, 'notify_via_xen_event_channel', 'notify', ['notify'], null, null,
    'Xen raises an event channel itself: an ioreq is ready for its emulator.'),
  gttWrite: kind(120, 'GTT.write', 'map', [], 'mfn', 'entry index',
    'Entry written into a shadow graphics translation table.'),
  gpuInvalidate: kind(121, 'GPU.invalidate', 'flush', [], null, null,
    'Graphics device told to drop its translations.'),
  flip: kind(122, 'page_flip', 'stack', [], null, null,
    'Frontend shows its next frame.'),
  frameFree: kind(123, 'FR.free', 'other', [], 'mfn', 'domain that had it',
    'A frame returns to the heap with its last reference.'),
  frameAlloc: kind(124, 'FR.alloc', 'other', [], 'mfn', 'domain that gets it',
    'A frame is given to a domain.'),
  dirtyMark: kind(125, 'DIRTY.mark', 'other', [], 'gfn', '0 written, 1 never written',
    'A page is taken as dirty by the monitor of a live migration.'),
  trouble: kind(126, 'TROUBLE', 'other', [], null, 'fault, see FORMAT.md',
    'A fault or adversary that the scenario asks for sets in.'),

  // Hazards and refused accesses.
  fault: kind(110, 'FAULT', 'hazard', ['fault'], 'dfn', 'reason',
    'The IOMMU, a second-level table or a vhost IOTLB refused an access.'),
  hazardOpen: kind(111, 'HAZARD.open', 'hazard', [], 'mfn', 'row in hazards',
    'The oracle saw a hazard begin.'),
  hazardClose: kind(112, 'HAZARD.close', 'hazard', [], 'mfn', 'row in hazards',
    'The oracle saw a hazard end.'),

  // Recorded on real systems. Addresses are byte addresses, 64 bits wide.
  recIommuMap: kind(150, 'iommu.map', 'map', ['map'], 'byte address', 'iova (byte address)',
    'iommu:map: `bytes` bytes mapped from an iova (arg) to a physical address (frame).'),
  recIommuUnmap: kind(151, 'iommu.unmap', 'map', ['unmap'], null, 'iova (byte address)',
    'iommu:unmap: `bytes` bytes unmapped.'),
  recIotlbFlush: kind(152, 'iotlb.flush', 'flush', ['iotlbFlush'], null, 'first address',
    'Invalidation submitted: qi_submit, cache_tag_flush and their like.'),
  recDmaMap: kind(153, 'dma.map', 'map', ['map'], 'byte address', 'dma address',
    'dma:dma_map_*: a buffer handed to a device.'),
  recDmaUnmap: kind(154, 'dma.unmap', 'map', ['unmap'], null, 'dma address',
    'dma:dma_unmap_*: a buffer taken back from a device.'),
  recDmaAlloc: kind(155, 'dma.alloc', 'map', ['map'], null, 'dma address',
    'dma:dma_alloc*: coherent memory allocated.'),
  recDmaFree: kind(156, 'dma.free', 'map', ['unmap'], null, 'dma address',
    'dma:dma_free*: coherent memory freed.'),
  recDmaSync: kind(157, 'dma.sync', 'copy', ['cacheMaintenance'], null, 'dma address',
    'dma:dma_sync_*: ownership of a buffer passed between CPU and device.'),
  recBounce: kind(158, 'bounce.copy', 'copy', ['copy'], null, 'original dma address',
    'swiotlb:swiotlb_bounced: a buffer copied through the bounce pool at map time.'),
  recFault: kind(159, 'iommu.fault', 'hazard', ['fault'], null, 'iova (byte address)',
    'iommu:io_page_fault: the IOMMU refused a device access; status 1 is a write.'),
  recAttach: kind(160, 'iommu.attach', 'other', [], null, null,
    'iommu: a device attached to or detached from a domain, or added to or removed from a group.'),
  recVmExit: kind(161, 'vm.exit', 'hypercall', ['trap'], null, 'instruction pointer',
    'kvm_exit up to the next kvm_entry of the same thread.'),
  recVmEntry: kind(162, 'vm.entry', 'hypercall', [], null, 'instruction pointer',
    'kvm_entry.'),
  recHypercall: kind(163, 'hypercall', 'hypercall', ['hypercall'], null, 'hypercall number',
    'kvm_hypercall, kvm_hvc_arm64, kvm_xen_hypercall, kvm_hv_hypercall.'),
  recMmio: kind(164, 'mmio', 'hypercall', [], 'byte address', 'value',
    'kvm_mmio: an emulated access.'),
  recKick: kind(165, 'mmio.kick', 'notify', ['notify'], 'byte address', null,
    'kvm_fast_mmio: a doorbell handled in the kernel.'),
  recPio: kind(166, 'pio', 'hypercall', [], null, 'port',
    'kvm_pio: a port access.'),
  recIrqInject: kind(167, 'irq.inject', 'notify', ['upcall'], null, 'vector or line',
    'kvm_msi_set_irq, kvm_set_irq, kvm_inj_virq, kvm_irq_line: an interrupt sent to a guest.'),
  recIrqAck: kind(168, 'irq.ack', 'notify', [], null, 'pin or vector',
    'kvm_ack_irq, kvm_eoi, kvm_pv_eoi.'),
  recPageFault: kind(169, 'page.fault', 'flush', [], 'byte address', 'instruction pointer',
    'kvm_page_fault, kvm_guest_fault: second-level fault of a guest.'),
  recGap: kind(170, 'gap', 'other', [], null, null,
    'Events lost by the recorder; n says how many where it is known.'),
  recGrantMap: kind(171, 'grant.map', 'map', ['map'], null, 'domain that granted',
    'page_grant_map of Xen: a foreign page mapped by its grant.'),
  recGrantUnmap: kind(172, 'grant.unmap', 'map', ['unmap'], null, 'domain that granted',
    'page_grant_unmap of Xen: a foreign page unmapped.'),
  recIssue: kind(173, 'request.issue', 'stack', [], null, 'first sector',
    'block_rq_issue up to the block_rq_complete of the same request; status 1 writes.'),
  recComplete: kind(174, 'request.complete', 'stack', [], null, 'first sector',
    'block_rq_complete; status is its error.'),
  generic: kind(190, 'generic', 'other', [], null, null,
    'An event whose name and key=value fields were read but which has no kind of its own.'),
  raw: kind(191, 'raw', 'other', [], null, null,
    'An event whose time and name were read and whose message is kept as text.'),
} as const;

/** All kinds in code order. */
export const KINDS: readonly Kind[] = table.sort((a, b) => a.code - b.code);

const byCode: (Kind | undefined)[] = [];
for (const each of KINDS) byCode[each.code] = each;

/** The kind with this code, or undefined for a code this version does not know. */
export function kindOf(code: number): Kind | undefined {
  return byCode[code];
}

/**
 * Recorded kinds that last until a later event ends them and are work of nobody meanwhile: mappings
 * and requests. Those that overlap on a track lie beside each other, not inside.
 */
export const LASTING_KINDS: ReadonlySet<number> = new Set([
  ...[K.recIommuMap, K.recDmaMap, K.recDmaAlloc, K.recIssue],
]);

/** Reasons in `arg` of a VMEXIT event. */
export const EXIT_REASONS = [
  'virtio-iommu request queue kick',
  'interrupt injection',
  'VT-d register write',
  'nested invalidation forwarded',
  'GTT write',
  'page-table write',
  'doorbell handled in user space',
] as const;

/** What `arg` of DMA.rd and DMA.wr says about the translation. */
export const DMA_TRANSLATIONS = ['hit', 'miss', 'stale hit', 'no IOMMU'] as const;
