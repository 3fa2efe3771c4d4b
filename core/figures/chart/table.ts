/** The table behind a chart: every number in it, once, with every digit. */
import { ratioAt, type Drawn, type Single, type Table } from './model.ts';
import type { Estimate } from './statistics.ts';

const column = (name: string, unit = '') => ({ name, unit });

export function tableOf(drawn: Drawn): Table {
  if (drawn.shape !== 'panels') return singleTable(drawn);
  const tables = drawn.panels.map((panel) => ({ name: panel.name, ...singleTable(panel.drawn) }));
  return {
    columns: [column(drawn.by), ...(tables[0]?.columns ?? [])],
    rows: tables.flatMap(({ name, rows }) => rows.map((row) => [name, ...row])),
  };
}

const ratioColumns = (over: string | null) =>
  over === null ? [] : [column(`over ${over}`), column('ratio low'), column('ratio high')];
const ratioCells = (over: Estimate | null | undefined) => [
  over?.value ?? null,
  over?.low ?? null,
  over?.high ?? null,
];

function singleTable(drawn: Single): Table {
  switch (drawn.shape) {
    case 'bars': {
      const { categories, series, totals, x, y, ratio } = drawn;
      return {
        columns: [
          column(x.name),
          column('series'),
          column(y.name, y.unit),
          column('low', y.unit),
          column('high', y.unit),
          column('runs'),
          column('pair'),
          ...ratioColumns(ratio?.over ?? null),
        ],
        rows: categories.flatMap((category, index) => {
          const row = (
            name: string,
            value: Estimate | null | undefined,
            hypothetical: boolean,
            over: Estimate | null | undefined = null,
          ) =>
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
                    ...(ratio === null ? [] : ratioCells(over)),
                  ],
                ];
          return [
            ...series.flatMap((each, set) =>
              row(each.name, each.values[index], each.hypothetical, ratio?.values[set]?.[index]),
            ),
            ...row('all', totals?.[index], false),
          ];
        }),
      };
    }
    case 'curves': {
      const { series, x, ratio } = drawn;
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
          ...ratioColumns(ratio?.over ?? null),
        ],
        rows: series.flatMap((each, set) =>
          each.points.map((point) => [
            each.name,
            tick(point.x) ?? point.x,
            number(point.y),
            point.low,
            point.high,
            point.n,
            pairText(each.hypothetical),
            ...(ratio === undefined ? [] : ratioCells(ratioAt(drawn, set, point.x))),
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
