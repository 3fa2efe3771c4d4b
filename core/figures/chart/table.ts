/** The table behind a chart: every number in it, once, with every digit. */
import type { Drawn, Table } from './model.ts';

const column = (name: string, unit = '') => ({ name, unit });

export function tableOf(drawn: Drawn): Table {
  switch (drawn.shape) {
    case 'bars': {
      const { categories, series, x, y } = drawn;
      return {
        columns: [
          column(x.name),
          column('series'),
          column(y.name, y.unit),
          column('low', y.unit),
          column('high', y.unit),
          column('runs'),
          column('pair'),
        ],
        rows: categories.flatMap((category, index) =>
          series.flatMap((each) => {
            const value = each.values[index] ?? null;
            if (value === null) return [];
            const pair = pairText(category.hypothetical || each.hypothetical);
            return [[category.name, each.name, value.value, value.low, value.high, value.n, pair]];
          }),
        ),
      };
    }
    case 'curves': {
      const { series, x, y } = drawn;
      const tick = (at: number) => x.ticks?.find((each) => each.at === at)?.label;
      return {
        columns: [
          column('series'),
          column(x.name, x.unit),
          column(y.name, y.unit),
          column('low', y.unit),
          column('high', y.unit),
          column('runs'),
          column('pair'),
        ],
        rows: series.flatMap((each) =>
          each.points.map((point) => [
            each.name,
            tick(point.x) ?? point.x,
            point.y,
            point.low,
            point.high,
            point.n,
            pairText(each.hypothetical),
          ]),
        ),
      };
    }
    case 'heat': {
      const { rows, columns, cells, value, x, y } = drawn;
      return {
        columns: [
          column(y.name),
          column(x.name),
          column(value.name, value.unit),
          column('ratio to baseline'),
          column('runs'),
          column('pair'),
        ],
        rows: rows.flatMap((row, r) =>
          columns.flatMap((each, c) => {
            const cell = cells[r]?.[c];
            if (cell === undefined || cell.value === null) return [];
            return [
              [row.name, each.name, cell.value, cell.ratio, cell.n, pairText(cell.hypothetical)],
            ];
          }),
        ),
      };
    }
    case 'scatter': {
      const { points, x, y } = drawn;
      return {
        columns: [
          column('series'),
          column(x.name, x.unit),
          column(y.name, y.unit),
          column('front'),
          column('runs'),
          column('pair'),
        ],
        rows: points.map((point) => [
          point.name,
          point.x,
          point.y,
          point.front ? 'yes' : 'no',
          point.n,
          pairText(point.hypothetical),
        ]),
      };
    }
  }
}

const pairText = (hypothetical: boolean) => (hypothetical ? 'hypothetical' : 'native');
