/** Every datum of a chart in words, in the order in which arrow keys go through them. */
import { NBSP, ninesText, ratio, significant } from '../numbers.ts';
import { panelsOf, ratioAt, type ChartModel, type CurvesModel, type Single } from './model.ts';

export interface Readout {
  /** Which of several charts it is in. */
  readonly panel: number;
  /** Where it is in the Chart.js configuration. */
  readonly set: number;
  readonly index: number;
  readonly text: string;
}

export function readoutsOf({ drawn }: Pick<ChartModel, 'drawn'>): readonly Readout[] {
  return panelsOf(drawn).flatMap(({ name, drawn: single }, panel) =>
    singleReadouts(single).map(({ text, ...at }) => ({
      ...at,
      panel,
      text: name === '' ? text : `${name}: ${text}`,
    })),
  );
}

function singleReadouts(drawn: Single): readonly Omit<Readout, 'panel'>[] {
  switch (drawn.shape) {
    case 'bars':
      return drawn.categories.flatMap((category, index) =>
        drawn.series.flatMap((each, set) => {
          const value = each.values[index];
          if (value == null) return [];
          const name = drawn.series.length === 1 ? category.name : `${category.name}, ${each.name}`;
          const over = drawn.ratio?.values[set]?.[index];
          const times = over == null ? '' : `, ${ratio(over.value)} of ${drawn.ratio?.over ?? ''}`;
          const text = `${name}: ${said(value.value, drawn.y.unit)}${between(value)}${times}${unreal(category.hypothetical || each.hypothetical)}`;
          return [{ set, index, text }];
        }),
      );
    case 'curves':
      return drawn.series.flatMap((each, set) =>
        drawnPoints(drawn, set).flatMap((point, index) => {
          if (point.marked === false) return [];
          const at = drawn.x.ticks?.find((tick) => tick.at === point.x)?.label;
          const where = at ?? said(point.x, drawn.x.unit);
          const over = ratioAt(drawn, set, point.x);
          const times =
            over === undefined ? '' : `, ${ratio(over.value)} of ${drawn.ratio?.over ?? ''}`;
          const text = `${each.name}, ${where}: ${said(point.y, drawn.y.unit)}${between(point)}${times}${unreal(each.hypothetical)}`;
          return [{ set, index, text }];
        }),
      );
    case 'heat': {
      let index = 0;
      return drawn.rows.flatMap((row, r) =>
        drawn.columns.flatMap((column, c) => {
          const cell = drawn.cells[r]?.[c];
          if (cell === undefined || cell.value === null) return [];
          const against = cell.ratio === null ? '' : `, ${ratio(cell.ratio)} of the baseline`;
          const best = cell.best ? ', best of its column' : '';
          const text = `${row.name}, ${column.name}: ${said(cell.value, drawn.value.unit)}${against}${best}${unreal(cell.hypothetical)}`;
          return [{ set: 0, index: index++, text }];
        }),
      );
    }
    case 'scatter':
      return drawn.points.map((point, set) => ({
        set,
        index: 0,
        text: `${point.name}: ${said(point.y, drawn.y.unit)}, ${said(point.x, drawn.x.unit)}${point.front ? ', on the front' : ''}${unreal(point.hypothetical)}`,
      }));
  }
}

/** The points of a line that a logarithmic axis can show. */
export const drawnPoints = (
  drawn: CurvesModel,
  set: number,
): CurvesModel['series'][number]['points'] =>
  (drawn.series[set]?.points ?? []).filter(({ y }) => drawn.y.scale === 'linear' || y > 0);

const said = (value: number, unit: string) =>
  unit === 'nines'
    ? ninesText(value)
    : `${significant(value)}${unit === '' ? '' : `${NBSP}${unit}`}`;
const between = ({ low, high }: { low: number | null; high: number | null }) =>
  low === null || high === null || low === high
    ? ''
    : `, ${significant(low)} to ${significant(high)}`;
const unreal = (hypothetical: boolean) => (hypothetical ? ', hypothetical' : '');
