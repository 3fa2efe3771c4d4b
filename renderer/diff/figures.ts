/** What the tables of the Diff room say: rows of changes, and how a change is written and judged. */
import type { Change, KindDiff, NoTest, RankTest, TraceDiff } from '../../core/contract/diff.ts';
import { kindOf } from '../../core/contract/kinds.ts';
import {
  MINUS,
  bytes,
  durationNs,
  fixed,
  percent,
  short,
  significant,
  signedPercent,
} from '../../core/figures/numbers.ts';
import type { Per } from './address.ts';

export type Unit = 'count' | 'ns' | 'bytes' | 'gbps' | 'exposure';
export type Sense = 'better' | 'worse' | 'same' | 'unknown';

/** A figure for reading; `–` where a trace cannot say. */
export function figure(value: number | null, unit: Unit): string {
  if (value === null) return '–';
  if (unit === 'ns') return durationNs(value);
  if (unit === 'bytes') return bytes(value);
  if (unit === 'count') return Math.abs(value) >= 1e6 ? short(value) : countText(value);
  return significant(value);
}

const countText = (value: number) =>
  Number.isInteger(value) ? fixed(value) : fixed(value, Math.abs(value) < 1 ? 3 : 2);

/** A change with its sign; a change of nothing is `0`. */
export function signedFigure(change: number | null, unit: Unit): string {
  if (change === null) return '–';
  if (change === 0) return '0';
  const text = figure(Math.abs(change), unit);
  return change > 0 ? `+${text}` : MINUS + text;
}

/** The relative change; in words where there was nothing before. */
export function relativeText({ a, b, relative }: Change): string {
  if (a === null || b === null) return '';
  if (relative !== null) return signedPercent(relative);
  return b === 0 ? '' : 'new';
}

/** Less is better for all that costs; `higher` turns it round. */
export function senseOf({ change }: Change, better: 'lower' | 'higher' = 'lower'): Sense {
  if (change === null) return 'unknown';
  if (change === 0) return 'same';
  return change < 0 === (better === 'lower') ? 'better' : 'worse';
}

/** The sum of changes of the same kind of figure. */
export function sumOf(all: readonly Change[]): Change {
  const sum = (of: (change: Change) => number | null) =>
    all.reduce<number | null>((total, each) => {
      const value = of(each);
      return total === null || value === null ? null : total + value;
    }, 0);
  return changeOf(
    sum(({ a }) => a),
    sum(({ b }) => b),
  );
}

export function changeOf(a: number | null, b: number | null): Change {
  if (a === null || b === null) return { a, b, change: null, relative: null };
  return { a, b, change: b - a, relative: a === 0 ? null : (b - a) / a };
}

export const GROUPS = ['event', 'category', 'primitive', 'actor'] as const;
export type Group = (typeof GROUPS)[number];

/** One line of the table of changes; null where this grouping has no such figure. */
export interface ChangeRow {
  readonly id: string;
  readonly name: string;
  readonly category: string | null;
  /** Of an event: the kind itself. */
  readonly kind: KindDiff | null;
  /** What of it is found in the timelines: a kind of event, or an actor's work. */
  readonly goal: Goal | null;
  readonly count: Change | null;
  readonly time: Change | null;
  readonly bytes: Change | null;
  readonly significance: RankTest | NoTest | null;
}

export type Goal = { readonly kind: number } | { readonly actor: string };

/** The kind among some whose own time, or else number, changed most. */
function goalOf(kinds: readonly KindDiff[]): Goal | null {
  const by = ({ change }: Change) => Math.abs(change ?? 0);
  const [most] = kinds.toSorted((x, y) => by(y.selfNs) - by(x.selfNs) || by(y.count) - by(x.count));
  return most === undefined ? null : { kind: most.code };
}

export function changeRows(diff: TraceDiff, group: Group, per: Per): ChangeRow[] {
  if (group === 'primitive') {
    const counts = per === 'request' ? diff.perRequest?.counts : diff.totals.counts;
    return Object.entries(counts ?? {})
      .filter(([, count]) => count.a !== 0 || count.b !== 0)
      .map(([name, count]) => ({
        ...NOTHING,
        id: name,
        name,
        count,
        goal: goalOf(
          diff.kinds.filter(({ code }) =>
            (kindOf(code)?.counts as readonly string[] | undefined)?.includes(name),
          ),
        ),
      }));
  }
  if (group === 'actor') {
    const times = per === 'request' ? diff.perRequest?.selfNs : diff.totals.selfNs;
    return Object.entries(times ?? {}).map(([name, time]) => ({
      ...NOTHING,
      id: name,
      name,
      time,
      goal: { actor: name },
    }));
  }
  const rows = diff.kinds.flatMap((kind): ChangeRow[] => {
    const figures = per === 'request' ? kind.perRequest : kind;
    if (figures === null) return [];
    const { code, name, category, significance } = kind;
    const { count, selfNs: time, bytes } = figures;
    const goal = { kind: code };
    return [{ id: String(code), name, category, kind, goal, count, time, bytes, significance }];
  });
  if (group === 'event') return rows;
  return [...Map.groupBy(rows, ({ category }) => category ?? 'other')].map(([name, list]) => {
    const sum = (of: (row: ChangeRow) => Change | null) =>
      sumOf(list.map(of).filter((each) => each !== null));
    return {
      ...NOTHING,
      id: name,
      name,
      category: name,
      count: sum(({ count }) => count),
      time: sum(({ time }) => time),
      bytes: sum((row) => row.bytes),
      goal: goalOf(list.flatMap(({ kind }) => kind ?? [])),
    };
  });
}

