/** A scenario turned into a world: memory laid out, CPUs and tracks numbered, oracle told of the start. */
import { PAGE_SIZE, type DomId } from '../base/brand.ts';
import { LabError } from '../contract/errors.ts';
import { largestRequestOf, type Scenario } from '../contract/scenario.ts';
import { COUNTER_RECORDS, Counters } from '../engine/counters.ts';
import { Cpu } from '../engine/cpu.ts';
import { RecentDma } from '../devices/recent-dma.ts';
import { Engine } from '../engine/engine.ts';
import { Lock, LOCK } from '../engine/lock.ts';
import { RandomSource } from '../engine/random.ts';
import { Recorder } from '../engine/recorder.ts';
import type { TraceSink } from '../engine/recording.ts';
import { resolveCosts, type Costs } from '../machine/costs.ts';
import { MemoryBus } from '../memory/bus.ts';
import { FrameCache } from '../memory/cache.ts';
import { MemoryBudget } from '../memory/budget.ts';
import { FrameTable } from '../memory/frames.ts';
import { PageRefs } from '../memory/page-refs.ts';
import { IommuDirtyMonitor } from '../primitives/dirty-monitor.ts';
import type { Backend, Guest, World } from '../primitives/world.ts';
import type { Strategy } from '../strategies/types.ts';
import { layOut, shapeOf, type CpuTracks, type Shape } from './layout.ts';
import { profilesOf } from './profiles.ts';
import { HazardLog } from '../safety/hazards.ts';
import { Oracle } from '../safety/oracle.ts';
import { ReachLog } from '../safety/reach-log.ts';

/** Frames of dom0 or the host that are in use before the run starts. */
const BOOT_FRAMES = 16_384;
/** gfn where RAM of an Arm guest starts: 1 GiB, as Xen and QEMU's virt machine have it. */
const ARM_RAM_GFN = 0x40000;

const HOST = 0 as DomId;
const FIRST_GUEST = 1;
/** Frames that nobody has at the start: what a balloon gives back goes to others first. */
const SPARE_FRAMES = 1024;
const HOST_MAX_KIB = 16 * 2 ** 20;

/**
 * Builds the world of a run and tells the sink about its tracks.
 *
 * @throws LabError BAD_SCENARIO when its memory does not suffice
 */
