/** Who a request waits for, in two traces: one stacked bar each. */
import type { ChartConfiguration } from 'chart.js';
import type { Components } from '../contract/diff.ts';
import { ACTOR_IDS, type ActorId } from '../contract/ids.ts';
import { tooltipOf } from './cpu-bars.ts';
import { NBSP, durationNs, significant } from './numbers.ts';
import { ACTOR_CATEGORY, type FigureTheme } from './theme.ts';

export type Payer = ActorId | 'waiting';

export interface PayerBars {
  /** Mean microseconds of a request in A and in B; together they are its latency. */
  readonly series: readonly {
    readonly payer: Payer;
    readonly values: readonly [number, number];
    /** The part that was spent on a batch which the request is part of. */
    readonly shared: readonly [number, number];
  }[];
  readonly totals: readonly [number, number];
}

export function payerBarsOf({ actors, waitingNs, latencyNs }: Components): PayerBars {
  const us = ({ a, b }: { a: number | null; b: number | null }) =>
    [(a ?? 0) / 1000, (b ?? 0) / 1000] as const;
  const known = ACTOR_IDS.flatMap((payer) => {
    const parts = actors[payer];
    if (parts === undefined || (parts.totalNs.a === 0 && parts.totalNs.b === 0)) return [];
    return [{ payer, values: us(parts.totalNs), shared: us(parts.sharedNs) }];
  });
  return {
    series: [...known, { payer: 'waiting', values: us(waitingNs), shared: [0, 0] }],
    totals: us(latencyNs),
  };
}

export const payerColour = (payer: Payer, theme: FigureTheme): string =>
  theme.category[payer === 'waiting' ? 'wait' : ACTOR_CATEGORY[payer]];

export function payerBarsConfig(
  model: PayerBars,
  labels: readonly [string, string],
  theme: FigureTheme,
): ChartConfiguration<'bar'> {
  const font = (size: number, weight: 400 | 600 = 400) => ({
    family: theme.fontFamily,
    size,
    weight,
  });
  return {
    type: 'bar',
    data: {
      labels: [...labels],
      datasets: model.series.map(({ payer, values }) => ({
        label: payer,
        data: [...values],
        backgroundColor: payerColour(payer, theme),
        borderColor: theme.surface,
        borderWidth: { right: 1 },
        borderSkipped: false,
        barThickness: 'flex' as const,
        maxBarThickness: 28,
        categoryPercentage: 0.75,
      })),
    },
    options: {
      indexAxis: 'y',
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      layout: { padding: { right: 64 } },
      scales: {
        x: {
          stacked: true,
          beginAtZero: true,
          grid: { color: theme.grid },
          border: { display: false },
          ticks: { color: theme.ink3, font: font(10.5), maxRotation: 0 },
        },
        y: {
          stacked: true,
          grid: { display: false },
          border: { color: theme.rule },
          ticks: { color: theme.ink, font: font(12, 600) },
        },
      },
      plugins: {
        legend: {
          position: 'bottom',
          align: 'start',
          labels: { color: theme.ink2, font: font(11), boxWidth: 8, boxHeight: 8, padding: 10 },
        },
        tooltip: tooltipOf(theme, (item: { datasetIndex: number; dataIndex: number }) => {
          const part = model.series[item.datasetIndex];
          if (part === undefined) return '';
          const side = item.dataIndex === 0 ? 0 : 1;
          const batch = part.shared[side];
          const inBatch =
            batch === 0 ? '' : `, ${significant(batch)}${NBSP}µs of it on a batch it is part of`;
          return `${part.payer} ${significant(part.values[side])}${NBSP}µs${inBatch}`;
        }),
      },
    },
  };
}

/** Who pays for the difference, in one sentence. */
export function payerSentence({ actors, waitingNs, latencyNs }: Components): string {
  const parts = [
    ...Object.entries(actors).map(([payer, { totalNs }]) => ({ payer, by: totalNs.change ?? 0 })),
    { payer: 'waiting', by: waitingNs.change ?? 0 },
  ].sort((x, y) => Math.abs(y.by) - Math.abs(x.by));
  const [most] = parts;
  const all = latencyNs.change ?? 0;
  if (most === undefined || most.by === 0) return 'Mean latency and who pays for it are the same.';
  const way = (ns: number) => `${durationNs(Math.abs(ns))} ${ns > 0 ? 'longer' : 'shorter'}`;
  return `A request of B takes ${way(all)} on average; ${most.payer} changes most, ${way(most.by)}.`;
}
