/** A scenario turned into a world: memory laid out, CPUs and tracks numbered, oracle told of the start. */
import { PAGE_SIZE } from '../base/brand.ts';
import { LabError } from '../contract/errors.ts';
import { ACTOR_IDS } from '../contract/ids.ts';
import type { Scenario } from '../contract/scenario.ts';
import { COUNTER_RECORDS, Counters } from '../engine/counters.ts';
import { Cpu } from '../engine/cpu.ts';
import { Engine } from '../engine/engine.ts';
import { RandomSource } from '../engine/random.ts';
import { Recorder } from '../engine/recorder.ts';
import type { ActorRecord, TraceSink, TrackRecord } from '../engine/recording.ts';
import { resolveCosts } from '../machine/costs.ts';
import { hypervisorOf, socOf } from '../machine/index.ts';
import { FrameCache } from '../memory/cache.ts';
import { FrameTable } from '../memory/frames.ts';
import { DOMAIN, type World } from '../primitives/world.ts';
import { HazardLog } from '../safety/hazards.ts';
import { Oracle } from '../safety/oracle.ts';

/** Frames of dom0 or the host that are in use before the run starts. */
const BOOT_FRAMES = 16_384;
/** gfn where RAM of an Arm guest starts: 1 GiB, as Xen and QEMU's virt machine have it. */
const ARM_RAM_GFN = 0x40000;

const ORACLE_ROW = ACTOR_IDS.length;

interface Layout {
  readonly actors: readonly ActorRecord[];
  readonly tracks: readonly TrackRecord[];
  readonly frontend: { readonly own: number; readonly hypervisor: number };
  readonly backend: readonly { readonly own: number; readonly hypervisor: number }[];
  readonly iommu: number;
  readonly dmaEngine: number;
  readonly wire: number;
  readonly oracle: number;
}

/** Tracks in the order in which people read them: who asks, who serves, who watches, what moves. */
function layOut(backendCpus: number, isKvm: boolean): Layout {
  const tracks: TrackRecord[] = [];
  const add = (actor: number, name: string, detail: string): number => {
    tracks.push({ id: tracks.length, actor, name, detail });
    return tracks.length - 1;
  };
  const oracle = add(ORACLE_ROW, 'Hazards', 'oracle');
  const frontend = add(0, 'Frontend', 'vCPU 0');
  const backend = Array.from({ length: backendCpus }, (_, i) => add(1, 'Backend', `CPU ${i}`));
  const name = isKvm ? 'KVM' : 'Xen';
  const onFrontend = add(2, name, 'on vCPU 0');
  const onBackend = backend.map((_, i) => add(2, name, `on backend CPU ${i}`));
  return {
    actors: [
      ...ACTOR_IDS.map((role, id) => ({ id, name: role, role })),
      { id: ORACLE_ROW, name: 'oracle', role: 'oracle' as const },
    ],
    tracks,
    oracle,
    frontend: { own: frontend, hypervisor: onFrontend },
    backend: backend.map((own, i) => ({ own, hypervisor: onBackend[i] as number })),
    iommu: add(4, 'IOMMU', 'table walks'),
    dmaEngine: add(5, 'NIC', 'DMA engine'),
    wire: add(5, 'NIC', 'link'),
  };
}

/** Builds the world of a run and tells the sink about its tracks. */
export function assemble(scenario: Scenario, sink: TraceSink | null): World {
  const soc = socOf(scenario.soc);
  const hypervisor = hypervisorOf(scenario.hypervisor);
  const costs = resolveCosts(soc, hypervisor, scenario.device.linkMbps);
  const guestFrames = (scenario.frontend.memoryMiB * 2 ** 20) / PAGE_SIZE;
  checkMemory(scenario, guestFrames);

  const engine = new Engine();
  const isKvm = hypervisor.notification === 'eventfd';
  const layout = layOut(scenario.backend.cpus, isKvm);
  sink?.begin(layout.actors, layout.tracks, COUNTER_RECORDS);
  const recorder = new Recorder(engine, sink, layout.tracks.length);

  const pagesInFlight = scenario.arrival.inFlight * (pagesOf(scenario) + 2);
  const frames = new FrameTable(BOOT_FRAMES + guestFrames + pagesInFlight + 1024);
  frames.allocateRange(DOMAIN.backend, BOOT_FRAMES);
  const first = frames.allocateRange(DOMAIN.frontend, guestFrames);
  const isPv = hypervisor.id.startsWith('xen-pv-');
  const firstGfn = isPv ? first : soc.arch === 'arm' ? ARM_RAM_GFN : 0;

  const hazards = new HazardLog(engine, recorder, sink, layout.oracle);
  const counters = new Counters(engine, sink);
  const oracle = new Oracle(engine, hazards, counters, {
    first,
    frames: guestFrames,
    pageExclusive: scenario.frontend.pageExclusive,
  });
  const hostDma =
    scenario.hostDma === 'default'
      ? (hypervisor.hostDma[soc.arch] ?? 'passthrough')
      : scenario.hostDma;
  const copy = scenario.backend.copy;
  const privilege =
    scenario.backend.privilege === 'default' ? hypervisor.privilege : scenario.backend.privilege;
  if (privilege !== 'none') oracle.privileged('backend');
  if (hostDma === 'passthrough') {
    oracle.standing('device', first, guestFrames, {
      dedicated: false,
      note: hypervisor.passthroughTranslates
        ? 'the IOMMU holds all of memory'
        : 'no IOMMU stands in the device’s way',
    });
  }

  return {
    scenario,
    soc,
    hypervisor,
    costs,
    hostDma,
    backendCopies: copy === 'default' ? hypervisor.backendCopies : copy === 'always',
    engine,
    recorder,
    counters,
    random: new RandomSource(scenario.seed),
    frames,
    cache: new FrameCache(frames.size, costs.llcBytes),
    oracle,
    guest: { first, frames: guestFrames, firstGfn },
    frontendCpu: new Cpu(
      engine,
      'frontend vCPU 0',
      layout.frontend.own,
      layout.frontend.hypervisor,
    ),
    backendCpus: layout.backend.map(
      ({ own, hypervisor: hv }, i) => new Cpu(engine, `backend CPU ${i}`, own, hv),
    ),
    tracks: layout,
  };
}

/** Frames of the guest that payloads may use: all but the bounce pool. */
export function payloadFrames(scenario: Scenario): number {
  return ((scenario.frontend.memoryMiB * 1024 - scenario.swiotlb.poolKiB) * 1024) / PAGE_SIZE;
}

function pagesOf(scenario: Scenario): number {
  return Math.ceil(scenario.payloadBytes / PAGE_SIZE);
}

function checkMemory(scenario: Scenario, guestFrames: number): void {
  if (scenario.swiotlb.poolKiB * 2 > scenario.frontend.memoryMiB * 1024) {
    throw new LabError(
      'BAD_SCENARIO',
      'the bounce pool takes more than half of the guest’s memory',
      'swiotlb.poolKiB, frontend.memoryMiB',
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
  const wanted = scenario.arrival.inFlight * pagesOf(scenario) * 4;
  if (wanted > Math.min(guestFrames, payloadFrames(scenario))) {
    throw new LabError(
      'BAD_SCENARIO',
      'the guest has too little memory for its requests in flight',
      'frontend.memoryMiB, arrival.inFlight, payloadBytes',
      'make the guest larger, or the requests fewer or smaller',
    );
  }
}