export function assemble(scenario: Scenario, strategy: Strategy, sink: TraceSink | null): World {
  const { soc, hypervisor } = profilesOf(scenario);
  const costs = placed(resolveCosts(soc, hypervisor, scenario.device.linkMbps), scenario);
  const guestFrames = (scenario.frontend.memoryMiB * 2 ** 20) / PAGE_SIZE;
  const shape = shapeOf(scenario);
  checkMemory(scenario, strategy, shape);

  const engine = new Engine();
  const random = new RandomSource(scenario.seed);
  const layout = layOut(shape, hypervisor.notification === 'eventfd' ? 'KVM' : 'Xen');
  sink?.begin(layout.actors, layout.tracks, COUNTER_RECORDS);
  const recorder = new Recorder(engine, sink, layout.tracks.length);

  const budgetFrames = (scenario.backend.memoryMiB * 2 ** 20) / PAGE_SIZE;
  const frames = new FrameTable(
    BOOT_FRAMES + shape.guests * guestFrames + shape.backends * budgetFrames + SPARE_FRAMES,
  );
  frames.allocateRange(HOST, BOOT_FRAMES);
  const cpu = (name: string, { own, hypervisor: under }: CpuTracks) =>
    new Cpu(engine, name, own, under);
  const guests = layout.guests.map((cpus, index): Guest => {
    const domain = shape.native ? HOST : ((FIRST_GUEST + index) as DomId);
    const first = frames.allocateRange(domain, guestFrames);
    const firstGfn =
      hypervisor.pvGuest || shape.native ? first : soc.arch === 'arm' ? ARM_RAM_GFN : 0;
    const name = shape.native
      ? 'host CPU'
      : shape.guests === 1
        ? 'frontend vCPU'
        : `frontend ${index} vCPU`;
    return {
      index,
      domain,
      memory: { first, frames: guestFrames, firstGfn },
      cpus: cpus.map((tracks, i) => cpu(`${name} ${i}`, tracks)),
    };
  });
  share(scenario, guests, random);
  const backends = layout.backends.map((cpus, index): Backend => {
    const name = shape.backends === 1 ? 'backend CPU' : `backend ${index} CPU`;
    return {
      index,
      domain: (index === 0 ? HOST : FIRST_GUEST + shape.guests + index) as DomId,
      cpus: cpus.map((tracks, i) => cpu(`${name} ${i}`, tracks)),
      budget: new MemoryBudget(budgetFrames),
    };
  });

  const counters = new Counters(engine, sink);
  const oracle = new Oracle(
    engine,
    new HazardLog(engine, recorder, sink, layout.oracle),
    counters,
    {
      first: (guests[0] as Guest).memory.first,
      frames: shape.guests * guestFrames,
      pageExclusive: scenario.frontend.pageExclusive,
      ownDevice: shape.backends === 0,
    },
    sink?.memory === undefined ? null : new ReachLog(engine, sink.memory),
  );
  for (const { index, memory } of guests) {
    const { first, frames: count, firstGfn } = memory;
    const name = shape.native ? 'host' : shape.guests === 1 ? 'guest' : `guest ${index}`;
    sink?.memory?.guest({ id: index, name, frame: first, frames: count, gfn: firstGfn });
  }
  const hostDma =
    scenario.hostDma === 'default'
      ? (hypervisor.hostDma[soc.arch] ?? 'passthrough')
      : scenario.hostDma;
  const copy = scenario.backend.copy;
  const kind = scenario.backend.kind;
  const world: World = {
    scenario,
    soc,
    hypervisor,
    costs,
    hostDma,
    backendKind: kind === 'default' ? (hypervisor.backendKinds[0] ?? 'kernel') : kind,
    // The kernel copies what goes through its sockets; a block backend hands the guest's own pages on.
    backendCopies: copy === 'default' ? hypervisor.backendCopies && !shape.disk : copy === 'always',
    engine,
    recorder,
    counters,
    random,
    frames,
    recentDma: new RecentDma(),
    pageRefs: new PageRefs(),
    cache: new FrameCache(frames.size, costs.llcBytes, costs.ddioWays / costs.llcWays),
    buses: Array.from({ length: costs.nodes }, () => new MemoryBus(costs.memoryBandwidth)),
    oracle,
    flushLock: new Lock(engine, recorder, LOCK.tlbFlush, 'remote TLB flush', costs.lockHandoff),
    dirty:
      scenario.dirtyTracking === 'off' || scenario.topology !== 'assigned'
        ? null
        : new IommuDirtyMonitor(recorder, layout.oracle, guests, scenario.dirtyTracking),
    guests,
    backends,
    tracks: layout,
  };
  if (scenario.topology === 'mediated') tellOracle(world);
  return world;
}

/** Overcommit: guests' vCPUs take turns with others on their physical CPUs. */
function share(scenario: Scenario, guests: readonly Guest[], random: RandomSource): void {
  const { overcommit, sliceUs } = scenario.placement;
  if (overcommit === 1) return;
  for (const cpu of guests.flatMap((each) => each.cpus)) {
    cpu.shareCpu({
      others: overcommit - 1,
      slicePs: sliceUs * 1_000_000,
      random: random.stream(`turns of ${cpu.name}`),
    });
  }
}

/**
 * Costs where the domains are: a line, an interrupt or a notification between nodes takes longer.
 *
 * @throws LabError BAD_SCENARIO when the machine has no such node
 */
