import { describe, expect, it } from 'vitest';
import { K } from '../contract/kinds.ts';
import { payerMeans } from './components.ts';
import { PAYERS } from './critical-path.ts';
import { Digester, type RequestColumns, type Row, type Track } from './digest.ts';
import { pairUp } from './pairs.ts';
import { placesOfSorted, rankTest } from './rank-test.ts';
import { changeStrip } from './strip.ts';

const TRACKS: readonly Track[] = [
  { id: 1, role: 'frontend', cpu: 1 },
  { id: 2, role: 'backend', cpu: 2 },
  { id: 3, role: 'hypervisor', cpu: 2 },
  { id: 4, role: 'device', cpu: 4 },
  { id: 5, role: 'iommu', cpu: 5 },
];

const requests = (
  rows: readonly (readonly [number, number, number, number])[],
): RequestColumns => ({
  id: Float64Array.from(rows, ([id]) => id),
  submitted: Float64Array.from(rows, ([, submitted]) => submitted),
  completed: Float64Array.from(rows, ([, , completed]) => completed),
  bytes: Float64Array.from(rows, () => 1500),
  lastEvent: Float64Array.from(rows, ([, , , last]) => last),
});

/** Rows as [ts, dur, kind, track, level, request]. */
function digest(
  columns: RequestColumns,
  rows: readonly (readonly [number, number, number, number, number, number])[],
) {
  const digester = new Digester(TRACKS, columns);
  rows.forEach(([ts, dur, kind, track, level, request], i) => {
    const row: Row = { id: i + 1, ts, dur, kind, track, level, request, bytes: 0, n: 0 };
    digester.add(row);
  });
  return digester.finish();
}

/** Who paid for the request at `index`, those who paid nothing left out. */
function paid(parts: Float64Array, index: number): Record<string, number> {
  return Object.fromEntries(
    PAYERS.flatMap(({ actor, shared }, p) => {
      const time = parts[index * PAYERS.length + p] as number;
      return time === 0 ? [] : [[`${shared ? 'batch ' : ''}${actor}`, time]];
    }),
  );
}

describe('a request', () => {
  it('pays each moment to one: the deepest at work on itself, else a batch, else nobody', () => {
    const found = digest(
      requests([
        [1, 0, 100, 9],
        [2, 5, 100, 8],
      ]),
      [
        [0, 10, K.startXmit, 1, 0, 1],
        // A poll that serves both, a hypercall inside it on the hypervisor's track of the same CPU.
        [20, 50, K.backendPoll, 2, 0, 0],
        [30, 20, K.mapGrantRef, 3, 0, 0],
        [32, 6, K.grantMap, 3, 1, 1],
        [38, 6, K.grantMap, 3, 1, 2],
        [52, 8, K.stackBackend, 2, 1, 1],
        // A table walk inside a transfer, which goes on after completion.
        [80, 40, K.dmaRead, 4, 0, 1],
        [82, 3, K.iotlbWalk, 5, 0, 2],
        [85, 5, K.iotlbWalk, 5, 0, 1],
      ],
    );
    expect(paid(found.parts, 0)).toEqual({
      frontend: 10,
      hypervisor: 6,
      'batch hypervisor': 14,
      backend: 8,
      'batch backend': 22,
      device: 15,
      iommu: 5,
    });
    expect(paid(found.parts, 1)).toEqual({
      hypervisor: 6,
      'batch hypervisor': 14,
      'batch backend': 30,
      iommu: 3,
    });
    expect(found.kinds.get(K.backendPoll)).toMatchObject({ count: 1, timePs: 50, selfPs: 22 });
    expect(found.kinds.get(K.mapGrantRef)).toMatchObject({ timePs: 20, selfPs: 8 });
    expect(found.selfPs).toEqual({
      frontend: 10,
      hypervisor: 20,
      backend: 30,
      device: 40,
      iommu: 8,
    });
  });

  it('owns what happens inside its own work, and pays nothing when it never completes', () => {
    const found = digest(
      requests([
        [7, 0, 50, 1],
        [9, 0, NaN, 3],
      ]),
      [
        [0, 40, K.stackBackend, 2, 0, 7],
        [10, 5, K.evtchnSend, 3, 0, 0],
        [41, 5, K.stackBackend, 2, 0, 9],
      ],
    );
    // The hypercall has no request of its own, and comes after the last event that names this one.
    expect(paid(found.parts, 0)).toEqual({ backend: 35, hypervisor: 5 });
    expect(found.kinds.get(K.evtchnSend)?.ofRequests).toBe(1);
    expect(paid(found.parts, 1)).toEqual({});
  });

  it('that nests without end is refused', () => {
    const deep = Array.from({ length: 600 }, (_, i) => [i, 1e6, K.vmexit, 1, i, 0] as const);
    expect(() => digest(requests([]), deep)).toThrow(RangeError);
  });
});

