import { LabError } from '../../contract/errors.ts';
import type { Scenario } from '../../contract/scenario.ts';
import type { Workload, WorkloadParts } from '../request.ts';
import { DirectNet } from './direct/workload.ts';
import { RING_SLOTS } from './interface.ts';
import { MediatedNet } from './mediated.ts';

/**
 * A network workload, by the scenario's topology.
 *
 * @param frames of each guest that payloads may use
 * @throws LabError BAD_SCENARIO for a destination that the topology does not have, for guests too small
 *   for their receive rings, or for raw traffic that nobody here makes
 */
export function createNet(parts: WorkloadParts, frames: number): Workload {
  const { scenario } = parts.world;
  checkRings(scenario, frames);
  checkRaw(scenario);
  return scenario.topology === 'mediated'
    ? new MediatedNet(parts, frames)
    : new DirectNet(parts, frames);
}

/** Pages lie on receive rings all the time: at most half of what a guest has for payloads. */
function checkRings({ topology, workload, net, device }: Scenario, frames: number): void {
  if (workload === 'net-tx' && net.destination === 'wire') return;
  const posted = net.queues * (topology === 'mediated' ? RING_SLOTS : device.ringEntries);
  if (posted * 2 <= frames) return;
  throw new LabError(
    'BAD_SCENARIO',
    'the guest has too little memory for the buffers of its receive rings',
    'frontend.memoryMiB, net.queues, device.ringEntries',
    'make the guest larger, or its rings fewer or smaller',
  );
}

function checkRaw({ topology, workload, net }: Scenario): void {
  const oneWay = workload === 'net-tx' || workload === 'net-rx';
  const between = topology === 'mediated' && net.destination === 'local';
  if (net.traffic === 'socket' || (oneWay && between)) return;
  throw new LabError(
    'BAD_SCENARIO',
    'raw traffic goes one way between a guest and its backend',
    'net.traffic, net.destination, workload',
    'use net-tx or net-rx with net.destination local, or net.traffic socket',
  );
}
