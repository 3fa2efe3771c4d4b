/** How many CPUs and which devices a scenario has, and the tracks on which they are recorded. */
import { ACTOR_IDS } from '../contract/ids.ts';
import { protocolOf, type Scenario } from '../contract/scenario.ts';
import type { ActorRecord, TrackRecord } from '../engine/recording.ts';
import type { DeviceTracks } from '../primitives/world.ts';

const ORACLE_ROW = ACTOR_IDS.length;

export interface CpuTracks {
  readonly own: number;
  readonly hypervisor: number;
}

export interface Layout extends DeviceTracks {
  readonly actors: readonly ActorRecord[];
  readonly tracks: readonly TrackRecord[];
  /** By guest, then vCPU; by backend, then CPU. */
  readonly guests: readonly (readonly CpuTracks[])[];
  readonly backends: readonly (readonly CpuTracks[])[];
}

/** How many CPUs of which kind a scenario has. */
export interface Shape {
  readonly guests: number;
  readonly guestCpus: number;
  readonly backends: number;
  readonly backendCpus: number;
  readonly native: boolean;
  /** What does the DMA. */
  readonly device: 'NIC' | 'Disk' | 'GPU' | 'Display';
  readonly disk: boolean;
  /** Is there a network link? */
  readonly linked: boolean;
  /** Is there a copy engine? */
  readonly engine: boolean;
}

export function shapeOf(scenario: Scenario): Shape {
  const { topology, workload } = scenario;
  const isBlock = protocolOf(scenario) === 'blk';
  const isNet = protocolOf(scenario) === 'net';
  const queues = isBlock ? scenario.blk.queues : isNet ? scenario.net.queues : 1;
  const native = topology === 'native';
  const stands = topology === 'mediated' || (topology === 'assigned' && workload === 'gpu-gtt');
  return {
    guests: native ? 1 : scenario.guests,
    guestCpus: scenario.frontend.cpus === 0 ? queues : scenario.frontend.cpus,
    backends: stands ? scenario.backend.count : 0,
    backendCpus: scenario.backend.cpus,
    native,
    device: isBlock ? 'Disk' : isNet ? 'NIC' : workload === 'display' ? 'Display' : 'GPU',
    disk: isBlock,
    linked: isNet || (isBlock && scenario.blk.device === 'network'),
    engine: scenario.strategy === 'grant-copy-offload',
  };
}

/** Tracks in the order in which people read them: who asks, who serves, who watches, what moves. */
export function layOut(shape: Shape, hypervisorName: string): Layout {
  const tracks: TrackRecord[] = [];
  const add = (actor: number, name: string, detail: string): number => {
    tracks.push({ id: tracks.length, actor, name, detail });
    return tracks.length - 1;
  };
  const many = (count: number, index: number) => (count === 1 ? '' : ` ${index}`);
  const range = (count: number) => Array.from({ length: count }, (_, i) => i);

  const oracle = add(ORACLE_ROW, 'Hazards', 'oracle');
  const own = range(shape.guests).map((g) =>
    range(shape.guestCpus).map((c) =>
      shape.native
        ? add(0, 'Host', `CPU ${c}`)
        : add(0, `Frontend${many(shape.guests, g)}`, `vCPU ${c}`),
    ),
  );
  const served = range(shape.backends).map((b) =>
    range(shape.backendCpus).map((c) => add(1, `Backend${many(shape.backends, b)}`, `CPU ${c}`)),
  );
  const under = own.map((cpus, g) =>
    cpus.map((track, c) => ({
      own: track,
      hypervisor: shape.native
        ? track
        : add(2, hypervisorName, `on ${shape.guests === 1 ? '' : `guest ${g}, `}vCPU ${c}`),
    })),
  );
  const underBackends = served.map((cpus, b) =>
    cpus.map((track, c) => ({
      own: track,
      hypervisor: add(2, hypervisorName, `on backend${many(shape.backends, b)} CPU ${c}`),
    })),
  );
  const iommu = add(4, 'IOMMU', 'table walks');
  const { device } = shape;
  const dmaEngine = add(5, device, 'DMA reads');
  const dmaEngineIn = add(5, device, 'DMA writes');
  // What a run does not have gets no track; nothing is recorded there.
  const wire = shape.linked ? add(5, device, 'link, out') : dmaEngine;
  const wireIn = shape.linked ? add(5, device, 'link, in') : dmaEngine;
  const disk = shape.disk ? add(5, device, 'commands') : dmaEngine;
  const copyEngine = shape.engine ? add(6, 'Copy engine', 'channel 0') : dmaEngine;
  return {
    actors: [
      ...ACTOR_IDS.map((role, id) => ({ id, name: role, role })),
      { id: ORACLE_ROW, name: 'oracle', role: 'oracle' as const },
    ],
    tracks,
    oracle,
    guests: under,
    backends: underBackends,
    iommu,
    dmaEngine,
    dmaEngineIn,
    wire,
    wireIn,
    disk,
    copyEngine,
  };
}
