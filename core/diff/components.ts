/** Who paid: the critical paths of all completed requests, added up by payer. */
import type { Components, PayerIntervals, PayerMeans } from '../contract/diff.ts';
import { ACTOR_IDS } from '../contract/ids.ts';
import { change, tidy } from './change.ts';
import { payerOf, PAYERS, SHARED } from './critical-path.ts';
import type { EventDigest } from './digest.ts';
import type { Subject } from './subject.ts';

/** Null where a trace has no completed request. */
export function compareComponents(a: Subject, b: Subject): Components | null {
  const [left, right] = [payerMeans(a.digest), payerMeans(b.digest)];
  if (left === null || right === null) return null;
  const of = (payer: string, part: 'own' | 'shared' | 'total') => {
    const value = ({ [payer]: mean }: PayerMeans['ns']) => {
      const { total = 0, shared = 0 } = mean ?? {};
      return part === 'total' ? total : part === 'shared' ? shared : total - shared;
    };
    return change(value(left.ns), value(right.ns));
  };
  return {
    actors: Object.fromEntries(
      ACTOR_IDS.map((actor) => [
        actor,
        { ownNs: of(actor, 'own'), sharedNs: of(actor, 'shared'), totalNs: of(actor, 'total') },
      ]),
    ),
    waitingNs: of('waiting', 'total'),
    latencyNs: of('latency', 'total'),
    intervalsNs: { a: intervalsOf(left), b: intervalsOf(right) },
  };
}

function intervalsOf({ ns }: PayerMeans): PayerIntervals {
  const all = Object.entries(ns).flatMap(([payer, { interval }]) =>
    interval === null ? [] : [[payer, interval] as const],
  );
  return all.length === 0 ? null : Object.fromEntries(all);
}

/** Batches of consecutive requests, and the quantile of Student's t that belongs to so many. */
const BATCHES = 10;
const T_QUANTILE = 2.262;
/** Shorter batches know too much of their neighbours. */
const REQUESTS_EACH = 4;

/** Null without a completed request. */
export function payerMeans({ requests, parts }: EventDigest): PayerMeans | null {
  const done = [...requests.completed.keys()].filter(
    (i) => !Number.isNaN(requests.completed[i] as number),
  );
  if (done.length === 0) return null;
  const latency = (i: number) =>
    (requests.completed[i] as number) - (requests.submitted[i] as number);
  const part = (i: number, payer: number) => parts[i * PAYERS.length + payer] as number;
  const waiting = (i: number) => {
    let rest = latency(i);
    for (let payer = 0; payer < PAYERS.length; payer++) rest -= part(i, payer);
    return rest;
  };
  const figure = (of: (i: number) => number, shared: (i: number) => number = () => 0) => {
    const values = Float64Array.from(done, of);
    return {
      total: meanOf(values) / 1000,
      shared: meanOf(Float64Array.from(done, shared)) / 1000,
      interval: batchMeans(values),
    };
  };
  const actors = Object.fromEntries(
    ACTOR_IDS.map((actor) => {
      const own = payerOf(actor) as number;
      const shared = own + SHARED;
      return [
        actor,
        figure(
          (i) => part(i, own) + part(i, shared),
          (i) => part(i, shared),
        ),
      ];
    }),
  );
  return {
    requests: done.length,
    ns: {
      ...actors,
      waiting: figure(waiting),
      latency: figure(latency),
    },
  };
}

const meanOf = (values: Float64Array): number =>
  values.reduce((sum, each) => sum + each, 0) / values.length;

/**
 * 95 % interval of a mean whose values depend on their neighbours: the spread of the means of batches
 * that are long enough to know little of each other (Law and Kelton, *Simulation Modeling and Analysis*).
 *
 * @param values picoseconds, in the order of the requests
 * @returns nanoseconds; none of these times is less than nothing
 */
function batchMeans(values: Float64Array): readonly [low: number, high: number] | null {
  if (values.length < BATCHES * REQUESTS_EACH) return null;
  const edge = (batch: number) => Math.floor((batch * values.length) / BATCHES);
  const means = Float64Array.from({ length: BATCHES }, (_, batch) =>
    meanOf(values.subarray(edge(batch), edge(batch + 1))),
  );
  const centre = meanOf(means);
  const variance = means.reduce((sum, each) => sum + (each - centre) ** 2, 0) / (BATCHES - 1);
  const reach = T_QUANTILE * Math.sqrt(variance / BATCHES);
  const mean = meanOf(values);
  return [tidy(Math.max(0, mean - reach) / 1000), tidy((mean + reach) / 1000)];
}
