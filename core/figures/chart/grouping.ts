/** Runs put into cells: along the group, by series, seeds together. Nothing but seeds is ever averaged. */
import type { RunResult } from '../../contract/result.ts';
import { HYPERVISOR_IDS, SOC_IDS, WORKLOAD_IDS } from '../../contract/ids.ts';
import { STRATEGY_STYLES } from '../strategies.ts';
import type { Look } from './model.ts';
import type { AxisValue, ChartRow } from './rows.ts';
import { badChart, type ChartSpec } from './spec.ts';

/** Axes that say how long or under which draw a run was made, not what it was. */
const NOT_SHOWN: ReadonlySet<string> = new Set(['seed', 'requests']);
/** The axes a reader looks for first. */
const FIRST = ['strategy', 'hypervisor', 'soc', 'workload', 'payloadBytes', 'guests'];

export type ResultRow = ChartRow & { readonly result: RunResult };

export const axisOf = (row: ChartRow, axis: string): AxisValue =>
  axis === 'run' ? row.name : (row.axes[axis] ?? '–');

/** Axes on which the rows differ, those that matter most first. */
export function varyingAxes(rows: readonly ChartRow[]): string[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.axes)))];
  const rank = (name: string) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return names
    .filter((name) => !NOT_SHOWN.has(name))
    .filter((name) => new Set(rows.map((row) => axisOf(row, name))).size > 1)
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/** The rows that `where` asks for. @throws LabError BAD_CHART when it names an axis that there is not */
export function selected(rows: readonly ChartRow[], where: ChartSpec['where']): ChartRow[] {
  for (const axis of Object.keys(where)) requireAxis(rows, axis, 'where');
  return rows.filter((row) =>
    Object.entries(where).every(([axis, wanted]) =>
      (Array.isArray(wanted) ? wanted : [wanted]).some(
        (each) => String(each) === String(axisOf(row, axis)),
      ),
    ),
  );
}

export function requireAxis(rows: readonly ChartRow[], axis: string, part: string): void {
  if (axis === 'run' || rows.some((row) => axis in row.axes)) return;
  const varying = varyingAxes(rows);
  throw badChart(
    `the runs have no axis ${JSON.stringify(axis)}`,
    part,
    varying.length === 0 ? 'use run' : `use one of ${['run', ...varying].join(', ')}`,
  );
}

const IDS: Readonly<Record<string, readonly string[]>> = {
  strategy: Object.keys(STRATEGY_STYLES),
  hypervisor: HYPERVISOR_IDS,
  soc: SOC_IDS,
  workload: WORKLOAD_IDS,
};

/** Order of values on an axis: ids as the catalogue has them, numbers by size, words by letter. */
export function sortValues(axis: string, values: readonly AxisValue[]): AxisValue[] {
  const order = IDS[axis] ?? [];
  const rank = (value: AxisValue) => {
    const at = order.indexOf(String(value));
    return at === -1 ? order.length : at;
  };
  return [...new Set(values)].sort((a, b) => {
    if (rank(a) !== rank(b)) return rank(a) - rank(b);
    return typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : 1;
  });
}

export interface Series {
  readonly name: string;
  readonly look: Look;
  readonly hypothetical: boolean;
  /** Value along the group -> runs, one for each seed. */
  readonly cells: ReadonlyMap<AxisValue, readonly ChartRow[]>;
}

export interface Grouped {
  readonly group: string;
  readonly split: string;
  readonly values: readonly AxisValue[];
  readonly series: readonly Series[];
}

/**
 * @param group axis along which cells are laid out; null where the chart lays out something else
 * @param split axis of the series; null takes the group's own
 */
