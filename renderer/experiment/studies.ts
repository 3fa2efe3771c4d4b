/** Studies of the library, in words. */
import type { StudyInfo } from '../../core/contract/index.ts';
import type { RouteInput } from '../app/route.ts';
import { fixed, plural } from '../../core/figures/numbers.ts';

export const byLatest = (studies: readonly StudyInfo[]): StudyInfo[] =>
  [...studies].sort((a, b) => b.createdAt.localeCompare(a.createdAt) || a.id.localeCompare(b.id));

/** Runs that are over, in whichever way. */
export const overOf = ({ done, refused, failed }: StudyInfo): number => done + refused + failed;

/** How it stands, in a word or two. */
export function stateText({ state }: StudyInfo): string {
  return state === 'broken' ? 'cannot be read' : state;
}

/** How far it is: `partial · 12 of 30 runs`. */
export function progressText(study: StudyInfo): string {
  const { state, kind, runs, live } = study;
  if (state === 'broken') return 'cannot be read';
  if (kind !== 'crossover') {
    const failed = study.failed === 0 ? '' : `, ${fixed(study.failed)} failed`;
    return `${state} · ${fixed(overOf(study))} of ${plural(runs, 'run')}${failed}`;
  }
  if (live !== null) return `${state} · ${fixed(live.made)} of ${plural(live.toMake, 'sample')}`;
  return state === 'partial' ? 'partial: not all samples were looked at' : state;
}

/** Charts, with the runs of a study. */
export function chartOf(
  id: string,
  kind: StudyInfo['kind'],
  metric: string | null = null,
): RouteInput {
  const source = { kind: 'sweep', database: id };
  const spec =
    kind === 'crossover'
      ? { chart: 'crossover', source, metric, group: 'payloadBytes', split: 'strategy' }
      : { chart: 'bars', source, metric };
  return { room: 'charts', query: { spec: JSON.stringify(spec) } };
}

export const KINDS = [
  { id: 'plan', name: 'Questions and plans' },
  { id: 'crossover', name: 'Crossovers' },
  { id: 'sweep', name: 'Sweeps' },
] as const;
