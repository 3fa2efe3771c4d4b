/** What changed from one trace to the other: figures, who paid, safety, where they part; with charts. */
import type { Change, Components, TraceDiff } from '../contract/diff.ts';
import { chartsOfDiff } from '../figures/diff-charts.ts';
import {
  bytes,
  durationNs,
  fixed,
  MINUS,
  percent,
  plural,
  signedPercent,
  significant,
} from '../figures/numbers.ts';
import { heading, note, paragraph, strong, table, type Block } from './blocks.ts';

/** Puts a chart into the report. */
export type AddFigure = (chart: Readonly<Record<string, unknown>>) => Block;

export interface DiffSection {
  readonly title: string;
  /** Both traces as the report names them, and what to call them. */
  readonly refs: readonly [string, string];
  readonly names: readonly [string, string];
}

const FIELDS = 8;
const KINDS = 15;
const REQUESTS = 5;
const COLUMNS = ['>A', '>B', '>change', '>relative'];

type Unit = (value: number) => string;

export function diffBlocks(
  diff: TraceDiff,
  { title, refs, names }: DiffSection,
  figure: AddFigure,
): Block[] {
  const { alignment, components, latency, strip } = diff;
  const head = heading(3, title === '' ? 'From A to B' : title);
  const [a, b] = names;
  if (diff.identical) {
    return [head, paragraph(`${refs[0]} and ${refs[1]} do not differ in any event.`)];
  }
  const charts = chartsOfDiff(refs, names);
  return [
    head,
    paragraph(
      strong(a),
      ` is ${refs[0]}, `,
      strong(b),
      ` is ${refs[1]}. Compared ${
        alignment.by === 'request' ? 'request by request' : 'by kind and distribution'
      }: ${alignment.reason}.${differsText(diff)}`,
    ),
    figuresTable(diff),
    ...(latency === null ? [] : [figure(charts.tail)]),
    ...(components === null ? [] : [payersTable(components), figure(charts.payers)]),
    ...(strip === null || strip.meanNs.every((each) => each === 0) ? [] : [figure(charts.changes)]),
    ...kindsTable(diff),
    ...safetyBlocks(diff),
    ...parting(diff),
    ...requestsTable(diff),
    ...diff.notes.map((words) => note('warning', words)),
  ];
}

function differsText({ scenario: { differs } }: TraceDiff): string {
  if (differs.length === 0) return '';
  const shown = differs
    .slice(0, FIELDS)
    .map(({ path, a, b }) => `${path} ${JSON.stringify(a)} → ${JSON.stringify(b)}`);
  const more = differs.length - shown.length;
  return ` They differ in ${shown.join('; ')}${more > 0 ? `; ${more} more` : ''}.`;
}

function figuresTable({ steadyState, latency, perRequest, totals }: TraceDiff): Block {
  const figures: readonly [string, Change | undefined, Unit][] = [
    ['throughput, Gb/s', steadyState?.['throughputGbps'], significant],
    ['latency, median', latency?.percentilesNs.p50, durationNs],
    ['latency, p99', latency?.percentilesNs.p99, durationNs],
    ...Object.entries(perRequest?.counts ?? totals.counts).map(
      ([key, each]): [string, Change, Unit] => [
        perRequest === null ? key : `${key} per request`,
        each,
        significant,
      ],
    ),
  ];
  return table(
    'Figures',
    ['figure', ...COLUMNS],
    figures.flatMap(([words, each, unit]) =>
      each === undefined || ((each.a ?? 0) === 0 && (each.b ?? 0) === 0)
        ? []
        : [[words, ...cells(each, unit)]],
    ),
  );
}

function cells({ a, b, change, relative }: Change, unit: Unit): string[] {
  const of = (value: number | null) => (value === null ? '–' : unit(value));
  return [of(a), of(b), signed(change, unit), relative === null ? '' : signedPercent(relative)];
}

function signed(change: number | null, unit: Unit): string {
  if (change === null) return '–';
  return `${change > 0 ? '+' : change < 0 ? MINUS : ''}${unit(Math.abs(change))}`;
}

function payersTable({ actors, waitingNs, latencyNs, intervalsNs }: Components): Block {
  const row = (words: string, payer: string, change: Change) => {
    const [a = '', b = '', ...rest] = cells(change, durationNs);
    const between = (side: 'a' | 'b') => {
      const [low, high] = intervalsNs?.[side]?.[payer] ?? [];
      return low === undefined || high === undefined || low === high
        ? ''
        : ` (${durationNs(low)} to ${durationNs(high)})`;
    };
    return [words, a + between('a'), b + between('b'), ...rest];
  };
  return table(
    'Who a request waits for: mean, with its 95 % interval where there are requests enough',
    ['payer', ...COLUMNS],
    [
      ...Object.entries(actors)
        .filter(([, { totalNs }]) => totalNs.a !== 0 || totalNs.b !== 0)
        .map(([actor, { totalNs }]) => row(actor, actor, totalNs)),
      row('waiting', 'waiting', waitingNs),
      row('submission to completion', 'latency', latencyNs),
    ],
  );
}

