/** Fields of the workloads: network, block, GPU, display, recorded. */
import * as v from 'valibot';
import { choice, flag, whole } from './spec.ts';

export const net = v.optional(
  v.strictObject({
    queues: whole({
      def: 1,
      min: 1,
      max: 16,
      unit: 'queues',
      doc: 'Queues of each guest’s interface, each with rings and a backend thread of its own.',
    }),
    sizes: choice(
      ['fixed', 'imix'],
      'fixed',
      'fixed: every request has `payloadBytes`; imix: 64, 570 and 1500 bytes in the proportion 7 : 4 : 1.',
    ),
    tso: flag(
      true,
      'Segmentation offload: a packet on the ring may be larger than the MTU. Otherwise the frontend cuts requests into 1500-byte packets.',
    ),
    sg: flag(
      true,
      'Scatter-gather: a packet may lie in several fragments. Otherwise the frontend copies it into one linear buffer of at most a page.',
    ),
    lro: flag(
      true,
      'The backend’s card puts frames that belong together into one packet (LRO). Otherwise, as under a Linux bridge, which switches that off, each frame of 1500 bytes has a buffer of its own and the driver puts them together (GRO).',
    ),
    destination: choice(
      ['wire', 'vm', 'local'],
      'wire',
      'Where packets go, or come from: the NIC, another guest on the same backend, or a socket of the backend itself.',
    ),
    traffic: choice(
      ['socket', 'raw'],
      'socket',
      'socket: applications with sockets at both ends. raw, between a guest and its backend (destination local): a generator in the sending kernel (pktgen), and packets dropped where they come out of the other’s driver.',
    ),
    rxReuse: flag(
      true,
      'Receivers that drive a device reuse their pages half by half, so that they stay mapped (ixgbevf, page_pool).',
    ),
    thinkNs: whole({
      def: 10_000,
      min: 0,
      max: 1_000_000_000,
      unit: 'ns',
      doc: 'Network and peer: from the last bit of a response (net-rr) or of a packet that is acknowledged to the first bit of what follows.',
    }),
    ackEvery: whole({
      def: 0,
      min: 0,
      max: 64,
      unit: 'packets',
      doc: 'To and from the wire, where a backend stands between: TCP acknowledges every so many packets, of the size that offloads give them, with one of 66 bytes, and the sender’s place is free when it has come. 0: acknowledgements cost nothing and nobody waits for them.',
    }),
    smallQueueKiB: whole({
      def: 0,
      min: 0,
      max: 16_384,
      unit: 'KiB',
      doc: 'TCP small queues (tcp_limit_output_bytes): a socket sends no more while it has more than this below IP that has not come back. 256 in Linux 4.2 to 4.19, 1024 since; 0: no limit, as with a driver that orphans what it sends.',
    }),
  }),
  {},
);

export const blk = v.optional(
  v.strictObject({
    queues: whole({
      def: 1,
      min: 1,
      max: 16,
      unit: 'queues',
      doc: 'Queues of each guest’s disk.',
    }),
    depth: whole({
      def: 32,
      min: 1,
      max: 256,
      unit: 'requests',
      doc: 'Requests that each queue has outstanding.',
    }),
    ringOrder: whole({
      def: 0,
      min: 0,
      max: 4,
      unit: 'log2 pages',
      doc: 'Pages of the blkif ring: 32 requests each. Linux stops at 16 pages.',
    }),
    sequential: flag(true, 'Sequential sectors, which the disk may merge; otherwise random ones.'),
    readPercent: whole({
      def: 70,
      min: 0,
      max: 100,
      unit: '%',
      doc: 'Share of reads in blk-mixed.',
    }),
    indirect: flag(
      true,
      'Indirect segments: up to 32 (Linux frontend) in a request instead of 11. Larger requests are split.',
    ),
    contiguous: flag(
      false,
      'Guest pages of a request are contiguous in machine memory, so that segments merge. PV guests after long uptime are not.',
    ),
    touch: choice(
      ['none', 'checksum', 'encrypt'],
      'none',
      'Work that the backend does on the payload itself: DIF/DIX checksum, or encryption.',
    ),
    device: choice(
      ['ssd', 'ramdisk', 'slow-disk', 'network'],
      'ssd',
      'Storage behind the backend: a local NVMe disk, memory, a rotating disk, or a target over TCP.',
    ),
    target: choice(
      ['remote', 'vm'],
      'remote',
      'Network storage: on another machine, or in another guest of this host.',
    ),
    rttNs: whole({
      def: 100_000,
      min: 1000,
      max: 1_000_000_000,
      unit: 'ns',
      doc: 'Network storage: round trip to the target and its service.',
    }),
    lossPpm: whole({
      def: 0,
      min: 0,
      max: 200_000,
      unit: 'ppm',
      doc: 'Network storage: acknowledgements that are lost, so that a copy of the segment stays queued and is sent again after `rtoUs`.',
    }),
    rtoUs: whole({
      def: 200_000,
      min: 1000,
      max: 10_000_000,
      unit: 'us',
      doc: 'Network storage: retransmission timeout. Linux waits 200 ms at least.',
    }),
  }),
  {},
);

export const gpu = v.optional(
  v.strictObject({
    trap: choice(
      ['default', 'ioreq', 'write-protect', 'kernel'],
      'default',
      'default: kernel on KVM, ioreq on Xen. ioreq: an emulator in the backend domain handles the GTT write; write-protect: it handles a write to a protected page table, likewise; kernel: the host’s kernel handles it (KVMGT).',
    ),
    order: choice(
      ['safe', 'upstream'],
      'safe',
      'safe: the shadow entry is written and the device told before the old page is let go; upstream: the old page goes first, as Linux 6.1 does it.',
    ),
    batch: whole({
      def: 1,
      min: 1,
      max: 128,
      unit: 'entries',
      doc: 'Entries that one update changes; the emulator hands them to the hypervisor together.',
    }),
    hotPercent: whole({
      def: 0,
      min: 0,
      max: 100,
      unit: '%',
      doc: 'Updates that go back to one of 64 recently used pages (media) instead of a new page.',
    }),
    entries: whole({
      def: 16_384,
      min: 64,
      max: 524_288,
      unit: 'entries',
      doc: 'Entries of the guest’s part of the global table: its working set of pages.',
    }),
    dmaPerUpdate: whole({
      def: 4,
      min: 0,
      max: 256,
      unit: 'accesses',
      doc: 'Accesses of the graphics device to mapped pages between two updates.',
    }),
  }),
  {},
);

export const display = v.optional(
  v.strictObject({
    width: whole({ def: 1920, min: 64, max: 7680, unit: 'pixels', doc: 'Width of the picture.' }),
    height: whole({ def: 1080, min: 64, max: 4320, unit: 'pixels', doc: 'Height of the picture.' }),
    framesPerSecond: whole({
      def: 60,
      min: 1,
      max: 240,
      unit: '1/s',
      doc: 'Frames that the guest shows; each is scanned out once.',
    }),
  }),
  {},
);

/** Requests of a recorded stream: start in nanoseconds, bytes, 0 out of the guest or 1 into it. */
export const recorded = v.optional(
  v.strictObject({
    protocol: choice(
      ['net', 'blk'],
      'net',
      'Where the recorded requests are played: network or block.',
    ),
    stream: v.optional(
      v.pipe(
        v.array(v.tuple([v.number(), v.number(), v.number()])),
        v.maxLength(100_000),
        v.description(
          'Requests: [start in ns, bytes, direction], direction 0 out of the guest and 1 into it; starts never go back.',
        ),
      ),
      [],
    ),
  }),
  {},
);
