import type { Workload, WorkloadParts } from '../request.ts';
import { DirectNet } from './direct/workload.ts';
import { MediatedNet } from './mediated.ts';

/**
 * A network workload, by the scenario's topology.
 *
 * @param frames of each guest that payloads may use
 * @throws LabError BAD_SCENARIO for a destination that the topology does not have
 */
export function createNet(parts: WorkloadParts, frames: number): Workload {
  const mediated = parts.world.scenario.topology === 'mediated';
  return mediated ? new MediatedNet(parts, frames) : new DirectNet(parts, frames);
}