/** Requests that take as long as they are told to, and nobody works on. */
const lasting = (ps: readonly number[]) =>
  digest(requests(ps.map((each, i) => [i + 1, 1000 * i, 1000 * i + each, 0])), []);

describe('a mean', () => {
  it('has no interval where there are too few requests, and no width where all are alike', () => {
    expect(payerMeans(lasting([]))).toBeNull();
    const few = payerMeans(lasting([4000, 6000]));
    expect(few?.ns['latency']).toEqual({ total: 5, shared: 0, interval: null });
    const alike = payerMeans(lasting(new Array<number>(200).fill(3000)));
    expect(alike?.ns['waiting']?.interval).toEqual([3, 3]);
  });

  it('is less sure where requests depend on their neighbours than where they alternate', () => {
    const alternating = Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 1000 : 9000));
    const inRuns = alternating.toSorted((x, y) => x - y);
    const width = (ps: readonly number[]) => {
      const [low = NaN, high = NaN] = payerMeans(lasting(ps))?.ns['latency']?.interval ?? [];
      return high - low;
    };
    // 10 batches whose means are all 5 ns; then five of 1 ns and five of 9 ns, t = 2.262.
    expect(width(alternating)).toBe(0);
    expect(width(inRuns)).toBeCloseTo((2 * 2.262 * Math.sqrt((10 * 16) / 9)) / Math.sqrt(10), 6);
  });
});

describe('the strip of all requests', () => {
  it('keeps each request while there are few', () => {
    const [a, b] = [lasting([5000, 5000, 5000]), lasting([5000, 2000, 9000])];
    expect(changeStrip(a.requests, pairUp(a, b))).toEqual({
      each: 1,
      first: [1, 2, 3],
      atNs: [0, 1, 2],
      meanNs: [0, -3, 4],
      leastNs: [0, -3, 4],
      mostNs: [0, -3, 4],
      largest: [1, 2, 3],
    });
  });

  it('puts many together without losing the one that changed most', () => {
    const many = Array.from({ length: 1000 }, () => 5000);
    const [a, b] = [lasting(many), lasting(many.with(700, 1000))];
    const strip = changeStrip(a.requests, pairUp(a, b));
    expect(strip.each).toBe(3);
    expect(strip.first).toHaveLength(334);
    expect(strip.largest).toContain(701);
    expect(Math.min(...strip.leastNs)).toBe(-4);
    expect(Math.max(...strip.mostNs)).toBe(0);
  });
});

describe('the rank test', () => {
  it('says why there is none', () => {
    const few = [1, 2, 3];
    const same = new Array<number>(20).fill(4);
    expect(rankTest('x', placesOfSorted(few, same))).toEqual({
      test: null,
      reason: 'one side has fewer than 8 values',
    });
    expect(rankTest('x', placesOfSorted(same, same))).toEqual({
      test: null,
      reason: 'all values are equal',
    });
  });

  it('agrees with what is worked out by hand, and mirrors', () => {
    const low = [1, 2, 3, 4, 5, 6, 7, 8];
    const high = low.map((each) => each + 8);
    // U = 64 of 64; variance 64 × 17 / 12; z = 32 / 9.5219.
    const up = rankTest('x', placesOfSorted(low, high));
    expect(up).toMatchObject({ u: 64, z: 3.36067, p: 0.000778, superiority: 1 });
    expect(rankTest('x', placesOfSorted(high, low))).toMatchObject({
      u: 0,
      z: -3.36067,
      p: 0.000778,
      superiority: 0,
    });
  });

  it('counts pairs as counting them one by one does, ties as half', () => {
    const a = Array.from({ length: 40 }, (_, i) => (i * 7) % 11).sort((x, y) => x - y);
    const b = Array.from({ length: 30 }, (_, i) => (i * 5) % 13).sort((x, y) => x - y);
    let u = 0;
    for (const x of a) for (const y of b) u += y > x ? 1 : y === x ? 0.5 : 0;
    expect(rankTest('x', placesOfSorted(a, b))).toMatchObject({ u, valuesA: 40, valuesB: 30 });
  });
});
