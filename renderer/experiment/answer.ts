/** What the runs of a question say, in sentences: each figure is of a result, caveats come with it. */
import { HAZARDS, type HazardId, type RunResult } from '../../core/contract/index.ts';
import { columnKey, type MatrixRun } from '../../core/figures/matrix.ts';
import { exposurePerGib, reachText, type Metric } from '../../core/figures/metrics.ts';
import {
  NBSP,
  bytes,
  durationNs,
  fixed,
  plural,
  short,
  signedPercent,
  significant,
} from '../../core/figures/numbers.ts';

export interface Answer {
  /** Runs that are done, of those that the answer needs. */
  readonly done: number;
  readonly of: number;
  /** What it costs, a sentence for each machine and workload. */
  readonly cost: readonly string[];
  /** What it exposes, a sentence for each row. */
  readonly safety: readonly string[];
  readonly caveats: readonly string[];
}

type Run = MatrixRun<RunResult>;
type Done = Run & { readonly result: RunResult };

/** Differences below this are no differences. */
const SAME = 0.02;

/** @param rows strategies: the one that is asked about, then what it is held against */
export function answerOf(runs: readonly Run[], rows: readonly string[], metric: Metric): Answer {
  const wanted = runs.filter(({ status }) => status !== 'refused');
  const done = merged(wanted.filter((run): run is Done => run.result !== null));
  const columns = [...Map.groupBy(done, columnKey).values()];
  const subjects = (list: readonly Done[]) =>
    rows.flatMap((strategy) => list.filter((each) => each.strategy === strategy));
  return {
    done: wanted.filter(({ result }) => result !== null).length,
    of: wanted.length,
    cost: columns.map((list) => costSentence(subjects(list), metric)).filter((text) => text !== ''),
    safety: [...Map.groupBy(subjects(done), nameOf)].map(([name, list]) => safetyOf(name, list)),
    caveats: caveatsOf(runs, done),
  };
}

/** A strategy whose variants are event for event the same is said once, without them. */
function merged(done: readonly Done[]): Done[] {
  return [...Map.groupBy(done, (run) => `${run.strategy} on ${columnKey(run)}`).values()].flatMap(
    (list) => {
      const [first] = list;
      const prints = new Set(list.map(({ result }) => result.fingerprint));
      return first !== undefined && list.length > 1 && prints.size === 1
        ? [{ ...first, variant: '' }]
        : list;
    },
  );
}

const nameOf = ({ strategy, variant }: Pick<Run, 'strategy' | 'variant'>) =>
  variant === '' ? strategy : `${strategy} (${variant})`;

/** `On A, B, C: x takes 1.2 ns/B, 30 % more than y (0.9).` */
function costSentence(list: readonly Done[], metric: Metric): string {
  const [subject, ...others] = list;
  if (subject === undefined) return '';
  const of = ({ result }: Done) => metric.value(result) ?? 0;
  const amount = (run: Done) => `${significant(of(run))}${NBSP}${metric.unit}`;
  const where = `${subject.hypervisor}, ${subject.soc}, ${subject.workload}`;
  const first = `On ${where}: ${labelled(subject)} ${metric.better === 'lower' ? 'takes' : 'reaches'} ${amount(subject)}`;
  if (others.length === 0) return `${first}.`;
  const parts = others.map((other) => {
    const share = of(other) === 0 ? 0 : of(subject) / of(other) - 1;
    if (Math.abs(share) <= SAME) return `as much as ${labelled(other)}`;
    const much = `${signedPercent(Math.abs(share)).replace('+', '')} ${share > 0 ? 'more' : 'less'}`;
    return `${much} than ${labelled(other)} (${amount(other)})`;
  });
  return `${first}, ${parts.join('; ')}. Bottleneck: ${bottleneckOf(subject.result)}.`;
}

const labelled = (run: Done) =>
  run.result.pair === 'hypothetical' ? `${nameOf(run)}, hypothetical there,` : nameOf(run);

function bottleneckOf({ bottleneck, busy }: RunResult): string {
  const share = busy[bottleneck];
  return share === undefined ? bottleneck : `${bottleneck}, ${fixed(share * 100)}${NBSP}% busy`;
}

/** Reach, hazards and damage of one row, over its machines: the worst of each. */
function safetyOf(name: string, list: readonly Done[]): string {
  const results = list.map(({ result }) => result);
  const most = (value: (result: RunResult) => number) => Math.max(...results.map(value));
  const least = (value: (result: RunResult) => number) => Math.min(...results.map(value));
  const span = (value: (result: RunResult) => number, text: (value: number) => string) => {
    const [low, high] = [text(least(value)), text(most(value))];
    return low === high ? high : `${low} to ${high}`;
  };
  const exposure = span((result) => exposurePerGib(result) ?? 0, reachText);
  const parts = [
    `exposes ${exposure} per GiB moved`,
    `pages stay in reach for ${span(
      (result) => result.windowsNs.p99,
      (value) => durationNs(value, 2),
    )} (p99)`,
  ];
  const wrong = most((result) => result.wrongDataOnWire);
  if (wrong > 0) parts.push(`${plural(wrong, 'frame')} left the machine with wrong data`);
  const pool = most((result) => result.memoryBytes?.['backend'] ?? 0);
  if (pool > 0) parts.push(`the backend holds up to ${bytes(pool)} of payload memory`);
  return `${name} ${parts.join(', ')}; ${hazardText(results)}.`;
}

/** Hazards that happened, by name, with the most of any run. */
export function hazardText(results: readonly Pick<RunResult, 'hazards'>[]): string {
  const ids = Object.keys(HAZARDS) as HazardId[];
  const happened = ids.flatMap((id) => {
    const most = Math.max(...results.map(({ hazards }) => hazards[id] ?? 0));
    return most === 0 ? [] : [`${id} ${HAZARDS[id].name} (${short(most)})`];
  });
  return happened.length === 0 ? 'no hazard happened' : `happened: ${happened.join(', ')}`;
}

function caveatsOf(runs: readonly Run[], done: readonly Done[]): string[] {
  const names = (list: readonly Run[]) => [...new Set(list.map(nameOf))].join(', ');
  const hypothetical = done.filter(({ result }) => result.pair === 'hypothetical');
  const unsteady = done.filter(({ result }) => !result.steady);
  const refused = runs.filter(({ status }) => status === 'refused');
  const seeds = new Set(done.map(({ result }) => result.seed));
  const unchecked = (Object.keys(HAZARDS) as HazardId[]).filter((id) =>
    done.some(({ result }) => result.hazards[id] === null),
  );
  return [
    ...[...Map.groupBy(hypothetical, ({ reason, result }) => reason || result.pairReason)].map(
      ([reason, list]) => `Hypothetical: ${names(list)}. ${reason}`,
    ),
    ...[...Map.groupBy(refused, ({ reason }) => reason)].map(
      ([reason, list]) => `Refused: ${names(list)}. ${reason}`,
    ),
    ...(unsteady.length > 0
      ? [`No steady state, too few requests: ${names(unsteady)}. Ask for more requests.`]
      : []),
    ...(unchecked.length > 0 ? [`Not checked: ${unchecked.join(', ')}.`] : []),
    ...(seeds.size === 1 && done.length > 0
      ? ['One seed, and profiles as they are: a sweep over seeds shows the spread.']
      : []),
  ];
}
