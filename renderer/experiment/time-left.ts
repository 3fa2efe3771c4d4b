/** How long runs will still take, from how long the others took. */
import type { RunJob } from '../../core/contract/index.ts';

/** Share of one run that is done, 0 to 1. */
export const shareOf = ({ state, progress }: Pick<RunJob, 'state' | 'progress'>): number => {
  if (state === 'waiting') return 0;
  if (state !== 'running') return 1;
  return progress === null || progress.total === 0 ? 0 : progress.done / progress.total;
};

/** Below this share an extrapolation is a guess. */
const ENOUGH = 0.1;

/** Milliseconds that a run under way still takes, or null when it is too early to say. */
export function runLeft(job: RunJob): number | null {
  const share = shareOf(job);
  return share < ENOUGH ? null : (job.elapsedMs * (1 - share)) / share;
}

/**
 * Milliseconds until all are over, or null when nothing is known yet: those that wait take as long as
 * the mean of those that are over or well under way, and the threads share them.
 */
export function timeLeft(jobs: readonly RunJob[], threads: number): number | null {
  const known = jobs.flatMap((job) => {
    if (job.state === 'done') return [job.elapsedMs];
    const left = job.state === 'running' ? runLeft(job) : null;
    return left === null ? [] : [job.elapsedMs + left];
  });
  if (known.length === 0) return null;
  const mean = known.reduce((sum, each) => sum + each, 0) / known.length;
  const left = jobs.reduce((sum, job) => {
    if (job.state === 'waiting') return sum + mean;
    if (job.state !== 'running') return sum;
    return sum + (runLeft(job) ?? Math.max(0, mean - job.elapsedMs));
  }, 0);
  const unfinished = jobs.filter(({ state }) => state === 'waiting' || state === 'running').length;
  return unfinished === 0 ? 0 : left / Math.max(1, Math.min(threads, unfinished));
}

/** `about 40 s left`, `about 3 min left`, or that it is not known yet. */
export function leftText(ms: number | null): string {
  if (ms === null) return 'time left not known yet';
  const seconds = Math.ceil(ms / 1000);
  if (seconds <= 1) return 'about a second left';
  return seconds < 100 ? `about ${seconds} s left` : `about ${Math.ceil(seconds / 60)} min left`;
}
