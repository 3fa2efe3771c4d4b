/** The table behind a chart: every number in it, once, with every digit. */
import type { Drawn, Table } from './model.ts';
import type { Estimate } from './statistics.ts';

const column = (name: string, unit = '') => ({ name, unit });

export function tableOf(drawn: Drawn): Table {
  switch (drawn.shape) {
    case 'bars': {
      const { categories, series, totals, x, y } = drawn;
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
        rows: categories.flatMap((category, index) => {
          const row = (name: string, value: Estimate | null | undefined, hypothetical: boolean) =>
            value == null
              ? []
              : [
                  [
                    category.name,
                    name,
                    value.value,
                    value.low,
                    value.high,
                    value.n,
                    pairText(category.hypothetical || hypothetical),
                  ],
                ];
          return [
            ...series.flatMap((each) => row(each.name, each.values[index], each.hypothetical)),
            ...row('all', totals?.[index], false),
          ];
        }),
      };
    }
    case 'curves': {
      const { series, x } = drawn;
      // Nines are for the eye.
      const share = drawn.y.unit === 'nines';
      const y = share ? { ...drawn.y, unit: '%' } : drawn.y;
      const number = (value: number) => (share ? 100 * (1 - 10 ** -value) : value);
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
            number(point.y),
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
