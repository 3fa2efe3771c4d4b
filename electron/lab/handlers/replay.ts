/** Handlers of what replay asks beyond the trace itself. */
import type { LabHandlers } from '../../../core/contract/index.ts';
import { alternatives } from '../../../core/experiment/index.ts';
import type { LabContext } from './context.ts';

type Topic = 'trace.range' | 'hazard.alternatives';

export function replayHandlers({ library }: LabContext): Pick<LabHandlers, Topic> {
  return {
    'trace.range': ({ trace, from, to }) => library.reader(trace).range(from, to),
    'hazard.alternatives': ({ scenario, hazard }) => alternatives(scenario, hazard),
  };
}
