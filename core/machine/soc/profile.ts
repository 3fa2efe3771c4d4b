import type { SocId } from '../../contract/ids.ts';
import type { Quantity } from '../quantity.ts';

export const IOMMU_KINDS = ['VT-d', 'AMD-Vi', 'SMMUv2', 'SMMUv3'] as const;
export type IommuKind = (typeof IOMMU_KINDS)[number];

/** A machine: everything that does not depend on the hypervisor. */
export interface SocProfile {
  /** A shipped id, or that of a user's own profile. */
  readonly id: string;
  /** The shipped machine that it is, or that it was made from: hypervisor costs may depend on it. */
  readonly family: SocId;
  readonly name: string;
  readonly arch: 'x86' | 'arm';
  readonly summary: string;
  /** Does the NIC see what is in the CPUs' caches? */
  readonly dmaCoherent: boolean;
  /** The IOMMU that would stand before the device. */
  readonly iommu: IommuKind;
  /** The copy engine behind `grant-copy-offload`; null where there is none. */
  readonly engine: CopyEngine | null;
  readonly quantities: SocQuantities;
}

/** A DMA engine that copies memory: I/OAT, DSA, PTDMA and their like. */
export interface CopyEngine {
  readonly name: string;
  /** Of the CPU: a batch with its doorbell, and each descriptor in it. */
  readonly submit: Quantity;
  readonly perDescriptor: Quantity;
  readonly rate: Quantity;
  /** From the last byte to a poller's view of it, and to the handler of its interrupt. */
  readonly completionPoll: Quantity;
  readonly completionIrq: Quantity;
  readonly ringEntries: Quantity;
  readonly descriptorBytesMax: Quantity;
}

/** Numbers of a machine. */
export interface SocQuantities {
  readonly clock: Quantity;
  /** CPUs of one NUMA node, and nodes of the machine. */
  readonly cores: Quantity;
  readonly nodes: Quantity;

  // Caches, memory, copies.
  readonly cacheLineBytes: Quantity;
  /** Last-level cache that CPUs share. */
  readonly llcBytes: Quantity;
  readonly llcWays: Quantity;
  /** Ways that device writes may allocate into (DDIO); 0 where they go to memory. */
  readonly ddioWays: Quantity;
  readonly copyColdRate: Quantity;
  readonly copyWarmRate: Quantity;
  /** Cold copy whose source lies on the other node; the cold rate where there is one node. */
  readonly copyRemoteRate: Quantity;
  /** All that CPUs and devices of a node draw from its memory together. */
  readonly memoryBandwidth: Quantity;
  readonly memoryLatency: Quantity;
  /** Fixed part of any copy: call, page lookup by the caller not included. */
  readonly copyFixed: Quantity;
  readonly cacheMaintenancePerLine: Quantity;
  /** Checksum, and encryption, of payload that must be touched. */
  readonly checksumRate: Quantity;
  readonly encryptRate: Quantity;

  // CPUs and locks.
  /** Wake a CPU that sleeps in its idle state. */
  readonly idleExit: Quantity;
  readonly contextSwitch: Quantity;
  readonly hardirq: Quantity;
  readonly syscall: Quantity;
  /** Initiator's part of a round of TLB flush interrupts, and what each CPU interrupted adds to it. */
  readonly ipiRound: Quantity;
  readonly ipiPerCpu: Quantity;
  /** What the handler of such an interrupt takes from the CPU that it interrupts. */
  readonly ipiHandler: Quantity;
  /** Added to an interrupt or a cache line that crosses between nodes. */
  readonly crossNode: Quantity;
  /** Broadcast TLB invalidation with DSB; null on x86. */
  readonly tlbiBroadcast: Quantity | null;
  readonly pteWrite: Quantity;
  readonly lockUncontended: Quantity;
  /** What each further waiter adds to the handing over of a contended lock. */
  readonly lockHandoff: Quantity;

  // IOMMU.
  readonly iovaFast: Quantity;
  readonly iovaSlow: Quantity;
  readonly iommuMapFixed: Quantity;
  readonly iommuPteWrite: Quantity;
  readonly iotlbInvSubmit: Quantity;
  /** What one command takes from the queue or the hardware while others wait for their turn. */
  readonly iotlbInvService: Quantity;
  /** Rest of a command's latency: its sender waits, while commands of other CPUs are served. */
  readonly iotlbInvLatency: Quantity;
  /** What each other CPU that is waiting at the queue adds to one submission. */
  readonly iotlbInvContention: Quantity;
  readonly iotlbSets: Quantity;
  readonly iotlbWays: Quantity;
  readonly walkCacheEntries: Quantity;
  readonly walkLevels: Quantity;
  readonly walkPerLevel: Quantity;
  readonly identityOrder: Quantity;

  // Devices.
  readonly linkRate: Quantity;
  readonly dmaRate: Quantity;
  readonly dmaPerPage: Quantity;
  readonly doorbell: Quantity;
  readonly descriptorPost: Quantity;

  // The base path that is not sharing: network.
  readonly stackFrontendPerPacket: Quantity;
  readonly stackFrontendPerSegment: Quantity;
  readonly stackFrontendPerByte: Quantity;
  readonly stackFrontendDriver: Quantity;
  /** Receive: driver, IP, TCP and socket for one packet; the copy to user space is per byte. */
  readonly stackFrontendReceive: Quantity;
  readonly stackBackendPerPacket: Quantity;
  readonly stackBackendPerSegment: Quantity;
  readonly stackBackendReceive: Quantity;
  /** One frame from the driver to the first hook, where it is joined to others or dropped. */
  readonly frameReceive: Quantity;
  /** One packet made by a generator in the kernel and given to a driver, whose own work is apart. */
  readonly pktgenPacket: Quantity;
  readonly stackCompletion: Quantity;
  readonly pageAllocate: Quantity;
  readonly ringEntry: Quantity;

  // The base path that is not sharing: block.
  /** Frontend: system call aside, from the file to the driver, and back. */
  readonly blkFrontendSubmit: Quantity;
  readonly blkFrontendComplete: Quantity;
  /** Backend: one bio made, merged and given to the driver; one completed. */
  readonly bioSubmit: Quantity;
  readonly bioComplete: Quantity;
  readonly bioSegment: Quantity;
}