export function grouped(
  rows: readonly ChartRow[],
  group: string | null,
  split: string | null,
): Grouped {
  const key = (row: ChartRow) => (group === null ? '' : axisOf(row, group));
  const keys = [group, split].filter((each): each is string => each !== null);
  const rest = restAxes(rows, keys);
  const nameParts = [...(split === null || split === group ? [] : [split]), ...rest];
  const bySeries = new Map<string, ChartRow[]>();
  for (const row of keys.includes('run') ? rows : distinctRuns(rows)) {
    const name = nameParts.map((axis) => valueText(axis, axisOf(row, axis))).join(', ');
    const list = bySeries.get(name);
    if (list === undefined) bySeries.set(name, [row]);
    else list.push(row);
  }
  const orders = nameParts.map((axis) => ({
    axis,
    order: sortValues(
      axis,
      rows.map((row) => axisOf(row, axis)),
    ),
  }));
  const lists = [...bySeries].sort(([, [a]], [, [b]]) => {
    for (const { axis, order } of orders) {
      const step =
        order.indexOf(axisOf(a as ChartRow, axis)) - order.indexOf(axisOf(b as ChartRow, axis));
      if (step !== 0) return step;
    }
    return 0;
  });
  const looks = looksOf(lists.map(([, list]) => list));
  return {
    group: group ?? '',
    split: split ?? '',
    values: sortValues(group ?? '', rows.map(key)),
    series: lists.map(([name, list], index) => ({
      name: name === '' ? oneName(list) : name,
      look: looks[index] as Look,
      hypothetical: list.every((row) => row.result?.pair === 'hypothetical'),
      cells: cellsOf(list, key),
    })),
  };
}

/** Axes that tell runs apart which those of `keys` do not, what matters most first. */
export function restAxes(rows: readonly ChartRow[], keys: readonly string[]): string[] {
  const chosen = [...keys];
  for (const axis of varyingAxes(rows)) {
    if (chosen.includes(axis)) continue;
    const seen = new Map<string, AxisValue>();
    const tells = rows.some((row) => {
      const cell = JSON.stringify(chosen.map((each) => axisOf(row, each)));
      const value = axisOf(row, axis);
      if (seen.has(cell)) return seen.get(cell) !== value;
      seen.set(cell, value);
      return false;
    });
    if (tells) chosen.push(axis);
  }
  return chosen.slice(keys.length);
}

/** The same run twice, as in two copies of one file, is one run. */
function distinctRuns(rows: readonly ChartRow[]): ChartRow[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    if (row.result === null) return true;
    const { fingerprint, scenarioHash } = row.result;
    const id = `${fingerprint} ${scenarioHash} ${JSON.stringify(row.axes)}`;
    return !seen.has(id) && seen.add(id);
  });
}

function cellsOf(list: readonly ChartRow[], key: (row: ChartRow) => AxisValue) {
  const cells = new Map<AxisValue, ChartRow[]>();
  for (const row of list) {
    const cell = cells.get(key(row));
    if (cell === undefined) cells.set(key(row), [row]);
    else cell.push(row);
  }
  return cells;
}

function strategyIn(list: readonly ChartRow[]): string | null {
  const names = new Set(list.map((row) => axisOf(row, 'strategy')));
  const [only] = names;
  return names.size === 1 && only !== undefined && only !== '–' ? String(only) : null;
}

function oneName(list: readonly ChartRow[]): string {
  return strategyIn(list) ?? (list.length === 1 ? (list[0] as ChartRow).name : 'all runs');
}

/**
 * Each series that is of one strategy has its fixed look, a second one of it hollow. Where one strategy
 * has more than two series its look would tell nothing, and the series are told apart by order.
 */
export function looksOf(lists: readonly (readonly ChartRow[])[]): Look[] {
  const strategies = lists.map(strategyIn);
  const count = (id: string | null) => strategies.filter((each) => each === id).length;
  if (strategies.some((id) => id === null || count(id) > 2)) {
    return lists.map((_, index): Look => ({ kind: 'ordinal', index }));
  }
  return strategies.map((id, index): Look => ({
    kind: 'strategy',
    strategy: id as string,
    repeat: strategies.slice(0, index).filter((each) => each === id).length,
  }));
}

const SIZE_AXES = /bytes$/i;

/** A value of an axis, for people: `4 KiB`, `backend.cpus 4`. */
export function valueText(axis: string, value: AxisValue): string {
  if (typeof value === 'number' && SIZE_AXES.test(axis)) return sizeText(value);
  return typeof value === 'string' ? value : `${axis} ${String(value)}`;
}

/** Bytes in whole binary units where they are that. */
export function sizeText(value: number): string {
  if (value >= 2 ** 20 && value % 2 ** 20 === 0) return `${value / 2 ** 20}\u00a0MiB`;
  if (value >= 1024 && value % 1024 === 0) return `${value / 1024}\u00a0KiB`;
  return `${value}\u00a0B`;
}

/** Rows with a result; the others are counted, so that the chart can say so. */
export function withResult(rows: readonly ChartRow[]): {
  readonly rows: readonly ResultRow[];
  readonly without: number;
} {
  const found = rows.filter((row): row is ResultRow => row.result !== null);
  return { rows: found, without: rows.length - found.length };
}
