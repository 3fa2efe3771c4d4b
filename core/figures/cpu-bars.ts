/** CPU time of one request, stacked by the actor that spends it: one bar for each result. */
import type { ChartConfiguration } from 'chart.js';
import { ACTOR_IDS, type ActorId } from '../contract/ids.ts';
import { ofActor, type RunResult } from '../contract/result.ts';
import { cpuPerRequest, exposurePerGib, reachText } from './metrics.ts';
import { NBSP, signedPercent, significant } from './numbers.ts';
import { ACTOR_CATEGORY, type FigureTheme } from './theme.ts';

export interface CpuBars {
  /** Strategies, cheapest first. */
  readonly labels: readonly string[];
  readonly series: readonly { readonly actor: ActorId; readonly values: readonly number[] }[];
  /** Microseconds per request in all. */
  readonly totals: readonly number[];
  readonly hypothetical: readonly boolean[];
}

/** Microseconds by actor, for results of one machine. */
export function cpuBarsOf(results: readonly RunResult[]): CpuBars {
  const sorted = [...results].sort((a, b) => cpuPerRequest(a) - cpuPerRequest(b));
  const actors = ACTOR_IDS.filter((actor) =>
    sorted.some((result) => ofActor(result.cpuNsPerRequest, actor) > 0),
  );
  return {
    labels: sorted.map((result) => result.strategy),
    series: actors.map((actor) => ({
      actor,
      values: sorted.map((result) => ofActor(result.cpuNsPerRequest, actor) / 1000),
    })),
    totals: sorted.map((result) => cpuPerRequest(result) / 1000),
    hypothetical: sorted.map((result) => result.pair === 'hypothetical'),
  };
}

export function cpuBarsConfig(model: CpuBars, theme: FigureTheme): ChartConfiguration<'bar'> {
  const font = (size: number, weight: 400 | 500 = 400) => ({
    family: theme.fontFamily,
    size,
    weight,
  });
  return {
    type: 'bar',
    data: {
      labels: [...model.labels],
      datasets: model.series.map(({ actor, values }) => ({
        label: actor,
        data: [...values],
        backgroundColor: theme.category[ACTOR_CATEGORY[actor]],
        borderColor: theme.surface,
        borderWidth: { right: 1 },
        borderSkipped: false,
        barThickness: 'flex' as const,
        maxBarThickness: 18,
        categoryPercentage: 0.8,
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
          title: {
            display: true,
            text: 'CPU time per request, µs',
            color: theme.ink2,
            font: font(11),
          },
        },
        y: {
          stacked: true,
          grid: { display: false },
          border: { color: theme.rule },
          ticks: { color: theme.ink, font: font(11.5), autoSkip: false },
        },
      },
      plugins: {
        legend: {
          position: 'top',
          align: 'start',
          labels: { color: theme.ink2, font: font(11), boxWidth: 8, boxHeight: 8, padding: 12 },
        },
        tooltip: tooltipOf(theme, (item) => {
          const share = item.parsed.x ?? 0;
          return `${item.dataset.label ?? ''} ${significant(share)}${NBSP}µs`;
        }),
      },
    },
  };
}

/** Tooltips that look like those of the rest of the interface. */
export function tooltipOf<Item>(theme: FigureTheme, label: (item: Item) => string) {
  return {
    backgroundColor: theme.tooltip,
    titleColor: theme.ink,
    bodyColor: theme.ink,
    borderColor: theme.rule,
    borderWidth: 1,
    cornerRadius: 6,
    padding: { x: 12, y: 8 },
    titleFont: { family: theme.fontFamily, size: 12, weight: 600 as const },
    bodyFont: { family: theme.fontFamily, size: 12 },
    displayColors: false,
    callbacks: { label },
  };
}

/** The chart's answer in one sentence, exposure in the next. */
export function cpuBarsSentence(results: readonly RunResult[], machine: string): string {
  const native = results.filter((result) => result.pair === 'native');
  const ranked = [...native].sort((a, b) => cpuPerRequest(a) - cpuPerRequest(b));
  const [best, second] = ranked;
  if (best === undefined) return 'No native result on this machine yet.';
  const time = (result: RunResult) => `${significant(cpuPerRequest(result) / 1000)}${NBSP}µs`;
  if (second === undefined) return `${best.strategy} takes ${time(best)} a request on ${machine}.`;
  const more = cpuPerRequest(second) / cpuPerRequest(best) - 1;
  const answer = `${best.strategy} is cheapest on ${machine}: ${time(best)} a request; ${second.strategy} takes ${signedPercent(more)}.`;
  return [answer, exposureOf(best), unrealOf(results, best, time)].filter(Boolean).join(' ');
}

/** What the cheapest gives away. */
function exposureOf(result: RunResult): string {
  const exposed = exposurePerGib(result) ?? 0;
  const codes = Object.entries(result.hazards)
    .filter(([, count]) => (count ?? 0) > 0)
    .map(([id]) => id);
  if (exposed === 0 && codes.length === 0) return 'It exposes nothing beyond need.';
  const hazards = codes.length === 0 ? 'no hazard' : `hazards ${codes.join(' ')}`;
  return `It exposes ${reachText(exposed)} per GiB moved, with ${hazards}.`;
}

/** A mechanism that is not there must not win, and must not be passed over in silence. */
function unrealOf(
  results: readonly RunResult[],
  best: RunResult,
  time: (result: RunResult) => string,
): string {
  const cheaper = results
    .filter((result) => result.pair === 'hypothetical')
    .filter((result) => cpuPerRequest(result) < cpuPerRequest(best))
    .sort((a, b) => cpuPerRequest(a) - cpuPerRequest(b))[0];
  return cheaper === undefined
    ? ''
    : `${cheaper.strategy} does not exist there; if it did, it would take ${time(cheaper)}.`;
}
