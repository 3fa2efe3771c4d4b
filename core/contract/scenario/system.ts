/** Fields of the system: load, domains, placement, devices. */
import * as v from 'valibot';
import { choice, flag, PROFILE_DEFAULT, whole } from './spec.ts';

export const arrival = v.optional(
  v.strictObject({
    kind: choice(
      ['saturate', 'poisson', 'fixed'],
      'saturate',
      'saturate: closed loop, the next request is ready when the socket or the disk queue has room; poisson and fixed: open loop at `perSecond`.',
    ),
    perSecond: whole({
      def: 100_000,
      min: 1,
      max: 100_000_000,
      unit: '1/s',
      doc: 'Offered load of an open loop, of all queues and guests together.',
    }),
    inFlight: whole({
      def: 256,
      min: 1,
      max: 4096,
      unit: 'requests',
      doc: 'Requests that each queue may have outstanding in a closed loop. Block workloads use `blk.depth`.',
    }),
  }),
  {},
);

export const frontend = v.optional(
  v.strictObject({
    memoryMiB: whole({
      def: 1024,
      min: 64,
      max: 16_384,
      unit: 'MiB',
      doc: 'Memory of each guest.',
    }),
    cpus: whole({
      def: 0,
      min: 0,
      max: 64,
      unit: 'vCPUs',
      doc: 'vCPUs of each guest; 0 takes one for each queue. Queues are spread over them.',
    }),
    fragmentBytes: whole({
      def: 32_768,
      min: 4096,
      max: 32_768,
      unit: 'B',
      doc: 'Largest physically contiguous part of a payload. Linux allocates socket page fragments of 32 KiB where it can (include/net/sock.h).',
    }),
    pageExclusive: flag(
      false,
      'The rest of a partly used page holds nothing of value (as a frontend with trusted=0 arranges). Otherwise it holds other data of the guest.',
    ),
  }),
  {},
);

export const backend = v.optional(
  v.strictObject({
    kind: choice(
      ['default', 'kernel', 'user'],
      'default',
      `netback, blkback and vhost, or a process (qdisk and gntdev, vhost-user). ${PROFILE_DEFAULT}`,
    ),
    count: whole({
      def: 1,
      min: 1,
      max: 16,
      unit: 'backends',
      doc: 'Backends that one frontend uses; queues are dealt to them in turn, each has `cpus` of its own.',
    }),
    cpus: whole({
      def: 2,
      min: 1,
      max: 64,
      unit: 'CPUs',
      doc: 'CPUs of the backend domain or of the host side.',
    }),
    memoryMiB: whole({
      def: 512,
      min: 16,
      max: 65_536,
      unit: 'MiB',
      doc: 'Memory that the backend may spend on payload: local pages, pools it pays for.',
    }),
    copy: choice(
      ['default', 'always', 'never'],
      'default',
      `Does a virtio backend copy the payload into memory of its own before it sends it? ${PROFILE_DEFAULT} One of a block device does not by default.`,
    ),
    privilege: choice(
      ['default', 'control', 'target', 'target-list', 'none'],
      'default',
      `What the backend may map of the guest if it chooses. ${PROFILE_DEFAULT}`,
    ),
  }),
  {},
);

export const placement = v.optional(
  v.strictObject({
    frontendNode: whole({
      def: 0,
      min: 0,
      max: 7,
      unit: '',
      doc: 'NUMA node of the guests and their memory.',
    }),
    backendNode: whole({
      def: 0,
      min: 0,
      max: 7,
      unit: '',
      doc: 'NUMA node of the backend, its memory and the device.',
    }),
    overcommit: whole({
      def: 1,
      min: 1,
      max: 16,
      unit: 'vCPUs',
      doc: 'vCPUs that take turns on each physical CPU of the guests; the others are busy with work of their own in turns of `sliceUs`.',
    }),
    sliceUs: whole({
      def: 1000,
      min: 50,
      max: 30_000,
      unit: 'us',
      doc: 'Turn of the scheduler when a CPU is shared. Xen’s credit2 lets a vCPU run 1 ms at least (ratelimit).',
    }),
  }),
  {},
);

export const device = v.optional(
  v.strictObject({
    linkMbps: whole({
      def: 0,
      min: 0,
      max: 800_000,
      unit: 'Mb/s',
      doc: 'Link rate; 0 takes the rate of the SoC profile.',
    }),
    ringEntries: whole({
      def: 512,
      min: 64,
      max: 32_768,
      unit: 'descriptors',
      doc: 'Transmit ring, and receive ring, of each NIC queue.',
    }),
    coalesceNs: whole({
      def: 16_000,
      min: 0,
      max: 1_000_000,
      unit: 'ns',
      doc: 'How long a finished packet waits for company before the NIC interrupts (ethtool tx-usecs, rx-usecs); 32 packets interrupt at once.',
    }),
  }),
  {},
);
