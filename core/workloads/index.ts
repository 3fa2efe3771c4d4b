import { exists } from '../base/assert.ts';
import type { TopologyId, WorkloadId } from '../contract/ids.ts';
import { DirectBlk } from './blk/direct.ts';
import { MediatedBlk } from './blk/workload.ts';
import { Display } from './display/display.ts';
import { GttUpdates } from './gpu/gtt.ts';
import { checkRecorded } from './recorded.ts';
import type { Workload, WorkloadParts } from './request.ts';
import { createNet } from './net/index.ts';

/** Block behind a backend, or of a driver that owns its disk. */
function createBlk(parts: WorkloadParts, frames: number): Workload {
  return parts.carrier === null ? new DirectBlk(parts, frames) : new MediatedBlk(parts, frames);
}

/**
 * A recorded stream, over the network or to a disk.
 *
 * @throws LabError BAD_SCENARIO naming the first request that cannot be played
 */
function createRecorded(parts: WorkloadParts, frames: number): Workload {
  const { recorded } = parts.world.scenario;
  checkRecorded(recorded);
  return recorded.protocol === 'net' ? createNet(parts, frames) : createBlk(parts, frames);
}

/** A workload as the catalogue shows it. */
export interface WorkloadRecord {
  readonly id: WorkloadId;
  readonly name: string;
  readonly summary: string;
  readonly topologies: readonly TopologyId[];
  /** @param frames of each guest that payloads may use */
  create(parts: WorkloadParts, frames: number): Workload;
}

/** Every workload of this version. A new one is a file and a line here. */
export const WORKLOADS: readonly WorkloadRecord[] = [
  {
    id: 'net-tx',
    name: 'Network transmit',
    summary: 'An application in the guest sends; the payload leaves through the NIC.',
    topologies: ['mediated', 'assigned', 'native'],
    create: createNet,
  },
  {
    id: 'net-rx',
    name: 'Network receive',
    summary: 'Packets come in through the NIC, and an application in the guest takes them.',
    topologies: ['mediated', 'assigned', 'native'],
    create: createNet,
  },
  {
    id: 'net-both',
    name: 'Network, both ways',
    summary: 'Half of the requests are sent by the guest, half come to it, at the same time.',
    topologies: ['mediated', 'assigned', 'native'],
    create: createNet,
  },
  {
    id: 'net-rr',
    name: 'Network, request and response',
    summary: 'A request comes in, the guest answers with as many bytes; latency is of both.',
    topologies: ['mediated', 'assigned', 'native'],
    create: createNet,
  },
  {
    id: 'blk-read',
    name: 'Block read',
    summary:
      'A guest reads from its disk: the payload comes through the backend, or straight from the device.',
    topologies: ['mediated', 'assigned', 'native'],
    create: createBlk,
  },
  {
    id: 'blk-write',
    name: 'Block write',
    summary: 'A guest writes to its disk.',
    topologies: ['mediated', 'assigned', 'native'],
    create: createBlk,
  },
  {
    id: 'blk-mixed',
    name: 'Block, mixed',
    summary: 'A guest reads and writes, so many per cent of each.',
    topologies: ['mediated', 'assigned', 'native'],
    create: createBlk,
  },
  {
    id: 'gpu-gtt',
    name: 'Graphics table updates',
    summary:
      'A guest changes entries of its graphics table; an emulator translates and shadows them, and the device uses them.',
    topologies: ['assigned'],
    create: (parts, frames) => new GttUpdates(parts, frames),
  },
  {
    id: 'display',
    name: 'Display',
    summary: 'A guest shows so many pictures a second on a display that its backend drives.',
    topologies: ['mediated'],
    create: (parts) => new Display(parts),
  },
  {
    id: 'recorded',
    name: 'Recorded requests',
    summary:
      'The requests of a trace, each at its own time and of its own size: the stream of one system on another.',
    topologies: ['mediated', 'assigned', 'native'],
    create: createRecorded,
  },
];

/** The workload with this id. */
export function workloadOf(id: WorkloadId): WorkloadRecord {
  return exists(
    WORKLOADS.find((each) => each.id === id),
    'every id has a workload',
  );
}
