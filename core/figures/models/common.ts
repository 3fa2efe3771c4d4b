/** What the models of charts share. */
import { fieldsOf } from '../../contract/scenario.ts';
import type { Look, Single } from '../chart/model.ts';
import { axisOf } from '../chart/grouping.ts';
import type { AxisValue, ChartRow } from '../chart/rows.ts';
import { badChart } from '../chart/spec.ts';

/** A chart without its table and provenance, which are made the same way for all. */
export interface Made {
  readonly drawn: Single;
  readonly sentence: string;
  readonly notes: readonly string[];
}

/** @throws LabError BAD_CHART when nothing is left to draw */
export function requireRows(rows: readonly unknown[], what: string): void {
  if (rows.length > 0) return;
  throw badChart(`no run has ${what}`, 'source', 'choose other runs, or another chart');
}

export const leftOut = (count: number, why: string): readonly string[] =>
  count === 0 ? [] : [`${count} ${count === 1 ? 'run is' : 'runs are'} left out: ${why}.`];
export const RECORDED = 'recorded, and so without a result';

/** An axis in words. */
export const axisName = (axis: string): string =>
  axis === 'payloadBytes' ? 'payload' : axis === 'soc' ? 'SoC' : axis;

export function axisUnit(axis: string): string {
  const unit = fieldsOf().find(({ path }) => path === axis)?.unit ?? '';
  return unit === 'B' ? 'bytes' : unit;
}

/** `a, b and c`. */
export function list(names: readonly string[]): string {
  if (names.length <= 1) return names[0] ?? '';
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

/** The look of one value along a group: that of its strategy where it has one. */
export function lookOfValue(
  group: string,
  value: AxisValue,
  runs: readonly ChartRow[],
  index: number,
): Look {
  if (group === 'strategy') return { kind: 'strategy', strategy: String(value), repeat: 0 };
  const [only, ...others] = new Set(runs.map((row) => String(axisOf(row, 'strategy'))));
  return only !== undefined && only !== '–' && others.length === 0
    ? { kind: 'strategy', strategy: only, repeat: 0 }
    : { kind: 'ordinal', index };
}

export const isHypothetical = (runs: readonly ChartRow[]): boolean =>
  runs.length > 0 && runs.every((row) => row.result?.pair === 'hypothetical');

/** A name in the middle of a sentence: `Throughput` loses its capital, `CPU time` does not. */
export const inSentence = (name: string): string =>
  /^[A-Z][a-z]/.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name;
