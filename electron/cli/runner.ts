/** Runs of scenarios for commands that make many, with one progress line for all of them. */
import type { LabClient, RunResult, Scenario } from '../../core/contract/index.ts';
import type { Io } from './io.ts';

export interface Runner {
  /** Runs a scenario without recording it. @throws LabError */
  readonly run: (scenario: Scenario) => Promise<RunResult>;
  /** Says in the progress line what the next runs are about, as `3 of 30: V-N5`. */
  readonly about: (text: string) => void;
}

export function runner(client: LabClient, io: Io): Runner {
  let what = '';
  return {
    run(scenario) {
      const place = { scenario, record: false, out: null };
      return client.call('experiment.run', place, {
        onProgress({ done, total }) {
          io.progress(`${what}, ${total === 0 ? 0 : Math.floor((100 * done) / total)} %`);
        },
      });
    },
    about(text) {
      what = text;
      io.progress(text);
    },
  };
}
