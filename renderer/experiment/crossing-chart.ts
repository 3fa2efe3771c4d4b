/** Two strategies over sizes: curves of the scenario as given, ranges of the samples, the crossing. */
import type { ChartConfiguration, ChartDataset, Plugin } from 'chart.js';
import type { CrossoverFound } from '../../core/contract/index.ts';
import { tooltipOf } from '../../core/figures/cpu-bars.ts';
import { NBSP, bytes, fixed, significant } from '../../core/figures/numbers.ts';
import { strategyStyle } from '../../core/figures/strategies.ts';
import type { FigureTheme } from '../../core/figures/theme.ts';

const SIDES = ['a', 'b'] as const;
type Side = (typeof SIDES)[number];

const POINT_STYLES = {
  circle: 'circle',
  square: 'rect',
  triangle: 'triangle',
  diamond: 'rectRot',
  cross: 'crossRot',
} as const;

const TICKS = [64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304];

function colourOf(found: CrossoverFound, side: Side, theme: FigureTheme): string {
  const style = strategyStyle(found[side].strategy);
  return style === undefined ? theme.ink2 : theme.family[style.family];
}

export function crossingConfig(
  found: CrossoverFound,
  theme: FigureTheme,
): ChartConfiguration<'scatter'> {
  const points = found.points.filter(({ onGrid }) => onGrid);
  const datasets = SIDES.map((side): ChartDataset<'scatter'> => {
    const style = strategyStyle(found[side].strategy);
    const colour = colourOf(found, side, theme);
    const twins = found.a.strategy === found.b.strategy;
    const hollow = found[side].pair === 'hypothetical' || (twins && side === 'b');
    return {
      label: twins ? `${found[side].strategy} (${side})` : found[side].strategy,
      data: points.map((point) => ({ x: point.bytes, y: point[side] })),
      showLine: true,
      borderColor: colour,
      borderWidth: 2,
      borderDash: [...(style?.dash ?? [])],
      pointStyle: POINT_STYLES[style?.marker ?? 'circle'],
      pointRadius: 4,
      pointBackgroundColor: hollow ? theme.surface : colour,
      pointBorderColor: hollow || style?.marker === 'cross' ? colour : theme.surface,
      pointBorderWidth: style?.marker === 'cross' || hollow ? 1.5 : 1,
    };
  });
  const font = (size: number) => ({ family: theme.fontFamily, size });
  const title = (text: string) => ({ display: true, text, color: theme.ink2, font: font(11) });
  return {
    type: 'scatter',
    data: { datasets },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: 'nearest', intersect: false },
      scales: {
        x: {
          type: 'logarithmic',
          min: points[0]?.bytes ?? 64,
          max: points.at(-1)?.bytes ?? 65_536,
          grid: { color: theme.grid },
          border: { color: theme.rule },
          title: title('bytes of one request'),
          afterBuildTicks: (axis) => {
            axis.ticks = TICKS.filter((value) => value >= axis.min && value <= axis.max).map(
              (value) => ({ value }),
            );
          },
          ticks: {
            color: theme.ink3,
            font: font(10.5),
            maxRotation: 0,
            callback: (value) => bytes(Number(value)),
          },
        },
        y: {
          type: found.metric === 'cpuPerByte' ? 'logarithmic' : 'linear',
          beginAtZero: found.metric !== 'cpuPerByte',
          grid: { color: theme.grid },
          border: { display: false },
          title: title(
            found.metric === 'cpuPerByte' ? `CPU time, ${found.unit}` : `throughput, ${found.unit}`,
          ),
          ticks: {
            color: theme.ink3,
            font: font(10.5),
            callback: (value) => {
              const first = String(value).replace(/[0.]/g, '').charAt(0);
              return found.metric !== 'cpuPerByte' || /[125]/.test(first)
                ? significant(Number(value), 2)
                : '';
            },
          },
        },
      },
      plugins: {
        legend: {
          position: 'top',
          align: 'start',
          labels: {
            color: theme.ink2,
            font: font(11),
            usePointStyle: true,
            boxWidth: 8,
            boxHeight: 6,
            padding: 12,
          },
        },
        tooltip: tooltipOf(theme, (item: { datasetIndex: number; dataIndex: number }) => {
          const point = points[item.dataIndex];
          const side = SIDES[item.datasetIndex];
          if (point === undefined || side === undefined) return '';
          const [low, high] = side === 'a' ? point.aRange : point.bRange;
          return `${found[side].strategy}, ${fixed(point.bytes)}${NBSP}B: ${significant(point[side])} (${significant(low)} to ${significant(high)})${NBSP}${found.unit}`;
        }),
      },
    },
  };
}

/** Behind the curves: where the samples lie, and where the crossing is. */
export function crossingBands(found: CrossoverFound, theme: FigureTheme): Plugin {
  const points = found.points.filter(({ onGrid }) => onGrid);
  return {
    id: 'crossing-bands',
    beforeDatasetsDraw: ({ ctx, scales, chartArea }) => {
      const { x, y } = scales;
      if (x === undefined || y === undefined) return;
      ctx.save();
      ctx.beginPath();
      ctx.rect(chartArea.left, chartArea.top, chartArea.width, chartArea.height);
      ctx.clip();
      for (const side of SIDES) {
        const of = side === 'a' ? 'aRange' : 'bRange';
        ctx.beginPath();
        for (const point of points) {
          ctx.lineTo(x.getPixelForValue(point.bytes), y.getPixelForValue(point[of][0]));
        }
        for (const point of [...points].reverse()) {
          ctx.lineTo(x.getPixelForValue(point.bytes), y.getPixelForValue(point[of][1]));
        }
        ctx.closePath();
        ctx.globalAlpha = 0.18;
        ctx.fillStyle = colourOf(found, side, theme);
        ctx.fill();
      }
      for (const { at, low, high, given } of found.crossings) {
        if (!given) continue;
        const [from, to] = [x.getPixelForValue(low), x.getPixelForValue(high)];
        ctx.globalAlpha = 0.08;
        ctx.fillStyle = theme.ink;
        ctx.fillRect(from, chartArea.top, Math.max(1, to - from), chartArea.height);
        ctx.globalAlpha = 0.8;
        ctx.strokeStyle = theme.ink;
        ctx.beginPath();
        ctx.moveTo(x.getPixelForValue(at), chartArea.top);
        ctx.lineTo(x.getPixelForValue(at), chartArea.bottom);
        ctx.stroke();
      }
      ctx.restore();
    },
  };
}
