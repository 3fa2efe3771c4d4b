/** Who a request waits for from submission to completion: the mean of all requests of a trace. */
import { ACTOR_IDS } from '../../contract/ids.ts';
import type { BarsModel } from '../chart/model.ts';
import type { ChartRow } from '../chart/rows.ts';
import type { ChartSpec } from '../chart/spec.ts';
import { NBSP, significant } from '../numbers.ts';
import { stackOf, type Part } from './bars.ts';
import { leftOut, requireRows, type Made } from './common.ts';

const NO_REQUESTS = 'no trace tells of their requests';

export function payerBars(rows: readonly ChartRow[], spec: ChartSpec): Made {
  const found = rows.filter(({ detail }) => detail?.payers != null);
  requireRows(found, 'completed requests, which only traces and scenarios tell');
  const figure = (payer: string): Pick<Part, 'of' | 'interval'> => ({
    of: ({ detail }) => (detail?.payers?.ns[payer]?.total ?? 0) / 1000,
    interval: ({ detail }) => {
      const [low, high] = detail?.payers?.ns[payer]?.interval ?? [];
      return low === undefined || high === undefined ? null : [low / 1000, high / 1000];
    },
  });
  const drawn = stackOf(found, spec, {
    parts: [
      ...ACTOR_IDS.map((actor): Part => ({
        name: actor,
        look: { kind: 'actor', actor },
        ...figure(actor),
      })),
      { name: 'waiting', look: { kind: 'category', category: 'wait' }, ...figure('waiting') },
    ],
    total: figure('latency'),
    y: { name: 'Submission to completion, mean', unit: 'µs' },
  });
  const single = found.length === drawn.categories.length;
  return {
    drawn,
    sentence: payerSentence(drawn),
    notes: [
      ...leftOut(rows.length - found.length, NO_REQUESTS),
      'Each moment of a request goes to one payer: the deepest at work on it or on a batch that it is part of, else waiting.',
      ...(spec.intervals && single && drawn.totals?.some((each) => each?.low != null)
        ? ['Intervals are 95 % of the mean over requests (batch means, 10 batches of neighbours).']
        : []),
    ],
  };
}

/** What changes most from A to B, or of many from the shortest to the longest; what one is made of. */
function payerSentence({ categories, series, totals, y }: BarsModel): string {
  const total = (index: number) => totals?.[index]?.value ?? 0;
  const order = categories.map((_, index) => index);
  const sorted = categories.length > 2 ? order.toSorted((i, j) => total(i) - total(j)) : order;
  const [from = 0] = sorted;
  const to = sorted.at(-1) ?? 0;
  const said = (value: number) => `${significant(Math.abs(value))}${NBSP}${y.unit}`;
  const name = (index: number) => categories[index]?.name ?? '';
  const [most] = series
    .map((each) => ({
      name: each.name,
      by: (each.values[to]?.value ?? 0) - (from === to ? 0 : (each.values[from]?.value ?? 0)),
    }))
    .sort((x, z) => Math.abs(z.by) - Math.abs(x.by));
  if (from === to) {
    return `A request of ${name(to)} takes ${said(total(to))} on average, ${said(most?.by ?? 0)} of it ${most?.name ?? ''}.`;
  }
  const by = total(to) - total(from);
  if (most === undefined || most.by === 0) return 'Mean latency and who pays for it are the same.';
  const way = (value: number) => `${said(value)} ${value > 0 ? 'longer' : 'shorter'}`;
  const all = by === 0 ? 'as long on average as' : `${way(by)} on average than`;
  const verb = categories.length > 2 ? 'differs' : 'changes';
  return `A request of ${name(to)} takes ${all} one of ${name(from)}; ${most.name} ${verb} most, ${way(most.by)}.`;
}
