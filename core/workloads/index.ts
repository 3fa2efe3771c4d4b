import type { TopologyId, WorkloadId } from '../contract/ids.ts';
import { Display } from './display/display.ts';
import { GttUpdates } from './gpu/gtt.ts';
import type { Workload, WorkloadParts } from './request.ts';
import { createNet } from './net/index.ts';

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
];

/** The workload with this id, or undefined when this version does not have it. */
export function workloadOf(id: WorkloadId): WorkloadRecord | undefined {
  return WORKLOADS.find((each) => each.id === id);
}
