/**
 * Every combination there is: strategy x hypervisor x SoC x topology x workload, with a scenario small
 * enough to run thousands of them.
 */
import {
  HYPERVISOR_IDS,
  SOC_IDS,
  STRATEGY_IDS,
  TOPOLOGY_IDS,
  WORKLOAD_IDS,
  type StrategyId,
} from '../../core/contract/ids.ts';
import { parseScenario, type Scenario, type ScenarioInput } from '../../core/contract/scenario.ts';

/** Small guests, pools and windows: what a combination does, not how it performs. */
const SMALL = {
  payloadBytes: 4096,
  arrival: { inFlight: 8 },
  frontend: { memoryMiB: 64 },
  backend: { memoryMiB: 64 },
  swiotlb: { poolKiB: 2048 },
  preshared: { regionKiB: 2048 },
  blk: { depth: 4 },
  gpu: { entries: 256 },
  display: { width: 640, height: 360 },
} as const satisfies ScenarioInput;

/** Without a topology of its own, M is enforced in the backend; for an assigned device by VFIO. */
function variantOf(strategy: StrategyId, topology: string): ScenarioInput {
  return /^viommu-/.test(strategy) && topology === 'assigned'
    ? { viommu: { enforcement: 'vfio' } }
    : {};
}

/** All combinations of one strategy. */
export function* combinationsOf(strategy: StrategyId, requests: number): Generator<Scenario> {
  for (const hypervisor of HYPERVISOR_IDS) {
    for (const soc of SOC_IDS) {
      for (const topology of TOPOLOGY_IDS) {
        for (const workload of WORKLOAD_IDS) {
          yield parseScenario({
            ...SMALL,
            ...variantOf(strategy, topology),
            strategy,
            hypervisor,
            soc,
            topology,
            workload,
            requests: workload === 'display' ? Math.min(requests, 4) : requests,
            recorded: {
              stream: Array.from({ length: 8 }, (_, i) => [i * 20_000, 4096, i % 2]),
            },
          });
        }
      }
    }
  }
}

/** Outcomes by workload and topology: `native/hypothetical/refused`. */
export type GridCounts = Record<string, { native: number; hypothetical: number; refused: number }>;

export const STRATEGIES_OF_THE_GRID = STRATEGY_IDS;
