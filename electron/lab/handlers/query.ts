import type { LabHandlers } from '../../../core/contract/index.ts';
import type { LabContext } from './context.ts';

/** A user's SQL, in a process of its own: neither its time nor its end touches the lab. */
export function queryHandlers({
  library,
  parts,
  track,
  until,
}: LabContext): Pick<LabHandlers, 'query.run'> {
  return {
    'query.run': ({ trace, sql, limit }, { signal }) =>
      track(parts.traces.startQuery({ file: library.file(trace), sql, limit }, until(signal))),
  };
}
