import type { Chart, ChartConfiguration, Plugin } from 'chart.js';
import type { MatrixElement } from 'chartjs-chart-matrix';
import type { ChartModel, HeatCell, HeatModel } from '../chart/model.ts';
import { heatColours } from '../heat.ts';
import { cellText, columnDigits } from '../metrics.ts';
import { ratio, NBSP } from '../numbers.ts';
import { font, fontText, frameOptions, named, quantityText, type Canvas } from './frame.ts';

export function heatConfig(model: ChartModel, drawn: HeatModel, canvas: Canvas) {
  const { figure, heat } = canvas.theme;
  const { rows, columns, cells } = drawn;
  const digits = columns.map((_, column) =>
    columnDigits(rows.flatMap((_row, row) => cells[row]?.[column]?.value ?? [])),
  );
  const points = rows.flatMap((_, row) =>
    columns.flatMap((_column, column) => {
      const cell = cells[row]?.[column];
      return cell === undefined || cell.value === null ? [] : [{ row, column, cell }];
    }),
  );
  const paint = (cell: HeatCell) =>
    cell.heat === null ? { fill: heat.neutral, ink: figure.ink } : heatColours(cell.heat, heat);
  const names = (words: readonly string[], display: boolean, title: string) => ({
    type: 'category' as const,
    labels: [...words],
    offset: true,
    grid: { display: false },
    border: { display: false },
    title: {
      display: display && title !== '' && canvas.inset === null,
      text: title,
      color: figure.ink2,
      font: font(canvas),
      padding: 2,
    },
    ticks: { color: figure.ink, font: font(canvas), autoSkip: false, maxRotation: 40, padding: 4 },
  });
  const frame = frameOptions(model, drawn, canvas, { top: 0, right: 0 });
  const size = (chart: Chart) => ({
    width: (chart.chartArea?.width ?? 0) / columns.length - 2,
    height: (chart.chartArea?.height ?? 0) / rows.length - 2,
  });
  const config = {
    type: 'matrix',
    data: {
      datasets: [
        {
          data: points.map(({ row, column }) => ({
            x: columns[column]?.name ?? '',
            y: rowName(rows, row),
          })),
          backgroundColor: points.map(({ cell }) => paint(cell).fill),
          borderWidth: 0,
          width: ({ chart }: { chart: Chart }) => size(chart).width,
          height: ({ chart }: { chart: Chart }) => size(chart).height,
        },
      ],
    },
    options: {
      ...frame,
      scales: {
        x: {
          ...names(
            columns.map(({ name }) => name),
            true,
            heatTitle(drawn),
          ),
        },
        y: {
          ...names(
            rows.map((_, row) => rowName(rows, row)),
            false,
            '',
          ),
          reverse: false,
        },
      },
      plugins: {
        ...frame.plugins,
        tooltip: {
          ...frame.plugins?.tooltip,
          callbacks: {
            title: () => '',
            label: ({ dataIndex }: { dataIndex: number }) => {
              const point = points[dataIndex];
              if (point === undefined) return '';
              const { cell } = point;
              const against = cell.ratio === null ? '' : `, ${ratio(cell.ratio)} of the baseline`;
              return `${rowName(rows, point.row)}, ${columns[point.column]?.name ?? ''}: ${cellText(cell.value ?? 0, digits[point.column] ?? 0)}${NBSP}${drawn.value.unit}${against}`;
            },
          },
        },
      },
    },
  } as unknown as ChartConfiguration;
  const texts: Plugin = {
    id: 'cells',
    afterDatasetsDraw(chart) {
      const { ctx } = chart;
      const { width, height } = size(chart);
      ctx.save();
      ctx.textAlign = 'center';
      ctx.textBaseline = 'middle';
      points.forEach(({ column, cell }, index) => {
        const element = chart.getDatasetMeta(0).data[index] as MatrixElement | undefined;
        const at = element?.getCenterPoint(true);
        if (at?.x == null || at.y == null) return;
        const { ink } = paint(cell);
        ctx.font = fontText(canvas, 0.95, cell.baseline ? 600 : 400, cell.hypothetical);
        ctx.fillStyle = ink;
        ctx.fillText(cellText(cell.value ?? 0, digits[column] ?? 0), at.x, at.y);
        if (cell.best) {
          // A triangle that points down: the best of its column.
          const [x, y, r] = [at.x - width / 2 + canvas.text * 0.7, at.y, canvas.text * 0.32];
          ctx.beginPath();
          ctx.moveTo(x - r, y - r * 0.8);
          ctx.lineTo(x + r, y - r * 0.8);
          ctx.lineTo(x, y + r * 0.8);
          ctx.closePath();
          ctx.fill();
        }
        if (cell.hypothetical) {
          ctx.setLineDash([3, 2]);
          ctx.lineWidth = 1;
          ctx.strokeStyle = figure.ink3;
          ctx.strokeRect(at.x - width / 2 + 0.5, at.y - height / 2 + 0.5, width - 1, height - 1);
          ctx.setLineDash([]);
        }
      });
      ctx.restore();
    },
  };
  return { config, plugins: [texts] };
}

/** What is across, what the numbers are, and what the colours compare with. */
export function heatTitle({ x, value, against }: HeatModel): string {
  const what = against === '' ? '' : `; colours: against ${against}`;
  return `${x.name}; ${quantityText(value)}${what}`;
}

const rowName = (rows: HeatModel['rows'], row: number): string => {
  const each = rows[row];
  return each === undefined ? '' : named(each);
};
