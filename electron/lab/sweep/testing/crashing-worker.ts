/** A thread for runs that dies of some of them: seed 2 ends it, seed 3 throws out of its hands. */
import { parentPort } from 'node:worker_threads';
import type { WorkerJob } from '../run-worker.ts';

parentPort?.on('message', ({ scenario }: WorkerJob) => {
  if (scenario.seed === 2) process.exit(7);
  if (scenario.seed === 3) throw new RangeError('made to fail');
});
await import('../run-worker.ts');