const NOTHING = {
  category: null,
  kind: null,
  goal: null,
  count: null,
  time: null,
  bytes: null,
  significance: null,
} as const;

export type SortKey = 'name' | 'count' | 'time' | 'bytes';

/** Most changed first; names as they are read. Rows without the figure go last. */
export function sortRows(rows: readonly ChangeRow[], key: SortKey): ChangeRow[] {
  if (key === 'name') return rows.toSorted((x, y) => x.name.localeCompare(y.name));
  const size = (row: ChangeRow) => {
    const change = row[key]?.change ?? null;
    return change === null ? -1 : Math.abs(change);
  };
  return rows.toSorted((x, y) => size(y) - size(x) || x.name.localeCompare(y.name));
}

/** One of the figures that are always in sight. */
export interface Headline {
  readonly id: string;
  readonly name: string;
  readonly change: Change;
  readonly unit: Unit;
  readonly suffix: string;
  readonly better: 'lower' | 'higher';
}

/** What B costs and gives against A; figures that neither trace has are left out. */
export function headlines(diff: TraceDiff): Headline[] {
  const { steadyState, latency, totals } = diff;
  const cpu = Object.entries(steadyState ?? {}).filter(([key]) => key.startsWith(CPU));
  const line = (
    id: string,
    name: string,
    change: Change | undefined,
    unit: Unit,
    suffix = '',
    better: Headline['better'] = 'lower',
  ): Headline[] =>
    change === undefined || (change.a === null && change.b === null)
      ? []
      : [{ id, name, change, unit, suffix, better }];
  return [
    ...line('throughput', 'Throughput', steadyState?.['throughputGbps'], 'gbps', 'Gb/s', 'higher'),
    ...line(
      'cpu',
      'CPU per request',
      cpu.length === 0 ? undefined : sumOf(cpu.map(([, each]) => each)),
      'ns',
    ),
    ...line('p50', 'Latency, median', latency?.percentilesNs.p50, 'ns'),
    ...line('p99', 'Latency, p99', latency?.percentilesNs.p99, 'ns'),
    ...(steadyState === null ? line('span', 'Length', totals.spanNs, 'ns') : []),
  ];
}

const CPU = 'cpuNsPerRequest.';

/** Reach beyond need of all but the owner and the hypervisor, in KiB·s for each GiB moved. */
export function exposureOf({ a: inA, b: inB, exposure, totals }: TraceDiff): Change {
  const strangers = exposure.filter(({ actor }) => actor !== 'frontend' && actor !== 'hypervisor');
  const sums = sumOf(
    strangers.flatMap(({ reach }) => [
      reach.heldByteSeconds,
      reach.granuleByteSeconds,
      reach.staleByteSeconds,
    ]),
  );
  const { payloadBytes } = totals;
  // A recording cannot say who reached what; a run in which nobody did has no rows.
  const a = inA.kind === 'imported' ? null : sums.a;
  const b = inB.kind === 'imported' ? null : sums.b;
  const perGib = (byteSeconds: number | null, moved: number | null) =>
    byteSeconds === null || moved === null || moved === 0
      ? null
      : byteSeconds / 1024 / (moved / 2 ** 30);
  return changeOf(perGib(a, payloadBytes.a), perGib(b, payloadBytes.b));
}

/** How sure a difference is: the chance that a value of B is the larger one, and p. */
export function certainty(test: RankTest | NoTest | null): { text: string; title: string } {
  if (test === null) return { text: '', title: '' };
  if (test.test === null) return { text: '–', title: `No test: ${test.reason}.` };
  const p = test.p < 1e-6 ? 'p < 0.000001' : `p = ${significant(test.p, 2)}`;
  return {
    text: percent(test.superiority),
    title: `A value of B is larger than one of A with a chance of ${percent(test.superiority)} (${p}; ${test.test}; ${test.of}; ${fixed(test.valuesA)} and ${fixed(test.valuesB)} values).`,
  };
}

/** Is a difference beyond what chance explains? */
export function isCertain(test: RankTest | NoTest | null): boolean {
  return test !== null && test.test !== null && test.p < 0.01;
}
