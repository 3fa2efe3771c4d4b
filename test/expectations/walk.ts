/** Runs that bring out what each strategy is exposed to, one for each adversary and place. */
import { TOPOLOGY_IDS, type HazardId, type StrategyId } from '../../core/contract/ids.ts';
import type { RunResult } from '../../core/contract/result.ts';
import { parseScenario, type ScenarioInput } from '../../core/contract/scenario.ts';
import { judge, prepareRun } from '../../core/experiment/index.ts';
import {
  ADVERSARIES,
  expectationOf,
  type Adversary,
  type Place,
} from '../../core/safety/expectations.ts';

/** Two whole pages and 808 bytes of a third, so that there is a rest to leak. */
const BASE = {
  requests: 300,
  payloadBytes: 9000,
  frontend: { memoryMiB: 64 },
  swiotlb: { poolKiB: 4096 },
  preshared: { regionKiB: 4096 },
  gpu: { entries: 256 },
} as const satisfies ScenarioInput;

const ADVERSITY: Readonly<Record<Adversary, ScenarioInput>> = {
  none: {},
  balloon: { faults: { balloonPerSecond: 200_000 } },
  'rogue-device': { faults: { rogueDevice: true } },
  'rogue-frontend': { faults: { rogueFrontend: true } },
  'rogue-backend': { faults: { rogueBackend: true } },
  'dead-peer': { faults: { peer: 'dead' } },
  'slow-peer': { faults: { peer: 'slow' } },
  // Every table, pool and area at its smallest, and a slow way out.
  scarcity: {
    device: { linkMbps: 1000 },
    backend: { memoryMiB: 16 },
    grants: { maxFrames: 1, maxMaptrackFrames: 1 },
    persistent: { max: 16 },
    swiotlb: { poolKiB: 256 },
    fifo: { kib: 32 },
    argo: { ringKiB: 32 },
    preshared: { regionKiB: 256 },
    payloadBytes: 61_440,
    arrival: { inFlight: 512 },
    frontend: { memoryMiB: 256 },
  },
};

interface Machine {
  readonly hypervisor: ScenarioInput['hypervisor'];
  readonly soc: ScenarioInput['soc'];
  readonly hostDma?: ScenarioInput['hostDma'];
  readonly relaxed: boolean;
}

const MACHINES: readonly Machine[] = [
  { hypervisor: 'xen-pv-dom0', soc: 'xeon-2020', relaxed: true },
  { hypervisor: 'xen-pv-dom0-strict', soc: 'xeon-2020', relaxed: false },
  { hypervisor: 'xen-pvh-dom0', soc: 'xeon-2020', relaxed: false },
  { hypervisor: 'xen-arm-driver-domain', soc: 'neoverse-n1', relaxed: false },
  { hypervisor: 'kvm-vhost', soc: 'xeon-2020', hostDma: 'passthrough', relaxed: true },
  { hypervisor: 'kvm-vhost', soc: 'xeon-2020', hostDma: 'strict', relaxed: false },
  { hypervisor: 'kvm-vhost', soc: 'xeon-2020', hostDma: 'lazy', relaxed: false },
];

/** One cell of the walk: what was expected, and what a run showed. */
export interface Finding {
  readonly strategy: StrategyId;
  readonly hazard: HazardId;
  readonly adversary: Adversary;
  readonly where: string;
  readonly expect: 'some' | 'none';
  readonly found: number;
  readonly why: string;
}

function scenarioOf(
  strategy: StrategyId,
  machine: Machine,
  adversary: Adversary,
  topology: string,
): ScenarioInput {
  const vfio = /^viommu-/.test(strategy) && topology === 'assigned';
  const gpu = strategy === 'gfn-lookup' || strategy === 'bfn-reserved';
  return {
    ...BASE,
    ...ADVERSITY[adversary],
    ...(vfio ? { viommu: { enforcement: 'vfio', flavour: 'nested' } } : {}),
    strategy,
    hypervisor: machine.hypervisor,
    soc: machine.soc,
    ...(topology === 'mediated' && machine.hostDma !== undefined
      ? { hostDma: machine.hostDma }
      : {}),
    topology: topology as 'mediated',
    workload: gpu ? 'gpu-gtt' : topology === 'mediated' ? 'net-tx' : 'net-both',
  };
}

function run(input: ScenarioInput): RunResult | null {
  const scenario = parseScenario(input);
  if (judge(scenario).status === 'refused') return null;
  const simulation = prepareRun(scenario, null);
  while (simulation.step(100_000)) {
    // Go on.
  }
  return simulation.finish();
}

/** Every cell of one strategy that contradicts the table. */
export function contradictionsOf(strategy: StrategyId): {
  readonly runs: number;
  readonly found: Finding[];
} {
  const found: Finding[] = [];
  let runs = 0;
  for (const machine of MACHINES) {
    for (const topology of TOPOLOGY_IDS) {
      for (const adversary of ADVERSARIES) {
        const input = scenarioOf(strategy, machine, adversary, topology);
        const result = run(input);
        if (result === null) continue;
        runs++;
        const place: Place = {
          topology,
          relaxed: topology === 'mediated' && machine.relaxed,
          lazy: topology === 'mediated' && machine.hostDma === 'lazy',
          native: result.pair === 'native',
        };
        for (const [hazard, count] of Object.entries(result.hazards)) {
          const expected = expectationOf(strategy, hazard as HazardId, place, adversary);
          if (expected.expect === 'open' || count === null) continue;
          if ((expected.expect === 'some') === count > 0) continue;
          found.push({
            strategy,
            hazard: hazard as HazardId,
            adversary,
            where: `${machine.hypervisor}${topology === 'mediated' && machine.hostDma !== undefined ? ` ${machine.hostDma}` : ''} ${topology}`,
            expect: expected.expect,
            found: count,
            why: expected.why,
          });
        }
      }
    }
  }
  return { runs, found };
}
