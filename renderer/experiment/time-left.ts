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
 * Milliseconds until all are over, or null while nothing is known that one could rely on. Those that wait
 * take as long as others of their workload took. The first run of each thread is slow, for its code is not
 * compiled yet: it counts only while there is no other.
 */
export function timeLeft(jobs: readonly RunJob[], threads: number): number | null {
  const over = jobs.filter(({ state }) => state === 'done');
  const rest = jobs.filter(({ state }) => state === 'waiting' || state === 'running');
  if (rest.length === 0) return 0;
  const warm = over.slice(threads);
  const waiting = rest.some(({ state }) => state === 'waiting');
  if (waiting && warm.length === 0 && jobs.length > 2 * threads) return null;
  const known = (warm.length > 0 ? warm : over).map(({ scenario, elapsedMs }) => ({
    workload: scenario.workload,
    ms: elapsedMs,
  }));
  for (const job of rest) {
    const left = job.state === 'running' ? runLeft(job) : null;
    if (left !== null) known.push({ workload: job.scenario.workload, ms: job.elapsedMs + left });
  }
  if (known.length === 0) return null;
  const meanOf = (workload: string) => {
    const same = known.filter((each) => each.workload === workload);
    const list = same.length > 0 ? same : known;
    return list.reduce((sum, { ms }) => sum + ms, 0) / list.length;
  };
  const left = rest.reduce((sum, job) => {
    const mean = meanOf(job.scenario.workload);
    if (job.state === 'waiting') return sum + mean;
    return sum + (runLeft(job) ?? Math.max(0, mean - job.elapsedMs));
  }, 0);
  return left / Math.max(1, Math.min(threads, rest.length));
}

/** `about 40 s left`, `about 3 min left`, or that it is not known yet. */
export function leftText(ms: number | null): string {
  if (ms === null) return 'time left not known yet';
  const seconds = Math.ceil(ms / 1000);
  if (seconds <= 1) return 'about a second left';
  return seconds < 100 ? `about ${seconds} s left` : `about ${Math.ceil(seconds / 60)} min left`;
}
