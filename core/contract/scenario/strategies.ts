/** Fields of single strategies, and of the mechanisms they use. */
import * as v from 'valibot';
import { choice, flag, whole } from './spec.ts';

export const grants = v.optional(
  v.strictObject({
    maxFrames: whole({
      def: 64,
      min: 1,
      max: 1024,
      unit: 'frames',
      doc: 'gnttab_max_frames of each guest: 512 version 1 entries each.',
    }),
    maxMaptrackFrames: whole({
      def: 1024,
      min: 1,
      max: 65_536,
      unit: 'frames',
      doc: 'gnttab_max_maptrack_frames of the backend: 256 mappings each.',
    }),
    lock: choice(
      ['percpu', 'rwlock', 'global'],
      'percpu',
      'percpu: the grant table’s lock is a per-CPU read-write lock (Xen since 4.7); rwlock: one cache line for all readers (Xen 4.6); global: a spinlock (before).',
    ),
    unmapPolicy: choice(
      ['async', 'sync', 'replace'],
      'async',
      'async: unmap when nobody else refers to the page, else try again after 5 ms and more (Linux since 4.0); sync: at once; replace: GNTTABOP_unmap_and_replace by a scratch page.',
    ),
    elideFlushIfNoHostMap: flag(
      false,
      'grant-device-map: Xen leaves out the TLB flush of an unmap that removes device mappings alone. Stock Xen does not.',
    ),
  }),
  {},
);

export const persistent = v.optional(
  v.strictObject({
    max: whole({
      def: 1056,
      min: 16,
      max: 65_536,
      unit: 'grants',
      doc: 'max_persistent_grants of each ring.',
    }),
    unusedSeconds: whole({
      def: 60,
      min: 0,
      max: 3600,
      unit: 's',
      doc: 'persistent_grant_unused_seconds.',
    }),
    owner: choice(
      ['frontend', 'backend'],
      'frontend',
      'Network window: whose memory the window is. For block it is the frontend’s.',
    ),
  }),
  {},
);

export const light = v.optional(
  v.strictObject({
    expiry: choice(
      ['completion', 'ttl', 'first-dma'],
      'completion',
      'What ends a light grant: the backend’s completion, a time to live, or the device’s first access.',
    ),
    ttlUs: whole({ def: 1000, min: 1, max: 1_000_000, unit: 'us', doc: 'Time to live.' }),
    refetchPpm: whole({
      def: 0,
      min: 0,
      max: 1_000_000,
      unit: 'ppm',
      doc: 'Segments that the device fetches twice (TSO, reset, retransmission).',
    }),
  }),
  {},
);

export const offload = v.optional(
  v.strictObject({
    thresholdBytes: whole({
      def: 1024,
      min: 0,
      max: 65_536,
      unit: 'B',
      doc: 'Copies below this stay on the CPU. DPDK’s vhost uses 512 to 1024.',
    }),
    completion: choice(
      ['interrupt', 'poll'],
      'interrupt',
      'How the hypervisor learns that the engine is done.',
    ),
  }),
  {},
);

export const pviommu = v.optional(
  v.strictObject({
    refModel: choice(
      ['count', 'bit'],
      'count',
      'gfn-map-refcount: one reference for each mapping (draft D), or one bit for each page (as shipped).',
    ),
    put: choice(
      ['after-flush', 'before-flush'],
      'after-flush',
      'gfn-map-refcount: when a batched unmap drops its references. The shipped code drops them before the flush.',
    ),
    users: whole({
      def: 1,
      min: 1,
      max: 4,
      unit: 'users',
      doc: 'Emulators that map the same pages (two vGPUs, two ioservers).',
    }),
    scope: choice(
      ['host', 'guest'],
      'host',
      'bfn-reserved: the range covers all host memory, or the guest’s alone.',
    ),
    flushOnBatch: flag(
      true,
      'bfn-reserved: a hypercall of more than one element ends with a flush of the whole domain (as shipped).',
    ),
  }),
  {},
);

