/** Results, diffs and hazards as tables that say performance and safety side by side. */
import { HAZARD_IDS, HAZARDS, type HazardId } from '../contract/ids.ts';
import type { Change, TraceDiff } from '../contract/diff.ts';
import type { HazardRow, TraceInfo } from '../contract/methods/index.ts';
import type { RunResult } from '../contract/result.ts';
import { cellText, columnDigits, metricOf, exposurePerGib, strangers } from '../figures/metrics.ts';
import {
  bytes,
  clock,
  duration,
  durationNs,
  fixed,
  plural,
  signedPercent,
  significant,
} from '../figures/numbers.ts';
import type { Section } from './spec.ts';
import { code, note, paragraph, strong, table, text, type Block, type Inline } from './blocks.ts';

/** A trace of a report and what was read of it. */
export interface ReportTrace {
  /** As the specification names it. */
  readonly ref: string;
  readonly info: TraceInfo;
  /** The first hazards, as many as any section shows. */
  readonly hazards: readonly HazardRow[];
}

/** Simulated traces a row each: the metrics asked for, exposure and hazards. */
export function resultsBlocks(
  traces: readonly ReportTrace[],
  metrics: readonly string[],
  title: string,
): Block[] {
  const rows = traces.flatMap(({ info }) => (info.result === null ? [] : [info.result]));
  const without = traces.filter(({ info }) => info.result === null);
  const blocks: Block[] = [];
  for (const topology of new Set(rows.map((each) => each.topology))) {
    const among = rows.filter((each) => each.topology === topology);
    const shown = metrics.map(metricOf);
    const columns = shown.map((metric) => {
      const values = among.map((each) => metric.value(each));
      const digits = columnDigits(values.filter((each) => each !== null));
      return values.map((each) => (each === null ? '–' : cellText(each, digits)));
    });
    blocks.push(
      table(
        title === '' ? `Results, ${topology}` : `${title}, ${topology}`,
        [
          'strategy',
          'on',
          'workload',
          ...shown.map(({ name, unit }) => `>${name}, ${unit}`),
          '>exposure beyond need, KiB·s/GiB',
          'hazards',
          'limited by',
        ],
        among.map((result, row) => [
          label(result),
          `${result.hypervisor}, ${result.soc}`,
          `${result.workload}, ${bytes(result.payloadBytes)}`,
          ...columns.map((column) => column[row] ?? '–'),
          exposureText(result),
          hazardsText(result.hazards),
          result.bottleneck,
        ]),
      ),
    );
  }
  const unsteady = rows.filter((each) => !each.steady).length;
  if (unsteady > 0) {
    blocks.push(
      note(
        'warning',
        `${plural(unsteady, 'run is', 'runs are')} too short for a steady state: rates and CPU times are of the whole run.`,
      ),
    );
  }
  if (without.length > 0) {
    blocks.push(
      note(
        'warning',
        `Without a result of a run, and so not in the table: ${without.map(({ info }) => info.name).join(', ')}.`,
      ),
    );
  }
  return blocks;
}

function label(result: RunResult): Inline {
  return result.pair === 'hypothetical' ? text(`${result.strategy} †`) : text(result.strategy);
}

function exposureText(result: RunResult): string {
  const value = exposurePerGib(result);
  const standing = Math.max(0, ...strangers(result).map(([, each]) => each.standingBytes));
  const moving = value === null ? '–' : significant(value);
  return standing > 0 ? `${moving}; ${bytes(standing)} for the whole run` : moving;
}

/** Hazards that occurred; a hazard that was not checked is named as such, never as none. */
export function hazardsText(hazards: Readonly<Record<string, number | null>>): string {
  const found = Object.entries(hazards).filter(([, times]) => (times ?? 0) > 0);
  const unchecked = Object.entries(hazards).filter(([, times]) => times === null);
  return [
    found.length === 0
      ? 'none seen'
      : found.map(([id, times]) => `${id} × ${fixed(times ?? 0)}`).join(', '),
    ...(unchecked.length === 0 ? [] : [`not checked: ${unchecked.map(([id]) => id).join(', ')}`]),
  ].join('; ');
}

type Unit = (value: number) => string;

function cells({ a, b, change, relative }: Change, unit: Unit): string[] {
  const of = (value: number | null) => (value === null ? '–' : unit(value));
  const sign = change !== null && change > 0 ? '+' : '';
  return [
    of(a),
    of(b),
    change === null ? '–' : `${sign}${unit(change)}`,
    relative === null ? '' : signedPercent(relative),
  ];
}

