/**
 * Random scenarios, swarm fashion: each run switches a random set of features on, so that rare
 * combinations come up; within a feature, values are drawn from its whole range where that is small,
 * and from a few sizes where it is not.
 */
import {
  HYPERVISOR_IDS,
  SOC_IDS,
  STRATEGY_IDS,
  TOPOLOGY_IDS,
  WORKLOAD_IDS,
} from '../../core/contract/ids.ts';
import { fieldsOf, setField, type ScenarioField } from '../../core/contract/scenario.ts';
import type { RandomStream } from '../../core/engine/random.ts';

/** Fields that would make a run long or large; their values come from these. */
const BOUNDED: Readonly<Record<string, readonly number[]>> = {
  requests: [1, 7, 40, 120],
  payloadBytes: [64, 128, 129, 512, 1500, 4096, 4608, 9000, 16_384, 61_440, 65_536, 262_144],
  guests: [1, 1, 1, 2, 3, 8],
  'arrival.perSecond': [1000, 50_000, 500_000],
  'arrival.inFlight': [1, 3, 16, 64],
  'frontend.memoryMiB': [64, 128],
  'frontend.cpus': [0, 1, 2, 4],
  'frontend.fragmentBytes': [4096, 8192, 32_768],
  'backend.cpus': [1, 2, 3, 8],
  'backend.count': [1, 1, 2, 3],
  'backend.memoryMiB': [16, 64, 256],
  'placement.frontendNode': [0, 1],
  'placement.backendNode': [0, 1],
  'placement.overcommit': [1, 2, 4],
  'placement.sliceUs': [50, 1000],
  'device.linkMbps': [0, 1000, 40_000],
  'device.ringEntries': [64, 300, 1024],
  'device.coalesceNs': [0, 16_000, 100_000],
  'net.queues': [1, 2, 4],
  'net.thinkNs': [0, 10_000],
  'blk.queues': [1, 2, 4],
  'blk.depth': [1, 4, 32],
  'blk.lossPpm': [0, 0, 20_000, 200_000],
  'blk.rttNs': [10_000, 100_000],
  'blk.rtoUs': [1000, 5000],
  'gpu.entries': [64, 512],
  'display.width': [64, 640],
  'display.height': [64, 360],
  'grants.maxFrames': [1, 2, 64],
  'grants.maxMaptrackFrames': [1, 4, 1024],
  'persistent.max': [16, 64, 1056],
  'persistent.unusedSeconds': [0, 60],
  'light.ttlUs': [10, 1000],
  'light.refetchPpm': [0, 100_000],
  'swiotlb.poolKiB': [1024, 4096],
  'swiotlb.areas': [1, 2, 4],
  'fifo.kib': [128, 512],
  'argo.ringKiB': [128, 1024],
  'preshared.regionKiB': [1024, 4096],
  'faults.balloonPerSecond': [0, 10_000, 200_000],
  'faults.guestCrashUs': [0, 0, 100, 1000],
  'faults.backendCrashUs': [0, 0, 100, 1000],
  'faults.memoryPressureUs': [0, 50, 500],
  'faults.hotplugUs': [0, 100],
  'faults.hotplugMiB': [16],
  'faults.migrationUs': [0, 300],
};

const IDS: Readonly<Record<string, readonly string[]>> = {
  strategy: STRATEGY_IDS,
  hypervisor: HYPERVISOR_IDS,
  soc: SOC_IDS,
  workload: WORKLOAD_IDS.filter((id) => id !== 'recorded'),
  topology: TOPOLOGY_IDS,
};

/** Always drawn: without them a run would be long or large. */
const ALWAYS =
  /^(strategy|hypervisor|soc|workload|topology|requests|payloadBytes|(frontend|backend)\.memoryMiB|swiotlb\.poolKiB|preshared\.regionKiB|arrival\.inFlight|gpu\.entries|display\.)/;

/** A scenario as a user might write it; may turn out to be refused or impossible. */
export function randomScenario(random: RandomStream): Record<string, unknown> {
  const input: Record<string, unknown> = { seed: random.u32() };
  // Half of the features are off in half of the runs, most in the others.
  const share = 1 + random.below(5);
  const onFaults = random.below(3) === 0;
  for (const field of fieldsOf()) {
    if (field.path === 'seed') continue;
    if (/^faults\./.test(field.path) && !onFaults) continue;
    if (!ALWAYS.test(field.path) && random.below(6) >= share) continue;
    const value = valueOf(field, random);
    if (value !== undefined) setField(input, field.path, String(value));
  }
  return input;
}

function valueOf(
  field: ScenarioField,
  random: RandomStream,
): string | number | boolean | undefined {
  const pick = <T>(options: readonly T[]): T | undefined => options[random.below(options.length)];
  const ids = IDS[field.path];
  if (ids !== undefined) return pick(ids);
  if (field.type === 'choice') return pick(field.options);
  if (field.type === 'boolean') return random.below(2) === 0;
  const bounded = BOUNDED[field.path];
  if (bounded !== undefined) return pick(bounded);
  const { min, max } = field;
  if (min === null || max === null || max - min > 300) return undefined;
  return min + random.below(max - min + 1);
}
