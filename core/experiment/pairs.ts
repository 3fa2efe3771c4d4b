/** Does a combination run, and under which label? One place for every refusal. */
import { unreachable } from '../base/assert.ts';
import { LabError } from '../contract/errors.ts';
import { STRATEGY_IDS, type HypervisorId, type SocId, type StrategyId } from '../contract/ids.ts';
import type { Pair } from '../contract/methods/index.ts';
import type { Scenario } from '../contract/scenario.ts';
import { strategyOf } from '../strategies/index.ts';
import type { PairJudgement, Strategy } from '../strategies/types.ts';
import { profilesOf } from './profiles.ts';
import { isForeignTrap } from '../workloads/gpu/trap.ts';
import { workloadOf } from '../workloads/index.ts';

const refused = (reason: string): PairJudgement => ({ status: 'refused', reason });

/**
 * Judges a scenario: native, hypothetical, or refused with a reason of one sentence.
 *
 * @throws LabError BAD_PROFILE for a wrong profile of the user's
 */
export function judge(scenario: Scenario): PairJudgement {
  const strategy = strategyOf(scenario.strategy);
  const { soc, hypervisor } = profilesOf(scenario);
  if (!hypervisor.archs.includes(soc.arch)) {
    const name = (arch: string) => (arch === 'arm' ? 'Arm' : 'x86');
    const why =
      soc.arch === 'arm' ? 'Xen on Arm has no PV guests' : 'Xen on x86 has other kinds of dom0';
    return refused(
      `${hypervisor.id} runs on ${hypervisor.archs.map(name).join(' and ')} and ${soc.id} is ${name(soc.arch)}: ${why}.`,
    );
  }
  const workload = workloadOf(scenario.workload);
  if (!workload.topologies.includes(scenario.topology)) {
    return refused(
      `${workload.id} exists in the topologies ${workload.topologies.join(' and ')}, not in ${scenario.topology}.`,
    );
  }
  if (!strategy.topologies.includes(scenario.topology)) return refused(topologyReason(strategy));
  const missing = missingSequence(strategy, scenario);
  if (missing !== null) return refused(missing);
  const kind = scenario.backend.kind;
  if (kind !== 'default' && !hypervisor.backendKinds.includes(kind)) {
    return refused(`${hypervisor.id} has its backend in ${placeOf(hypervisor.backendKinds)} only.`);
  }
  const { hostDma } = scenario;
  if (hostDma !== 'default' && !hypervisor.hostDmaChoices.includes(hostDma)) {
    return refused(
      `hostDma ${hostDma} does not exist on ${hypervisor.id}: ${hypervisor.hostDmaReason}.`,
    );
  }
  const pair = strategy.judge({ hypervisor, soc, scenario });
  if (pair.status === 'native' && scenario.workload === 'gpu-gtt') {
    if (isForeignTrap({ scenario, hypervisor })) {
      return {
        status: 'hypothetical',
        reason: `gpu.trap ${scenario.gpu.trap} does not exist on ${hypervisor.id}: KVMGT handles the write in the host’s kernel, XenGT by an ioreq.`,
      };
    }
  }
  return pair;
}

function placeOf(kinds: readonly ('kernel' | 'user')[]): string {
  return kinds.map((kind) => (kind === 'kernel' ? 'the kernel' : 'a process')).join(' or ');
}

/** By the roles that a strategy appears in: see `Strategy`. */
function topologyReason(strategy: Strategy): string {
  const { id, topologies } = strategy;
  const where =
    topologies.length === 1
      ? `it exists in the ${topologies[0]} topology`
      : `it exists in the topologies ${topologies.join(' and ')}`;
  if (topologies.includes('mediated')) {
    return topologies.includes('assigned')
      ? `${id} stands between a guest and a backend or a device of the guest’s: ${where}.`
      : `${id} carries payload between a guest and a backend: ${where}.`;
  }
  if (strategy.carrier === undefined && strategy.dma === undefined) {
    return `${id} translates a guest’s pages for the emulator of its graphics device: ${where}.`;
  }
  return `${id} is a DMA mode of the driver that owns the device: ${where}; a mediated scenario has hostDma in its place.`;
}

/** Why a strategy cannot serve a workload, or null when it can. */
function missingSequence({ id, sequences }: Strategy, scenario: Scenario): string | null {
  const { workload, topology, recorded } = scenario;
  const receive = typeof sequences.netIn === 'string' ? null : `${id}: ${sequences.netIn.refused}`;
  const named = (way: true | string) => (way === true ? null : `${id}: ${way}`);
  // Where the driver owns the device, the same map and unmap serve both directions.
  const both = named(sequences.netOut) ?? (topology === 'mediated' ? receive : null);
  switch (workload) {
    case 'net-tx':
      return named(sequences.netOut);
    case 'net-rx':
      return topology === 'mediated' ? receive : named(sequences.netOut);
    case 'net-both':
    case 'net-rr':
      return both;
    case 'blk-read':
    case 'blk-write':
    case 'blk-mixed':
      return named(sequences.blk);
    case 'gpu-gtt':
      return named(sequences.gpu);
    case 'display':
      return typeof sequences.display === 'string' ? null : `${id}: ${sequences.display.refused}`;
    case 'recorded':
      return recorded.protocol === 'net' ? both : named(sequences.blk);
    default:
      return unreachable(workload);
  }
}

/**
 * Judges and throws when the scenario cannot run.
 *
 * @throws LabError REFUSED_PAIR
 */
export function requireRunnable(scenario: Scenario): PairJudgement {
  const pair = judge(scenario);
  if (pair.status !== 'refused') return pair;
  throw new LabError(
    'REFUSED_PAIR',
    pair.reason.replace(/\.$/, ''),
    `${scenario.strategy} on ${scenario.hypervisor} and ${scenario.soc}`,
    'see "mapcopy list hypervisors" and "mapcopy list strategies" for what runs where',
  );
}

/** Every combination of the lists over a base scenario, in their order. */
export function listPairs(
  strategies: readonly StrategyId[],
  hypervisors: readonly HypervisorId[],
  socs: readonly SocId[],
  base: Scenario,
): readonly Pair[] {
  const pairs: Pair[] = [];
  for (const strategy of STRATEGY_IDS) {
    if (!strategies.includes(strategy)) continue;
    for (const hypervisor of hypervisors) {
      for (const soc of socs) {
        const pair = judge({ ...base, strategy, hypervisor, soc });
        pairs.push({ strategy, hypervisor, soc, ...pair });
      }
    }
  }
  return pairs;
}