/** What changed from one trace to the other: figures, who paid, safety, where they part. */
export function diffBlocks(diff: TraceDiff, title: string): Block[] {
  const { a, b, scenario, steadyState, latency, components, perRequest } = diff;
  const name = title === '' ? `From A to B` : title;
  if (diff.identical) {
    return [paragraph(strong(name), `: ${a.file} and ${b.file} do not differ in any event.`)];
  }
  const differs = scenario.differs
    .slice(0, 8)
    .map(({ path, a: from, b: to }) => `${path} ${JSON.stringify(from)} → ${JSON.stringify(to)}`);
  const figures: readonly [string, Change | undefined, Unit][] = [
    ['throughput, Gb/s', steadyState?.['throughputGbps'], significant],
    ['latency, median', latency?.percentilesNs.p50, durationNs],
    ['latency, p99', latency?.percentilesNs.p99, durationNs],
    ...Object.entries(perRequest?.counts ?? diff.totals.counts).map(
      ([key, each]): [string, Change, Unit] => [
        perRequest === null ? key : `${key} per request`,
        each,
        significant,
      ],
    ),
  ];
  const columns = ['>A', '>B', '>change', '>relative'];
  return [
    paragraph(
      strong(name),
      `: A is ${a.file}, B is ${b.file}. Compared ${
        diff.alignment.by === 'request' ? 'request by request' : 'by kind and distribution'
      }: ${diff.alignment.reason}.${differs.length === 0 ? '' : ` They differ in ${differs.join('; ')}.`}`,
    ),
    table(
      `${name}: figures`,
      ['figure', ...columns],
      figures.flatMap(([words, each, unit]) =>
        each === undefined || ((each.a ?? 0) === 0 && (each.b ?? 0) === 0)
          ? []
          : [[words, ...cells(each, unit)]],
      ),
    ),
    ...(components === null
      ? []
      : [
          table(
            `${name}: who a request waits for, mean`,
            ['payer', ...columns],
            [
              ...Object.entries(components.actors)
                .filter(([, { totalNs }]) => totalNs.a !== 0 || totalNs.b !== 0)
                .map(([actor, { totalNs }]) => [actor, ...cells(totalNs, durationNs)]),
              ['waiting', ...cells(components.waitingNs, durationNs)],
              ['submission to completion', ...cells(components.latencyNs, durationNs)],
            ],
          ),
        ]),
    safetyTable(diff, name),
    ...parting(diff),
    ...diff.notes.map((words) => note('warning', words)),
  ];
}

function safetyTable({ hazards, exposure }: TraceDiff, name: string): Block {
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
  return table(
    `${name}: hazards and exposure`,
    ['hazard or reach', '>A', '>B', 'B against A'],
    rows,
  );
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

/** What happened to whom, with what led there. */
export function hazardBlocks(
  { info, hazards: all }: ReportTrace,
  { limit, title, codes }: Extract<Section, { kind: 'hazards' }>,
): Block[] {
  const { tickPs, firstTick, lastTick } = info;
  const span = (lastTick - firstTick) * tickPs;
  const at = (tick: number) => {
    const { text: digits, unit } = clock((tick - firstTick) * tickPs, span, tickPs);
    return `${digits} ${unit}`;
  };
  const name = title === '' ? `Hazards in ${info.name}` : title;
  if (info.result === null && all.length === 0) {
    return [
      paragraph(
        strong(name),
        ': this trace was recorded on a real system, which tells nothing of hazards.',
      ),
    ];
  }
  if (info.hazardsTotal === 0) {
    const checked = info.result === null ? '' : ` (${hazardsText(info.result.hazards)})`;
    return [paragraph(strong(name), `: none occurred${checked}.`)];
  }
  const asked = (code: string) => codes.length === 0 || (codes as readonly string[]).includes(code);
  const shown = all.filter((each) => asked(each.code)).slice(0, limit);
  if (shown.length === 0) {
    return [
      paragraph(
        strong(name),
        `: ${codes.join(' and ')} did not occur among the first ${fixed(all.length)} hazards.`,
      ),
    ];
  }
  const ids = [...new Set(shown.map((each) => each.code))].filter((id): id is HazardId =>
    (HAZARD_IDS as readonly string[]).includes(id),
  );
  return [
    table(
      name,
      [
        'hazard',
        'who',
        'frames',
        '>opened',
        '>open for',
        '>request',
        'what happened',
        '>caused by events',
      ],
      shown.map((each) => [
        code(each.code),
        each.actor,
        each.frames > 1
          ? `0x${each.frame.toString(16)} and ${fixed(each.frames - 1)} more`
          : `0x${each.frame.toString(16)}`,
        at(each.opened),
        each.closed === null ? 'to the end' : duration((each.closed - each.opened) * tickPs),
        each.request === null ? '–' : fixed(each.request),
        each.note,
        each.causes.join(', '),
      ]),
    ),
    ...(info.hazardsTotal > shown.length
      ? [paragraph(`${fixed(info.hazardsTotal - shown.length)} more are in the trace.`)]
      : []),
    ...ids.map((id) => paragraph(strong(`${id} ${HAZARDS[id].name}. `), HAZARDS[id].meaning)),
  ];
}
