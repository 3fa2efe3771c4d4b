/** Results and hazards as tables that say performance and safety side by side. */
import { HAZARD_IDS, HAZARDS, namesFrame, type HazardId } from '../contract/ids.ts';
import type { HazardRow, TraceInfo } from '../contract/methods/index.ts';
import type { RunResult } from '../contract/result.ts';
import { cellText, columnDigits, metricOf, exposurePerGib, strangers } from '../figures/metrics.ts';
import { bytes, clock, duration, fixed, plural, significant } from '../figures/numbers.ts';
import type { Section } from './spec.ts';
import { code, lines, note, paragraph, strong, table, type Block, type Inline } from './blocks.ts';

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
          'strategy, workload',
          'on',
          ...shown.map(({ name, unit }) => `>${name}, ${unit}`),
          '>exposure beyond need, KiB·s/GiB',
          'hazards',
          'limited by',
        ],
        among.map((result, row) => [
          lines(label(result), `${result.workload}, ${bytes(result.payloadBytes)}`),
          lines(result.hypervisor, result.soc),
          ...columns.map((column) => column[row] ?? '–'),
          exposureText(result),
          lines(...hazardsLines(result.hazards)),
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

function label(result: RunResult): string {
  return result.pair === 'hypothetical' ? `${result.strategy} †` : result.strategy;
}

function exposureText(result: RunResult): readonly Inline[] {
  const value = exposurePerGib(result);
  const standing = Math.max(0, ...strangers(result).map(([, each]) => each.standingBytes));
  const moving = value === null ? '–' : significant(value);
  return lines(moving, ...(standing > 0 ? [`${bytes(standing)} all the time`] : []));
}

/** Hazards that occurred; a hazard that was not checked is named as such, never as none. */
export function hazardsText(hazards: Readonly<Record<string, number | null>>): string {
  return hazardsLines(hazards).join('; ');
}

function hazardsLines(hazards: Readonly<Record<string, number | null>>): string[] {
  const found = Object.entries(hazards).filter(([, times]) => (times ?? 0) > 0);
  const unchecked = Object.entries(hazards).filter(([, times]) => times === null);
  return [
    found.length === 0
      ? 'none seen'
      : found.map(([id, times]) => `${id} × ${fixed(times ?? 0)}`).join(', '),
    ...(unchecked.length === 0 ? [] : [`not checked: ${unchecked.map(([id]) => id).join(', ')}`]),
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
        framesOf(each),
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

function framesOf(hazard: HazardRow): string {
  if (!namesFrame(hazard)) return '–';
  const first = `0x${hazard.frame.toString(16)}`;
  return hazard.frames > 1 ? `${first} and ${fixed(hazard.frames - 1)} more` : first;
}
