/**
 * Public ids. They appear in files, on the command line and in the interface: extend freely, rename
 * or drop nothing.
 */

/** Every strategy id of the field that the lab knows by name. */
export const STRATEGY_IDS = [
  'grant-map',
  'grant-copy',
  'grant-persistent',
  'grant-light',
  'grant-copy-offload',
  'map-all-memory',
  'grant-device-map',
  'gfn-lookup',
  'gfn-map-refcount',
  'bfn-reserved',
  'swiotlb-bounce',
  'single-fifo',
  'viommu-strict',
  'viommu-deferred',
  'virtio-grant',
  'argo',
  'preshared-frontend',
  'preshared-backend',
  'ro-identity-tx',
  'iommu-passthrough',
  'iommu-strict',
  'iommu-lazy',
] as const;
export type StrategyId = (typeof STRATEGY_IDS)[number];

/** Hypervisors with the role of the domain that holds the backend. */
export const HYPERVISOR_IDS = [
  'xen-pv-dom0',
  'xen-pv-dom0-strict',
  'xen-pv-driver-domain',
  'xen-pvh-dom0',
  'xen-hvm-driver-domain',
  'xen-arm-dom0',
  'xen-arm-driver-domain',
  'kvm-vhost',
  'kvm-userspace',
] as const;
export type HypervisorId = (typeof HYPERVISOR_IDS)[number];

/** Systems on chip and servers. */
export const SOC_IDS = [
  'xeon-2012',
  'xeon-2020',
  'epyc-2020',
  'neoverse-n1',
  'kunpeng-920',
  'cortex-a72',
  'cortex-a53',
] as const;
export type SocId = (typeof SOC_IDS)[number];

export const WORKLOAD_IDS = [
  'net-tx',
  'net-rx',
  'net-both',
  'net-rr',
  'blk-read',
  'blk-write',
  'blk-mixed',
  'gpu-gtt',
  'display',
  'recorded',
] as const;
export type WorkloadId = (typeof WORKLOAD_IDS)[number];

/** Results are ranked within one topology only. */
export const TOPOLOGY_IDS = ['mediated', 'assigned', 'native'] as const;
export type TopologyId = (typeof TOPOLOGY_IDS)[number];

/** Who spends time and who may reach memory; the keys of every per-actor object. */
export const ACTOR_IDS = [
  'frontend',
  'backend',
  'hypervisor',
  'vmm',
  'iommu',
  'device',
  'engine',
] as const;
export type ActorId = (typeof ACTOR_IDS)[number];

/** Hazards the oracle may report. `null` in a result means that a run does not check the hazard. */
export const HAZARD_IDS = [
  'H1',
  'H2',
  'H3',
  'H4',
  'H5',
  'H6',
  'H7',
  'H8',
  'H9a',
  'H9b',
  'H10',
] as const;
export type HazardId = (typeof HAZARD_IDS)[number];

/** Short name and one-sentence meaning of each hazard. */
export const HAZARDS: Readonly<Record<HazardId, { name: string; meaning: string }>> = {
  H1: {
    name: 'use-after-unmap DMA',
    meaning:
      'A device access whose authorising mapping was removed, blocked by the IOMMU or let through.',
  },
  H2: {
    name: 'transmit from a non-granted frame',
    meaning: 'Data left the machine from a frame that no live grant or mapping covered.',
  },
  H3: {
    name: 'sub-page leak',
    meaning:
      'A page was shared for less than its 4096 bytes, and the rest held other data of the guest.',
  },
  H4: {
    name: 'stale IOTLB window',
    meaning:
      'A device could still reach a frame through a cached translation after the frame was free for reuse.',
  },
  H5: {
    name: 'balloon reallocation race',
    meaning: 'The frame had another owner at the time of the DMA than when it was translated.',
  },
  H6: {
    name: 'resource exhaustion',
    meaning:
      'A pool, a table, a ring or memory ran out because of what one side demanded of the other.',
  },
  H7: {
    name: 'over-broad reach',
    meaning: 'A peer or device could reach frames that no request ever named.',
  },
  H8: {
    name: 'concurrent modification',
    meaning: 'One side changed data or a header between the other’s check and its use.',
  },
  H9a: {
    name: 'page held by the peer',
    meaning: 'A page could not be reclaimed because the other side still held it.',
  },
  H9b: {
    name: 'response withheld',
    meaning: 'A response was withheld, or came later than its service time allows.',
  },
  H10: {
    name: 'late device write',
    meaning: 'A device wrote into memory that had already been given to another use.',
  },
};

/** Is a hazard about frames? What has run out (H6) and what is late (H9b) is not: its `frame` says nothing. */
export function namesFrame({ code }: { readonly code: string }): boolean {
  return code !== 'H6' && code !== 'H9b';
}

/** Is the pair's mechanism real there, simulated as if it existed, or refused? */
export type PairStatus = 'native' | 'hypothetical' | 'refused';
