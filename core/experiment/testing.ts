/** For tests that look at what a run did, event by event. */
import { kindOf } from '../contract/kinds.ts';
import type { RunResult } from '../contract/result.ts';
import { parseScenario, type ScenarioInput } from '../contract/scenario.ts';
import { NONE, type TraceSink } from '../engine/recording.ts';
import { prepareRun } from './run.ts';

/** One event; what is NULL in a trace is NaN. */
export interface SeenEvent {
  readonly kind: string;
  /** Start and duration, picoseconds. */
  readonly ts: number;
  readonly dur: number;
  readonly track: number;
  readonly request: number;
  readonly n: number;
  readonly arg: number;
}

/** Runs a scenario to its end. Events come in the order of their starts. */
export function runSeen(input: ScenarioInput): {
  readonly result: RunResult;
  readonly events: readonly SeenEvent[];
} {
  const events: SeenEvent[] = [];
  const nothing = () => undefined;
  const value = (column: Float64Array, i: number): number =>
    column[i] === NONE ? NaN : (column[i] as number);
  const sink: TraceSink = {
    ...{ begin: nothing, request: nothing, hazard: nothing, sample: nothing, exposure: nothing },
    events(chunk) {
      for (let i = 0; i < chunk.count; i++) {
        events.push({
          kind: kindOf(chunk.kind[i] as number)?.name ?? '',
          ts: chunk.ts[i] as number,
          dur: chunk.dur[i] as number,
          track: chunk.track[i] as number,
          request: value(chunk.request, i),
          n: value(chunk.n, i),
          arg: value(chunk.arg, i),
        });
      }
    },
  };
  const simulation = prepareRun(parseScenario(input), sink);
  while (simulation.step(10_000)) {
    // Go on.
  }
  return { result: simulation.finish(), events };
}
