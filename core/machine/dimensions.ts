/**
 * What each quantity measures: which units it may have, whether it is a whole number, its bounds. One table for the shipped profiles' test and for users' own profiles.
 */
import type { CopyEngine, SocQuantities } from './soc/profile.ts';
import type { HypervisorCosts } from './hypervisor/profile.ts';
import type { Unit } from './quantity.ts';

export interface Dimension {
  readonly units: readonly Unit[];
  readonly whole: boolean;
  /** Bounds within which a model can work with it; 0 where there may be none of it. */
  readonly min: number;
  readonly max: number;
}

const real = (unit: readonly Unit[], min: number, max: number): Dimension => ({
  units: unit,
  whole: false,
  min,
  max,
});
const whole = (unit: Unit, min: number, max: number): Dimension => ({
  units: [unit],
  whole: true,
  min,
  max,
});

// A second at most, a picosecond at least.
const TIME = real(['cycles', 'ns'], 0.001, 1e9);
const TIME_OR_NONE = real(['cycles', 'ns'], 0, 1e9);
const RATE = real(['GB/s'], 0.001, 10_000);
const PER_BYTE = real(['ns/B'], 0.0001, 1000);
const LINK = real(['Mb/s'], 1, 800_000);
const CLOCK = real(['GHz'], 0.01, 100);
const BYTES = whole('B', 1, 2 ** 40);
const COUNT = whole('count', 1, 65_536);
const COUNT_OR_NONE = whole('count', 0, 65_536);
const LEVELS = whole('levels', 1, 6);
const ORDER = whole('log2 pages', 0, 9);

export const SOC_DIMENSIONS: Readonly<Record<keyof SocQuantities, Dimension>> = {
  clock: CLOCK,
  cores: COUNT,
  nodes: COUNT,
  cacheLineBytes: BYTES,
  llcBytes: BYTES,
  llcWays: COUNT,
  ddioWays: COUNT_OR_NONE,
  copyColdRate: RATE,
  copyWarmRate: RATE,
  copyRemoteRate: RATE,
  memoryBandwidth: RATE,
  memoryLatency: TIME,
  copyFixed: TIME,
  cacheMaintenancePerLine: TIME_OR_NONE,
  checksumRate: RATE,
  encryptRate: RATE,
  idleExit: TIME,
  contextSwitch: TIME,
  hardirq: TIME,
  syscall: TIME,
  ipiRound: TIME,
  ipiPerCpu: TIME,
  ipiHandler: TIME,
  crossNode: TIME_OR_NONE,
  tlbiBroadcast: TIME,
  pteWrite: TIME,
  lockUncontended: TIME,
  lockHandoff: TIME_OR_NONE,
  iovaFast: TIME,
  iovaSlow: TIME,
  iommuMapFixed: TIME,
  iommuPteWrite: TIME,
  iotlbInvSubmit: TIME,
  iotlbInvService: TIME,
  iotlbInvLatency: TIME_OR_NONE,
  iotlbInvContention: TIME_OR_NONE,
  iotlbSets: COUNT,
  iotlbWays: COUNT,
  walkCacheEntries: COUNT,
  walkLevels: LEVELS,
  walkPerLevel: TIME,
  identityOrder: ORDER,
  linkRate: LINK,
  dmaRate: RATE,
  dmaPerPage: TIME,
  doorbell: TIME,
  descriptorPost: TIME,
  stackFrontendPerPacket: TIME,
  stackFrontendPerSegment: TIME,
  stackFrontendPerByte: PER_BYTE,
  stackFrontendDriver: TIME,
  stackFrontendReceive: TIME,
  stackBackendPerPacket: TIME,
  stackBackendPerSegment: TIME,
  stackBackendReceive: TIME,
  frameReceive: TIME,
  pktgenPacket: TIME,
  stackCompletion: TIME,
  pageAllocate: TIME,
  ringEntry: TIME,
  blkFrontendSubmit: TIME,
  blkFrontendComplete: TIME,
  bioSubmit: TIME,
  bioComplete: TIME,
  bioSegment: TIME,
};

export const ENGINE_DIMENSIONS: Readonly<Record<keyof Omit<CopyEngine, 'name'>, Dimension>> = {
  submit: TIME,
  perDescriptor: TIME,
  rate: RATE,
  completionPoll: TIME,
  completionIrq: TIME,
  ringEntries: COUNT,
  descriptorBytesMax: BYTES,
};

export const HYPERVISOR_DIMENSIONS: Readonly<Record<keyof HypervisorCosts, Dimension>> = {
  hypercall: TIME,
  trap: TIME,
  userExit: TIME,
  vmmViommuWrite: TIME,
  notifyBackend: TIME,
  notifyFrontend: TIME,
  userWake: TIME,
  upcall: TIME,
  sendWork: TIME,
  vcpuSwitch: TIME,
  grantEntry: TIME,
  grantMapElement: TIME,
  grantUnmapElement: TIME,
  grantUnmapComplete: TIME,
  grantCopyElement: TIME,
  grantLockHold: TIME,
  gntdevIoctl: TIME,
  gntdevPage: TIME,
  memoryOpPage: TIME,
  pviommuElement: TIME,
  argoSend: TIME,
  viommuRequest: TIME,
  viommuPage: TIME,
  vfioIoctl: TIME,
  vfioPinPage: TIME,
  gttEmulate: TIME,
};

/** Orders that the model of the IOTLB knows: 4 KiB and 2 MiB. */
export const PAGE_ORDERS = [0, 9] as const;

/** Translations that an IOTLB of the model may hold: sets times ways. */
export const IOTLB_ENTRIES_MAX = 2 ** 20;
