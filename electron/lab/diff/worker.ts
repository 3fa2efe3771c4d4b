/** A thread that compares two traces, says so, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { toErrorData } from '../../../core/contract/index.ts';
import { diff } from '../../../core/diff/index.ts';
import { openTrace } from '../../../traces/index.ts';
import type { CompareJob } from '../parts.ts';
import type { CompareMessage } from './thread.ts';

/** Requests that changed most: as many as a list can be scrolled through. */
const MOST = 200;
const PROGRESS_MS = 50;

const say = (message: CompareMessage) => parentPort?.postMessage(message);
const { a, b } = workerData as Pick<CompareJob, 'a' | 'b'>;

let told = 0;
function progress(events: number): void {
  const now = performance.now();
  if (now - told < PROGRESS_MS) return;
  told = now;
  say({ type: 'progress', events });
}

try {
  const inA = openTrace(a.file);
  const inB = openTrace(b.file);
  const subjectA = inA.subject(a.name, progress);
  const subjectB = inB.subject(b.name, (events) => progress(subjectA.digest.events + events));
  say({
    type: 'done',
    diff: diff(
      subjectA,
      subjectB,
      (request) => [inA.sequence(request), inB.sequence(request)],
      MOST,
    ),
  });
} catch (thrown) {
  say({ type: 'failed', error: toErrorData(thrown) });
}