function placed(costs: Costs, scenario: Scenario): Costs {
  const { frontendNode, backendNode } = scenario.placement;
  if (Math.max(frontendNode, backendNode) >= costs.nodes) {
    throw new LabError(
      'BAD_SCENARIO',
      `${scenario.soc} has ${costs.nodes === 1 ? 'one NUMA node' : `${costs.nodes} NUMA nodes`}`,
      'placement.frontendNode, placement.backendNode',
      `use 0 to ${costs.nodes - 1}`,
    );
  }
  if (frontendNode === backendNode) return costs;
  return {
    ...costs,
    ringEntry: costs.ringEntry + costs.crossNode,
    notifyBackend: costs.notifyBackend + costs.crossNode,
    notifyFrontend: costs.notifyFrontend + costs.crossNode,
  };
}

/** What backend and device can reach from the start, whatever the strategy. */
function tellOracle(world: World): void {
  const { scenario, hypervisor, oracle, guests, hostDma } = world;
  const { privilege } = scenario.backend;
  const resolved = privilege === 'default' ? hypervisor.privilege : privilege;
  if (resolved !== 'none') oracle.privileged('backend');
  const everything = !hypervisor.passthroughTranslates || hypervisor.passthroughReach === 'host';
  if (hostDma !== 'passthrough' || !everything) return;
  for (const { memory } of guests) {
    oracle.standing('device', memory.first, memory.frames, {
      dedicated: false,
      note: hypervisor.passthroughTranslates
        ? 'the IOMMU holds all of memory'
        : 'no IOMMU stands in the device’s way',
    });
  }
}

/** Frames of each guest that payloads may use: all but what the strategy sets aside. */
export function payloadFrames(scenario: Scenario, strategy: Strategy): number {
  const reservedKiB = strategy.reservedKiB?.(scenario) ?? 0;
  return ((scenario.frontend.memoryMiB * 1024 - reservedKiB) * 1024) / PAGE_SIZE;
}

/** Pages of one request's payload. */
function pagesOf(scenario: Scenario): number {
  return Math.ceil(largestRequestOf(scenario) / PAGE_SIZE);
}

function checkMemory(scenario: Scenario, strategy: Strategy, shape: Shape): void {
  const guestKiB = scenario.frontend.memoryMiB * 1024;
  if (guestKiB * shape.guests > HOST_MAX_KIB) {
    throw new LabError(
      'BAD_SCENARIO',
      'the guests have more than 16 GiB together',
      'guests, frontend.memoryMiB',
      'make the guests smaller, or fewer',
    );
  }
  if ((strategy.reservedKiB?.(scenario) ?? 0) * 2 > guestKiB) {
    throw new LabError(
      'BAD_SCENARIO',
      'what the strategy sets aside takes more than half of the guest’s memory',
      'swiotlb.poolKiB, preshared.regionKiB, frontend.memoryMiB',
      'make the pool smaller or the guest larger',
    );
  }
  const areaSegments = scenario.swiotlb.poolKiB / 256 / scenario.swiotlb.areas;
  if (areaSegments < 1 || !Number.isInteger(Math.log2(scenario.swiotlb.areas))) {
    throw new LabError(
      'BAD_SCENARIO',
      'each bounce area needs 256 KiB, and there is a power of two of them',
      'swiotlb.areas, swiotlb.poolKiB',
      'use 1, 2, 4, ... areas, of a pool that is large enough',
    );
  }
  // Buffers are aligned to a power of two, and placed at random: leave twice the room.
  const inFlight = shape.disk
    ? scenario.blk.depth * scenario.blk.queues
    : scenario.arrival.inFlight * scenario.net.queues;
  if (inFlight * pagesOf(scenario) * 4 > payloadFrames(scenario, strategy)) {
    throw new LabError(
      'BAD_SCENARIO',
      'the guest has too little memory for its requests in flight',
      'frontend.memoryMiB, arrival.inFlight, blk.depth, payloadBytes',
      'make the guest larger, or the requests fewer or smaller',
    );
  }
}
