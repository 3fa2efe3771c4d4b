/** Simulates so many requests in a process of its own and prints its greatest memory, in MiB. */
import { parseScenario } from '../../core/contract/index.ts';
import { prepareRun } from '../../core/experiment/index.ts';
import { peakMiB } from './peak.ts';

const simulation = prepareRun(
  parseScenario({ strategy: 'grant-copy', requests: Number(process.argv[2]) }),
  null,
);
while (simulation.step(100_000)) {
  // Go on.
}
simulation.finish();
process.stdout.write(String(peakMiB()));
