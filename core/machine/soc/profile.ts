import type { SocId } from '../../contract/ids.ts';
import type { Quantity } from '../quantity.ts';

/** A machine: everything that does not depend on the hypervisor. */
export interface SocProfile {
  readonly id: SocId;
  readonly name: string;
  readonly arch: 'x86' | 'arm';
  readonly summary: string;
  /** Does the NIC see what is in the CPUs' caches? */
  readonly dmaCoherent: boolean;
  /** The IOMMU that would stand before the NIC. */
  readonly iommu: 'VT-d' | 'SMMUv2' | 'SMMUv3';

  readonly clock: Quantity;
  readonly cacheLineBytes: Quantity;
  /** Last-level cache that CPUs share. */
  readonly llcBytes: Quantity;
  readonly copyColdRate: Quantity;
  readonly copyWarmRate: Quantity;
  /** Fixed part of any copy: call, page lookup by the caller not included. */
  readonly copyFixed: Quantity;
  readonly cacheMaintenancePerLine: Quantity;

  /** Wake a CPU that sleeps in its idle state. */
  readonly idleExit: Quantity;
  readonly contextSwitch: Quantity;
  readonly hardirq: Quantity;
  readonly syscall: Quantity;
  readonly ipiRound: Quantity;
  readonly ipiPerCpu: Quantity;
  /** Broadcast TLB invalidation with DSB; null on x86. */
  readonly tlbiBroadcast: Quantity | null;
  readonly pteWrite: Quantity;
  readonly lockUncontended: Quantity;

  readonly iovaFast: Quantity;
  readonly iovaSlow: Quantity;
  readonly iommuMapFixed: Quantity;
  readonly iommuPteWrite: Quantity;
  readonly iotlbInvSubmit: Quantity;
  readonly iotlbInvService: Quantity;
  readonly iotlbSets: Quantity;
  readonly iotlbWays: Quantity;
  readonly walkCacheEntries: Quantity;
  readonly walkLevels: Quantity;
  readonly walkPerLevel: Quantity;
  readonly identityOrder: Quantity;

  readonly linkRate: Quantity;
  readonly dmaRate: Quantity;
  readonly dmaPerPage: Quantity;
  readonly doorbell: Quantity;
  readonly descriptorPost: Quantity;

  /** The base path that is not sharing. */
  readonly stackFrontendPerPacket: Quantity;
  readonly stackFrontendPerSegment: Quantity;
  readonly stackFrontendPerByte: Quantity;
  readonly stackFrontendDriver: Quantity;
  readonly stackBackendPerPacket: Quantity;
  readonly stackBackendPerSegment: Quantity;
  readonly stackCompletion: Quantity;
  readonly pageAllocate: Quantity;
  readonly ringEntry: Quantity;
}
