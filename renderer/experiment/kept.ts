/** Runs of a plan that the library keeps, read again. */
import { LabError, parseScenario, type RunJob } from '../../core/contract/index.ts';
import type { Lab } from '../app/lab.svelte.ts';
import { parseAsked, type Asked } from './storage.ts';

export interface KeptRuns {
  readonly asked: Asked;
  readonly done: readonly Pick<RunJob, 'scenario' | 'result'>[];
}

/** Results are read so many at a time. */
const PAGE = 500;

/** @throws LabError NOT_FOUND, CORRUPT_FILE and others for a study that cannot be read */
export async function readKept(lab: Pick<Lab, 'call'>, id: string): Promise<KeptRuns> {
  const asked = parseAsked((await lab.call('study.asked', { id })).asked);
  if (asked === null) {
    const remedy = 'its results are still in its table, and in Charts';
    throw new LabError('CORRUPT_FILE', 'what was asked cannot be read', id, remedy);
  }
  const done: Pick<RunJob, 'scenario' | 'result'>[] = [];
  for (let total = 1, offset = 0; offset < total; offset += PAGE) {
    const page = await lab.call('study.results', { id, offset, limit: PAGE });
    ({ total } = page);
    for (const { scenario, result, trace } of page.results) {
      // Parsed, so that its fields stand in the order of every other scenario's.
      if (result !== null) {
        done.push({ scenario: parseScenario(scenario), result: { ...result, trace } });
      }
    }
  }
  return { asked, done };
}
