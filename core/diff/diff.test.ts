import { describe, expect, it } from 'vitest';
import { K } from '../contract/kinds.ts';
import { PAYERS } from './critical-path.ts';
import { Digester, type RequestColumns, type Row, type Track } from './digest.ts';
import { placesOfSorted, rankTest } from './rank-test.ts';

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
