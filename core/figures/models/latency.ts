/** Curves of single requests: how their latencies are distributed, and how each one's changes. */
import { grouped } from '../chart/grouping.ts';
import type { CurvePoint, CurvesModel } from '../chart/model.ts';
import type { ChartRow } from '../chart/rows.ts';
import type { ChartSpec } from '../chart/spec.ts';
import { NBSP, fixed, nines, significant } from '../numbers.ts';
import { leftOut, list, requireRows, type Made } from './common.ts';
import { runsOf, splitOf } from './curves.ts';

const NO_REQUESTS = 'no trace tells of their requests';

interface Step {
  readonly us: number;
  /** Requests that are no slower, of one. */
  readonly share: number;
}

/** Share of requests that are no slower; runs of one series are put together request by request. */
export function latencyCurves(rows: readonly ChartRow[], spec: ChartSpec): Made {
  return distribution(rows, spec, {
    stepped: true,
    markers: false,
    y: { name: 'Requests that are no slower', unit: '%', scale: 'linear' },
    points: (steps) => steps.map(({ us, share }) => point(us, share * 100)),
  });
}

const MARKED = [
  { share: 0.5, label: 'p50' },
  { share: 0.9, label: 'p90' },
  { share: 0.99, label: 'p99' },
  { share: 0.999, label: 'p99.9' },
];

/** The same on a scale of nines: as far from p99 to p99.9 as from p90 to p99. */
export function tailCurves(rows: readonly ChartRow[], spec: ChartSpec): Made {
  return distribution(rows, spec, {
    stepped: false,
    markers: true,
    y: {
      name: 'Requests that are no slower',
      unit: 'nines',
      scale: 'linear',
      ticks: [
        { at: 0, label: '0' },
        ...MARKED.map(({ share, label }) => ({ at: nines(share), label })),
      ],
    },
    points: (steps, requests) => {
      const [first] = steps;
      // The slowest has all others below it: on this scale it would be out of reach.
      const most = 1 - 1 / Math.max(requests, 2);
      const line = steps.map(({ us, share }) => point(us, nines(Math.min(share, most)), false));
      // What the requests are too few for is not marked.
      const marks = MARKED.filter(({ share }) => share <= most + 1e-9).flatMap(({ share }) => {
        const step = steps.find((each) => each.share >= share - 1e-9);
        return step === undefined ? [] : [point(step.us, nines(share))];
      });
      return [...(first === undefined ? [] : [point(first.us, 0, false)]), ...line, ...marks].sort(
        (a, b) => a.y - b.y || a.x - b.x,
      );
    },
  });
}

const point = (x: number, y: number, marked = true): CurvePoint => ({
  x,
  y,
  low: null,
  high: null,
  n: 1,
  ...(marked ? {} : { marked }),
});

function distribution(
  rows: readonly ChartRow[],
  spec: ChartSpec,
  how: Pick<CurvesModel, 'stepped' | 'markers' | 'y'> & {
    readonly points: (steps: readonly Step[], requests: number) => readonly CurvePoint[];
  },
): Made {
  const found = rows.filter((row) => row.detail?.latency != null);
  requireRows(found, 'latencies of single requests, which only traces and scenarios tell');
  const { series } = grouped(found, null, splitOf(found, spec));
  const pools = series.map((each) => pooled(runsOf(each)));
  const drawn: CurvesModel = {
    shape: 'curves',
    series: series.map(({ name, look, hypothetical }, i) => ({
      name,
      look,
      hypothetical,
      points: how.points(pools[i]?.steps ?? [], pools[i]?.requests ?? 0),
    })),
    stepped: how.stepped,
    markers: how.markers,
    x: {
      name: 'latency',
      unit: 'µs',
      scale: spec.scale === 'linear' ? 'linear' : 'log10',
      ticks: null,
    },
    y: how.y,
    marks: [],
  };
  const told = series.map(({ name }, i) => {
    const at = (share: number) =>
      significant(pools[i]?.steps.find((step) => step.share >= share - 1e-9)?.us ?? NaN);
    return `${at(0.5)}${NBSP}µs for ${name} (p99.9 ${at(0.999)})`;
  });
  return {
    drawn,
    sentence: `Half of the requests take no more than ${list(told)}.`,
    notes: leftOut(rows.length - found.length, NO_REQUESTS),
  };
}

function pooled(runs: readonly ChartRow[]): {
  readonly steps: readonly Step[];
  readonly requests: number;
} {
  const parts = runs.flatMap(({ detail }) => {
    if (detail?.latency == null) return [];
    const { ns, share, requests } = detail.latency;
    return ns.map((each, i) => ({
      ns: each,
      weight: ((share[i] as number) - (share[i - 1] ?? 0)) * requests,
    }));
  });
  parts.sort((a, b) => a.ns - b.ns);
  const requests = parts.reduce((sum, { weight }) => sum + weight, 0);
  let seen = 0;
  const steps = parts.map(({ ns, weight }) => {
    seen += weight;
    return { us: ns / 1000, share: Math.min(1, seen / requests) };
  });
  return { steps, requests };
}

/** Latency of each request less that of the same request in the first trace. */
export function changeCurves(rows: readonly ChartRow[], spec: ChartSpec): Made {
  const found = rows.filter((row) => row.detail?.changes != null);
  requireRows(
    found,
    'requests that the first trace has as well, which two traces of one workload do',
  );
  const { series } = grouped(found, null, spec.split ?? 'run');
  const strips = series.flatMap((each) =>
    runsOf(each).map((row) => ({ ...each, strip: row.detail?.changes ?? null })),
  );
  const most = Math.max(...strips.map(({ strip }) => strip?.each ?? 1));
  const drawn: CurvesModel = {
    shape: 'curves',
    series: strips.map(({ name, look, hypothetical, strip }) => ({
      name,
      look,
      hypothetical,
      points: (strip?.first ?? []).map((x, i) => ({
        x,
        y: (strip?.meanNs[i] ?? 0) / 1000,
        low: most === 1 ? null : (strip?.leastNs[i] ?? 0) / 1000,
        high: most === 1 ? null : (strip?.mostNs[i] ?? 0) / 1000,
        n: 1,
      })),
    })),
    stepped: true,
    markers: false,
    x: { name: 'request', unit: '', scale: 'linear', ticks: null },
    y: { name: 'Change in latency', unit: 'µs', scale: 'linear' },
    marks: [{ axis: 'y', at: 0, to: null, label: '' }],
  };
  const told = strips.map(({ name, strip }) => {
    const means = strip?.meanNs ?? [];
    const mean = means.reduce((sum, each) => sum + each, 0) / Math.max(means.length, 1);
    const [least, greatest] = [
      Math.min(...(strip?.leastNs ?? [0])),
      Math.max(...(strip?.mostNs ?? [0])),
    ];
    const us = (ns: number) => `${ns > 0 ? '+' : ''}${significant(ns / 1000)}`;
    return `${us(mean)}${NBSP}µs with ${name} (from ${us(least)} to ${us(greatest)})`;
  });
  const base = rows.find((row) => row.detail?.changes === null)?.name;
  return {
    drawn,
    sentence: `On average the latency of a request changes by ${list(told)}${base === undefined ? '' : `, against ${base}`}.`,
    notes:
      most === 1
        ? []
        : [
            `The line is the mean of ${fixed(most)} requests in a row, the band what changes least and most among them.`,
          ],
  };
}
