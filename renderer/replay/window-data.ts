/** A window of a trace in typed arrays, prepared for drawing and for finding what is under a pixel. */
import { firstWhere } from '../../core/base/first-where.ts';
import { CATEGORIES, type TraceWindow } from '../../core/contract/index.ts';

export interface WindowData {
  readonly from: number;
  readonly to: number;
  /** Width class of the request, see `windowFor`. */
  readonly level: number;
  /** Entries are events; otherwise they are buckets. */
  readonly exact: boolean;
  readonly count: number;
  readonly id: Float64Array;
  readonly ts: Float64Array;
  readonly dur: Float64Array;
  readonly busy: Float64Array;
  readonly n: Float64Array;
  readonly kind: Uint16Array;
  readonly category: Uint8Array;
  /** Index of the track in display order. */
  readonly row: Int16Array;
  readonly depth: Uint8Array;
  readonly request: Float64Array;
  /** Greatest end of this entry and all before it: spans that began earlier are found with it. */
  readonly reach: Float64Array;
}

export interface KindTable {
  /** Index into `CATEGORIES` by kind code. */
  readonly category: Readonly<Record<number, number>>;
  readonly rowOfTrack: ReadonlyMap<number, number>;
  /** Usual depth by `row * 1024 + kind`: summaries carry none. */
  readonly usualDepth: ReadonlyMap<number, number>;
}

export const OTHER = CATEGORIES.indexOf('other');

export function prepare(
  window: TraceWindow,
  from: number,
  to: number,
  level: number,
  kinds: KindTable,
): WindowData {
  const order = orderOf(window.ts);
  const count = window.ts.length;
  const pick = (values: readonly number[]) => {
    const out = new Float64Array(count);
    for (let i = 0; i < count; i += 1) out[i] = values[order === null ? i : (order[i] ?? 0)] ?? 0;
    return out;
  };
  const ts = pick(window.ts);
  const dur = pick(window.dur);
  const kind = Uint16Array.from(pick(window.kind));
  const row = new Int16Array(count);
  const category = new Uint8Array(count);
  const depth = Uint8Array.from(pick(window.level));
  const tracks = pick(window.track);
  const reach = new Float64Array(count);
  const exact = window.mode === 'events';
  let greatest = -Infinity;
  for (let i = 0; i < count; i += 1) {
    row[i] = kinds.rowOfTrack.get(tracks[i] ?? -1) ?? -1;
    category[i] = kinds.category[kind[i] ?? 0] ?? OTHER;
    if (!exact && depth[i] === 0) {
      depth[i] = kinds.usualDepth.get((row[i] ?? 0) * 1024 + (kind[i] ?? 0)) ?? 0;
    }
    greatest = Math.max(greatest, (ts[i] ?? 0) + (dur[i] ?? 0));
    reach[i] = greatest;
  }
  return {
    from,
    to,
    level,
    exact,
    count,
    id: pick(window.id),
    ts,
    dur,
    busy: pick(window.busy),
    n: pick(window.n),
    kind,
    category,
    row,
    depth,
    request: pick(window.request),
    reach,
  };
}

/** The order that sorts `ts`, or null when it is sorted already. */
function orderOf(ts: readonly number[]): readonly number[] | null {
  for (let i = 1; i < ts.length; i += 1) {
    if ((ts[i] ?? 0) < (ts[i - 1] ?? 0)) {
      return ts.map((_, index) => index).sort((a, b) => (ts[a] ?? 0) - (ts[b] ?? 0) || a - b);
    }
  }
  return null;
}

/** First index whose value is at least `wanted`, in an array that never falls. */
export function lowerBound(values: Float64Array, wanted: number): number {
  return firstWhere(0, values.length, (i) => (values[i] ?? 0) >= wanted);
}

/** Indices that may touch a range: from the first whose predecessors reach it to the last start. */
export function rangeOf(data: WindowData, from: number, to: number): readonly [number, number] {
  return [lowerBound(data.reach, from), lowerBound(data.ts, to)];
}

/** A range to ask for: as wide as four screens, on a grid, so that the same one is asked for again. */
export function windowFor(from: number, to: number): { from: number; to: number; level: number } {
  const level = Math.ceil(Math.log2(Math.max(1, to - from)));
  const size = 2 ** level;
  const first = Math.floor(from / size) - 1;
  return { from: first * size, to: (first + 4) * size, level };
}
