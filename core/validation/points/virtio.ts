/** Bounce buffers, virtqueues and copy engines. */
import type { PointInput } from '../point.ts';

const kvm = { hypervisor: 'kvm-vhost', soc: 'xeon-2020', hostDma: 'passthrough' } as const;

/**
 * The isolated VM sends; what it receives, netvsc copies out of a buffer that the host shares anyway.
 * netvsc opens eight channels by default and maps each page of a packet by itself.
 */
const isolated = {
  ...kvm,
  workload: 'net-tx',
  payloadBytes: 61_440,
  requests: 8000,
  net: { queues: 8 },
  arrival: { inFlight: 16 },
  frontend: { fragmentBytes: 4096 },
  backend: { cpus: 8, copy: 'never' },
  device: { linkMbps: 40_000 },
} as const;

/** RHEL 6 and 7: machines of their time, TCP over a 10 Gb/s link that both ways fill. */
const rhel = {
  ...kvm,
  soc: 'xeon-2012',
  strategy: 'map-all-memory',
  workload: 'net-tx',
  payloadBytes: 61_440,
  requests: 3000,
  net: { ackEvery: 1 },
  device: { linkMbps: 10_000 },
} as const;

export const VIRTIO: readonly PointInput[] = [
  {
    id: 'V-S1',
    kind: 'validation',
    what: 'bulk transmit through bounce buffers with one area by without: 24 by 40 Gb/s',
    where: 'Hyper-V isolated VM, 40 Gb/s NIC',
    source: 'T. Lan, iommu list 2021 to 2022',
    tag: 'S',
    measure: 'ratio',
    metric: 'throughputGbps',
    scenarios: [
      { ...isolated, strategy: 'swiotlb-bounce' },
      { ...isolated, strategy: 'map-all-memory' },
    ],
    published: 0.6,
    dependsOn: ['lockUncontended', 'ringEntry', 'pteWrite', 'copyWarmRate'],
    lacks:
      'how many CPUs and queues the VM had is not said. One area for all is a bottleneck in the model too, with 16 queues at 37 Gb/s and not with 8; pages under encryption cost nothing more',
  },
  {
    id: 'V-S7',
    kind: 'validation',
    what: 'packets of 1500 bytes on a CPU-bound path, without bounce buffers by with: 4.95 by 3.93 Gb/s',
    where: 'msquic over XDP',
    source: 'microsoft/msquic, pull request 3373',
    tag: 'S',
    measure: 'ratio',
    metric: 'throughputGbps',
    scenarios: [
      {
        ...kvm,
        strategy: 'map-all-memory',
        workload: 'net-tx',
        payloadBytes: 1500,
        requests: 10_000,
        backend: { cpus: 4, copy: 'never' },
      },
      {
        ...kvm,
        strategy: 'swiotlb-bounce',
        workload: 'net-tx',
        payloadBytes: 1500,
        requests: 10_000,
        backend: { cpus: 4, copy: 'never' },
      },
    ],
    published: 1.26,
    dependsOn: ['copyWarmRate', 'stackFrontendPerPacket'],
  },
  {
    id: 'V-S8-below',
    kind: 'validation',
    what: 'below 512 bytes a CPU copy costs less CPU time than an engine',
    where: 'vhost with a DMA engine',
    source: 'DPDK documentation of asynchronous vhost',
    tag: 'S',
    measure: 'order',
    metric: 'hostCpuNsPerByte',
    scenarios: [
      {
        hypervisor: 'xen-pv-dom0',
        soc: 'xeon-2020',
        strategy: 'grant-copy-offload',
        workload: 'net-tx',
        payloadBytes: 256,
        requests: 10_000,
        offload: { thresholdBytes: 0 },
      },
      {
        hypervisor: 'xen-pv-dom0',
        soc: 'xeon-2020',
        strategy: 'grant-copy',
        workload: 'net-tx',
        payloadBytes: 256,
        requests: 10_000,
      },
    ],
    published: 1,
    dependsOn: ['engine.submit', 'engine.completionIrq'],
  },
  {
    id: 'V-S8-above',
    kind: 'validation',
    what: 'well above 1024 bytes an engine costs less CPU time than a CPU copy',
    where: 'vhost with a DMA engine',
    source: 'DPDK documentation of asynchronous vhost',
    tag: 'S',
    measure: 'order',
    metric: 'hostCpuNsPerByte',
    scenarios: [
      {
        hypervisor: 'xen-pv-dom0',
        soc: 'xeon-2020',
        strategy: 'grant-copy',
        workload: 'net-tx',
        payloadBytes: 61_440,
        requests: 3000,
      },
      {
        hypervisor: 'xen-pv-dom0',
        soc: 'xeon-2020',
        strategy: 'grant-copy-offload',
        workload: 'net-tx',
        payloadBytes: 61_440,
        requests: 3000,
        offload: { thresholdBytes: 0 },
      },
    ],
    published: 1,
    dependsOn: ['engine.submit', 'copyWarmRate', 'copyColdRate'],
  },
  {
    id: 'V-Q3',
    kind: 'validation',
    what: 'vhost-net that sends large packets without copying: 15 % less host CPU',
    where: 'RHEL',
    source: 'RHEL virtualization tuning guide',
    tag: 'S',
    measure: 'ratio',
    metric: 'hostCpuNsPerByte',
    scenarios: [
      { ...rhel, backend: { copy: 'never' } },
      { ...rhel, backend: { copy: 'always' } },
    ],
    published: 0.85,
    dependsOn: ['copyWarmRate', 'stackBackendPerPacket'],
    lacks:
      'the source says "up to", and not whether the time of the guest, which the host’s CPUs spend too, counts: with it the model finds a fifth less, without it more than a third. The cost of finding and holding a page (vfioPinPage) is assumed; those who wrote zero copy found it high',
  },
];