export const swiotlb = v.optional(
  v.strictObject({
    poolKiB: whole({
      def: 65_536,
      min: 256,
      max: 1_048_576,
      unit: 'KiB',
      doc: 'Size of the bounce pool of each guest.',
    }),
    areas: whole({
      def: 1,
      min: 1,
      max: 64,
      unit: 'areas',
      doc: 'Areas with a lock of their own; a power of two. Restricted pools have one in Linux 6.1.',
    }),
    memoryTable: choice(
      ['pool', 'all'],
      'pool',
      'Does the backend’s memory table hold the pool alone, or all memory of the guest?',
    ),
  }),
  {},
);

export const fifo = v.optional(
  v.strictObject({
    kib: whole({
      def: 512,
      min: 16,
      max: 512,
      unit: 'KiB',
      doc: 'single-fifo: area of each queue and direction, headers included; at most 32768 slots of 16 bytes.',
    }),
  }),
  {},
);

export const viommu = v.optional(
  v.strictObject({
    enforcement: choice(
      ['stage2', 'advisory', 'vfio'],
      'stage2',
      'stage2: the hypervisor maps and unmaps pages in the backend; advisory: a vhost IOTLB over memory that stays mapped; vfio: an assigned device behind a vIOMMU.',
    ),
    flavour: choice(
      ['virtio-iommu', 'vtd-cm', 'nested'],
      'virtio-iommu',
      'What the guest sees: virtio-iommu, an emulated VT-d with caching mode, or a nested stage of the hardware.',
    ),
    doorbell: flag(
      true,
      'vfio: an invalidation traps into the hypervisor. Without (a counterfactual, unsafe) it is queued and nobody is told.',
    ),
    invalidation: choice(
      ['range', 'page', 'domain'],
      'range',
      'vfio, nested: what the guest has forwarded at an unmap: the range with one exit, page by page with an exit for each, or its whole address space (drivers and emulators grew from the last to the first).',
    ),
    lazyDriver: flag(
      false,
      'viommu-deferred over virtio-iommu: a driver that defers UNMAP (Linux since the series of November 2023).',
    ),
  }),
  {},
);

export const virtioGrant = v.optional(
  v.strictObject({
    persistent: flag(false, 'The backend keeps mappings of grants that the frontend uses again.'),
  }),
  {},
);

export const argo = v.optional(
  v.strictObject({
    ringKiB: whole({
      def: 256,
      min: 4,
      max: 16_384,
      unit: 'KiB',
      doc: 'Ring that each receiver registers for each partner; at most 16 MiB.',
    }),
  }),
  {},
);

export const preshared = v.optional(
  v.strictObject({
    layout: choice(
      ['slots', 'fifo'],
      'slots',
      'How payloads are placed in the region: slots as swiotlb has them, or one FIFO.',
    ),
    regionKiB: whole({
      def: 16_384,
      min: 256,
      max: 1_048_576,
      unit: 'KiB',
      doc: 'Region of each guest.',
    }),
  }),
  {},
);

export const iova = v.optional(
  v.strictObject({
    caches: flag(
      true,
      'Each CPU keeps IOVA ranges that were freed (Linux since 4.7). Otherwise every range comes from the tree, under its lock.',
    ),
  }),
  {},
);

export const identity = v.optional(
  v.strictObject({
    domains: whole({
      def: 1,
      min: 1,
      max: 2,
      unit: 'domains',
      doc: 'ro-identity-tx: one IOMMU domain with a window for writable pages, or two chosen by direction.',
    }),
    receive: choice(
      ['strict', 'lazy'],
      'strict',
      'ro-identity-tx: how writable mappings are taken away.',
    ),
    iommu: choice(
      ['native', 'virtio-iommu', 'vtd-cm', 'nested'],
      'native',
      'ro-identity-tx and iommu-*: the IOMMU that the driver talks to. Without a guest it is native.',
    ),
  }),
  {},
);
