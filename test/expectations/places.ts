/** Where strategies are walked, and what each adversary takes to show itself. */
import type { StrategyId, TopologyId } from '../../core/contract/ids.ts';
import type { ScenarioInput } from '../../core/contract/scenario.ts';
import type { Adversary } from '../../core/safety/expectations.ts';

/** Two whole pages and 1024 bytes of a third, so that there is a rest to leak. */
const BASE = {
  requests: 300,
  payloadBytes: 9216,
  frontend: { memoryMiB: 64 },
  swiotlb: { poolKiB: 4096 },
  preshared: { regionKiB: 4096 },
  gpu: { entries: 256 },
} as const satisfies ScenarioInput;

const ADVERSITY: Readonly<Record<Adversary, ScenarioInput>> = {
  none: {},
  balloon: { requests: 1000, faults: { balloonPerSecond: 200_000 } },
  // Buffers that it may write and buffers that it may read, and few enough to come across again.
  'rogue-device': { requests: 1500, net: { rxReuse: false }, faults: { rogueDevice: true } },
  // A link that is slower than the guest leaves it time to change what waits.
  'rogue-frontend': {
    requests: 500,
    device: { linkMbps: 10_000 },
    faults: { rogueFrontend: true },
  },
  'rogue-backend': { faults: { rogueBackend: true } },
  // On a slow link there is always something on its way when the peer dies.
  'dead-peer': { device: { linkMbps: 1000 }, faults: { peer: 'dead' } },
  'slow-peer': { faults: { peer: 'slow' } },
  // Every table, pool and area at its smallest, two rings to use them, and a slow way out.
  scarcity: {
    device: { linkMbps: 1000 },
    backend: { memoryMiB: 16 },
    grants: { maxFrames: 1, maxMaptrackFrames: 1 },
    persistent: { max: 16 },
    swiotlb: { poolKiB: 256 },
    fifo: { kib: 64 },
    argo: { ringKiB: 64 },
    preshared: { regionKiB: 256 },
    payloadBytes: 61_440,
    net: { queues: 2 },
    arrival: { inFlight: 512 },
    frontend: { memoryMiB: 512 },
  },
};

interface Machine {
  readonly name: string;
  readonly input: ScenarioInput;
  readonly topologies: readonly TopologyId[];
}

const x86 = { soc: 'xeon-2020' } as const;
const n1 = { soc: 'neoverse-n1' } as const;

const MACHINES: readonly Machine[] = [
  {
    name: 'xen-pv-dom0',
    input: { ...x86, hypervisor: 'xen-pv-dom0' },
    topologies: ['mediated', 'assigned'],
  },
  {
    name: 'xen-pv-dom0-strict',
    input: { ...x86, hypervisor: 'xen-pv-dom0-strict' },
    topologies: ['mediated'],
  },
  {
    name: 'xen-pvh-dom0',
    input: { ...x86, hypervisor: 'xen-pvh-dom0' },
    topologies: ['mediated', 'assigned'],
  },
  {
    name: 'xen-arm-driver-domain',
    input: { ...n1, hypervisor: 'xen-arm-driver-domain' },
    topologies: ['mediated', 'assigned'],
  },
  {
    name: 'kvm-vhost, host passthrough',
    input: { ...x86, hypervisor: 'kvm-vhost', hostDma: 'passthrough' },
    topologies: ['mediated', 'assigned', 'native'],
  },
  {
    name: 'kvm-vhost, host strict',
    input: { ...x86, hypervisor: 'kvm-vhost', hostDma: 'strict' },
    topologies: ['mediated'],
  },
  {
    name: 'kvm-vhost, host lazy',
    input: { ...x86, hypervisor: 'kvm-vhost', hostDma: 'lazy' },
    topologies: ['mediated'],
  },
  {
    name: 'kvm-vhost on Arm',
    input: { ...n1, hypervisor: 'kvm-vhost', hostDma: 'strict' },
    topologies: ['assigned', 'native'],
  },
];

/** A machine in one topology. */
export interface Spot {
  readonly name: string;
  readonly input: ScenarioInput;
  readonly topology: TopologyId;
}

export const SPOTS: readonly Spot[] = MACHINES.flatMap(({ name, input, topologies }) =>
  topologies.map((topology) => ({
    name: `${name}, ${topology}`,
    input: topology === 'mediated' ? input : { ...input, hostDma: 'default' },
    topology,
  })),
);

/** Strategies of an emulator that translates for a graphics device. */
const GPU: readonly StrategyId[] = ['gfn-lookup', 'gfn-map-refcount', 'bfn-reserved'];

/** What a strategy is to do in one place under one adversary. */
export function scenarioFor(
  strategy: StrategyId,
  { input, topology }: Spot,
  adversary: Adversary,
): ScenarioInput {
  const vfio = /^viommu-/.test(strategy) && topology === 'assigned';
  const mediated = adversary === 'rogue-device' ? 'blk-mixed' : 'net-tx';
  return {
    ...BASE,
    ...ADVERSITY[adversary],
    // Where only what is stale lets it through, that takes longer to come about.
    ...(adversary === 'rogue-device' && topology !== 'mediated' ? { requests: 3000 } : {}),
    // A graphics update takes microseconds, and H9a is of pages held for 5 ms.
    ...(adversary === 'balloon' && GPU.includes(strategy) ? { requests: 3000 } : {}),
    ...input,
    ...(vfio ? { viommu: { enforcement: 'vfio', flavour: 'nested' } } : {}),
    strategy,
    topology,
    workload: GPU.includes(strategy) ? 'gpu-gtt' : topology === 'mediated' ? mediated : 'net-both',
  };
}
