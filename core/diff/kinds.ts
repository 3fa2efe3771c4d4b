/** What the events of each kind amount to in two traces. */
import type { KindDiff, NoTest, RankTest } from '../contract/diff.ts';
import { change, unchanged } from './change.ts';
import type { KindTotals } from './digest.ts';
import { placesOfBuckets, rankTest } from './rank-test.ts';
import type { KindName, Subject } from './subject.ts';

/** Kinds of either trace, those first whose time changed most. */
export function compareKinds(a: Subject, b: Subject): KindDiff[] {
  const names = namesOf(a, b);
  const codes = [...new Set([...a.digest.kinds.keys(), ...b.digest.kinds.keys()])];
  return codes
    .map((code) => compareKind(names.get(code) ?? unnamed(code), a, b))
    .sort(
      (x, y) => Math.abs(y.selfNs.change ?? 0) - Math.abs(x.selfNs.change ?? 0) || x.code - y.code,
    );
}

function compareKind(kind: KindName, a: Subject, b: Subject): KindDiff {
  const [inA, inB] = [a.digest.kinds.get(kind.code), b.digest.kinds.get(kind.code)];
  const [requestsA, requestsB] = [completedOf(a), completedOf(b)];
  const { code, name, category } = kind;
  const figures = (perA: number, perB: number) => ({
    count: change((inA?.count ?? 0) / perA, (inB?.count ?? 0) / perB),
    timeNs: change((inA?.timePs ?? 0) / 1000 / perA, (inB?.timePs ?? 0) / 1000 / perB),
    selfNs: change((inA?.selfPs ?? 0) / 1000 / perA, (inB?.selfPs ?? 0) / 1000 / perB),
    bytes: change((inA?.bytes ?? 0) / perA, (inB?.bytes ?? 0) / perB),
  });
  return {
    code,
    name,
    category,
    in: inA === undefined ? 'b' : inB === undefined ? 'a' : 'both',
    ...figures(1, 1),
    perRequest: requestsA === 0 || requestsB === 0 ? null : figures(requestsA, requestsB),
    significance: significance(inA, inB, requestsA, requestsB),
  };
}

function significance(
  a: KindTotals | undefined,
  b: KindTotals | undefined,
  requestsA: number,
  requestsB: number,
): RankTest | NoTest {
  const ofRequests = (kind: KindTotals | undefined) =>
    kind === undefined || kind.ofRequests * 2 > kind.count;
  if (requestsA > 0 && requestsB > 0 && ofRequests(a) && ofRequests(b)) {
    const [inA, inB] = [a?.perRequest, b?.perRequest];
    return rankTest(
      'time in a request (ns), 0 where it has none',
      placesOfBuckets(
        inA?.buckets ?? [],
        inB?.buckets ?? [],
        requestsA - (inA?.count ?? 0),
        requestsB - (inB?.count ?? 0),
      ),
    );
  }
  if (a === undefined || b === undefined) {
    return { test: null, reason: 'one trace has no event of this kind' };
  }
  return rankTest(
    'duration of an event (ns)',
    placesOfBuckets(a.perEvent.buckets, b.perEvent.buckets, 0, 0),
  );
}

/** Requests that completed. */
export function completedOf({ digest }: Subject): number {
  return digest.requests.completed.reduce((n, each) => n + (Number.isNaN(each) ? 0 : 1), 0);
}

export function namesOf(a: Subject, b: Subject): ReadonlyMap<number, KindName> {
  return new Map([...b.kinds, ...a.kinds].map((kind) => [kind.code, kind]));
}

function unnamed(code: number): KindName {
  return { code, name: `kind ${code}`, category: 'other', counts: [] };
}

/** Does nothing of this kind differ? */
export function kindUnchanged({ count, timeNs, selfNs, bytes }: KindDiff): boolean {
  return [count, timeNs, selfNs, bytes].every(unchanged);
}
