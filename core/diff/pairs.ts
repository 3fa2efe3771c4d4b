/** Requests that both traces have, by id. */
import type {
  ChangedRequest,
  DivergingEvent,
  FirstDivergence,
  Parting,
  RequestParts,
} from '../contract/diff.ts';
import { PAYERS } from './critical-path.ts';
import { change } from './change.ts';
import type { EventDigest } from './digest.ts';
import type { KindName, SequenceEvent } from './subject.ts';

/** Positions of requests that completed in both. */
export interface Pairs {
  readonly a: readonly number[];
  readonly b: readonly number[];
  /** Latency in B less latency in A, picoseconds. */
  readonly changePs: Float64Array;
  /** Requests in both, and those whose bytes are not the same. */
  readonly inBoth: number;
  readonly otherBytes: number;
}

type WithRequests = Pick<EventDigest, 'requests'>;

export function pairUp(a: WithRequests, b: WithRequests): Pairs {
  const [left, right] = [a.requests, b.requests];
  const inA: number[] = [];
  const inB: number[] = [];
  let inBoth = 0;
  let otherBytes = 0;
  for (let i = 0, j = 0; i < left.id.length && j < right.id.length;) {
    const [x, y] = [left.id[i] as number, right.id[j] as number];
    if (x === y) {
      inBoth += 1;
      if (left.bytes[i] !== right.bytes[j]) otherBytes += 1;
      if (!Number.isNaN(latency(a, i)) && !Number.isNaN(latency(b, j))) {
        inA.push(i);
        inB.push(j);
      }
    }
    if (x <= y) i += 1;
    if (y <= x) j += 1;
  }
  const changePs = Float64Array.from(inA, (i, at) => latency(b, inB[at] as number) - latency(a, i));
  return { a: inA, b: inB, changePs, inBoth, otherBytes };
}

function latency({ requests }: WithRequests, index: number): number {
  return (requests.completed[index] as number) - (requests.submitted[index] as number);
}

/** The `count` pairs whose latency changed most, in picoseconds; unchanged ones are left out. */
export function mostChanged(
  a: EventDigest,
  b: EventDigest,
  pairs: Pairs,
  count: number,
): ChangedRequest[] {
  const by = pairs.changePs;
  const order = [...by.keys()]
    .filter((at) => by[at] !== 0)
    .sort((x, y) => Math.abs(by[y] as number) - Math.abs(by[x] as number) || x - y);
  return order.slice(0, count).map((at) => {
    const [i, j] = [pairs.a[at] as number, pairs.b[at] as number];
    const [inA, inB] = [partsOf(a, i), partsOf(b, j)];
    return {
      request: a.requests.id[i] as number,
      bytes: a.requests.bytes[i] as number,
      latencyNs: change(inA.latencyNs, inB.latencyNs),
      a: inA,
      b: inB,
    };
  });
}

function partsOf(digest: EventDigest, index: number): RequestParts {
  const own: Record<string, number> = {};
  const shared: Record<string, number> = {};
  let waitingPs = latency(digest, index);
  const latencyNs = waitingPs / 1000;
  PAYERS.forEach((payer, p) => {
    const ps = digest.parts[index * PAYERS.length + p] as number;
    waitingPs -= ps;
    if (ps > 0) (payer.shared ? shared : own)[payer.actor] = ps / 1000;
  });
  return { latencyNs, waitingNs: waitingPs / 1000, ownNs: own, sharedNs: shared };
}

export function partingOf(a: EventDigest, b: EventDigest, pairs: Pairs): Parting {
  let request: number | null = null;
  let other = 0;
  pairs.a.forEach((i, at) => {
    const j = pairs.b[at] as number;
    const same =
      a.sequences[i * 2] === b.sequences[j * 2] &&
      a.sequences[i * 2 + 1] === b.sequences[j * 2 + 1];
    if (same) return;
    other += 1;
    request ??= a.requests.id[i] as number;
  });
  return { sameSequence: pairs.a.length - other, otherSequence: other, request };
}

export function firstDivergence(
  parting: Parting,
  request: number,
  [a, b]: readonly [readonly SequenceEvent[], readonly SequenceEvent[]],
  kinds: readonly KindName[],
): FirstDivergence {
  const name = (code: number) => kinds.find((kind) => kind.code === code)?.name ?? `kind ${code}`;
  let position = 0;
  while (position < a.length && a[position]?.kind === b[position]?.kind) position += 1;
  const last = a[position - 1];
  const event = (list: readonly SequenceEvent[]): DivergingEvent | null => {
    const each = list[position];
    if (each === undefined) return null;
    return { event: each.event, kind: name(each.kind), atNs: each.at / 1000 };
  };
  return {
    ...parting,
    request,
    position,
    after: last === undefined ? null : name(last.kind),
    a: event(a),
    b: event(b),
  };
}