/** The kinds of events whose own time or, where none has any, number changed most. */
function kindsTable({ kinds, perRequest }: TraceDiff): Block[] {
  const rows = kinds.flatMap(({ name, perRequest: each, significance, ...totals }) => {
    const { count, selfNs } = perRequest === null ? totals : (each ?? totals);
    return count.change === 0 && selfNs.change === 0 ? [] : [{ name, count, selfNs, significance }];
  });
  if (rows.length === 0) return [];
  const by = ({ change }: Change) => Math.abs(change ?? 0);
  rows.sort((x, y) => by(y.selfNs) - by(x.selfNs) || by(y.count) - by(x.count));
  return [
    table(
      `Kinds of events that changed most${perRequest === null ? '' : ', per request'}`,
      ['kind', '>count A', '>B', '>change', '>own time A', '>B', '>change', '>larger in B'],
      rows
        .slice(0, KINDS)
        .map(({ name, count, selfNs, significance }) => [
          name,
          ...cells(count, significant).slice(0, 3),
          ...cells(selfNs, durationNs).slice(0, 3),
          significance.test === null ? '–' : percent(significance.superiority),
        ]),
    ),
    ...(rows.length > KINDS
      ? [paragraph(`${plural(rows.length - KINDS, 'more kind', 'more kinds')} changed.`)]
      : []),
  ];
}

function requestsTable({ mostChanged }: TraceDiff): Block[] {
  if (mostChanged.length === 0) return [];
  return [
    table(
      'Requests whose latency changed most',
      ['>request', '>bytes', ...COLUMNS],
      mostChanged
        .slice(0, REQUESTS)
        .map(({ request, bytes: size, latencyNs }) => [
          fixed(request),
          bytes(size),
          ...cells(latencyNs, durationNs),
        ]),
    ),
  ];
}

/** What appears or vanishes in words, then all of it. */
function safetyBlocks(diff: TraceDiff): Block[] {
  const names = (turn: string) =>
    diff.hazards.filter((each) => each.turn === turn).map(({ code, name }) => `${code} ${name}`);
  const told = [
    ['appear', names('appears')],
    ['vanish', names('vanishes')],
  ] as const;
  const words = told
    .filter(([, list]) => list.length > 0)
    .map(([verb, list]) => `Hazards that ${verb} with B: ${list.join(', ')}.`);
  return [
    paragraph(
      words.length === 0 ? 'No hazard appears with B, and none vanishes.' : words.join(' '),
    ),
    safetyTable(diff),
  ];
}

function safetyTable({ hazards, exposure }: TraceDiff): Block {
  const count = (value: number | null) => (value === null ? 'not checked' : fixed(value));
  const rows = [
    ...hazards
      .filter(({ occurrences: { a, b } }) => a !== 0 || b !== 0)
      .map(({ code: id, name: words, occurrences: { a, b }, turn }) => [
        `${id} ${words}`,
        count(a),
        count(b),
        turn,
      ]),
    ...exposure.flatMap(({ actor, reach }) =>
      Object.entries(reach)
        .filter(([, { a, b }]) => (a ?? 0) !== 0 || (b ?? 0) !== 0)
        .map(([kind, { a, b, turn }]) => {
          const unit = (value: number | null) => {
            if (value === null) return 'not checked';
            return kind === 'standingBytes' ? bytes(value) : `${significant(value)} B·s`;
          };
          return [`${actor}: ${REACH[kind] ?? kind}`, unit(a), unit(b), turn];
        }),
    ),
  ];
  return table('Hazards and exposure', ['hazard or reach', '>A', '>B', 'B against A'], rows);
}

const REACH: Readonly<Record<string, string>> = {
  heldByteSeconds: 'reach held beyond need',
  obtainableByteSeconds: 'reach it could obtain',
  standingBytes: 'reach for the whole run',
  granuleByteSeconds: 'excess because the granule is a page',
  staleByteSeconds: 'reach through stale entries',
};

function parting({ firstDivergence: first, alignment }: TraceDiff): Block[] {
  if (alignment.by !== 'request') return [];
  if (first === null) {
    return [paragraph('Every request goes through the same kinds of events in the same order.')];
  }
  const side = (event: { readonly kind: string; readonly event: number } | null) =>
    event === null ? 'nothing more' : `${event.kind} (event ${event.event})`;
  return [
    paragraph(
      `They first part in request ${first.request}, after ${plural(first.position, 'event')}: A goes on with ${side(first.a)}, B with ${side(first.b)}.`,
    ),
  ];
}
