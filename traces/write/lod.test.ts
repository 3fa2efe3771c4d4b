import { describe, expect, it } from 'vitest';
import { LodBuilder, type LodRow } from './lod.ts';

interface Made {
  id: number;
  ts: number;
  dur: number;
  kind: number;
  track: number;
  bytes: number;
}

/** Events with a fixed, uneven rhythm on `tracks` tracks. */
function* events(count: number, tracks: number): Generator<Made> {
  let ts = 0;
  for (let id = 1; id <= count; id++) {
    ts += (id * 7919) % 5000;
    yield {
      id,
      ts,
      dur: (id * 31) % 900,
      kind: 10 + (id % 5),
      track: 1 + (id % tracks),
      bytes: id % 3,
    };
  }
}

function build(made: Iterable<Made>): { rows: LodRow[]; ticks: number; levels: number } {
  const lod = new LodBuilder(1024);
  for (const each of made) lod.add(each.id, each.ts, each.dur, each.kind, each.track, each.bytes);
  const rows: LodRow[] = [];
  const levels = lod.emit((row) => rows.push(row));
  return { rows, ticks: lod.ticks, levels };
}

describe('summaries', () => {
  it('of nothing are nothing', () => {
    expect(build([])).toEqual({ rows: [], ticks: 1024, levels: 1 });
  });

  it('hold on every level what the events add up to', () => {
    const made = [...events(50_000, 3)];
    const { rows, ticks, levels } = build(made);
    for (let level = 0; level < levels; level++) {
      const width = ticks * 4 ** level;
      const wanted = new Map<string, LodRow>();
      for (const { id, ts, dur, kind, track, bytes } of made) {
        const bucket = Math.floor(ts / width);
        const key = `${track}/${bucket}/${kind}`;
        const row = wanted.get(key);
        wanted.set(key, {
          level,
          track,
          bucket,
          kind,
          n: (row?.n ?? 0) + 1,
          busy: (row?.busy ?? 0) + dur,
          longest: Math.max(row?.longest ?? 0, dur),
          bytes: (row?.bytes ?? 0) + bytes,
          firstId: row?.firstId ?? id,
        });
      }
      const found = rows.filter((row) => row.level === level);
      expect(new Map(found.map((row) => [`${row.track}/${row.bucket}/${row.kind}`, row]))).toEqual(
        wanted,
      );
    }
  });

  it('do not know of what was not taken', () => {
    const lod = new LodBuilder(1024);
    lod.add(1, 0, 0, 7, 1, 0);
    expect(() => lod.lengthen(0, 5, 8, 1)).toThrow('no such event');
    expect(() => lod.lengthen(5000, 5, 7, 1)).toThrow('no such event');
  });

  it('are the same when durations become known later', () => {
    const made = [...events(30_000, 3)];
    const late = new LodBuilder(1024);
    made.forEach(({ id, ts, dur, kind, track, bytes }, i) => {
      const isLate = i % 3 === 0;
      late.add(id, ts, isLate ? 0 : dur, kind, track, bytes);
      // Half of them when much has been folded since, half at the end.
      const before = made[i - 9000];
      if (before !== undefined && (i - 9000) % 6 === 0)
        late.lengthen(before.ts, before.dur, before.kind, before.track);
    });
    made.forEach(({ ts, dur, kind, track }, i) => {
      const isDone = i % 6 === 0 && i + 9000 < made.length;
      if (i % 3 === 0 && !isDone) late.lengthen(ts, dur, kind, track);
    });
    const rows: LodRow[] = [];
    late.emit((row) => rows.push(row));
    expect(rows).toEqual(build(made).rows);
  });

  it('come in key order and end with one bucket', () => {
    const { rows, levels } = build(events(20_000, 4));
    const keys = rows.map(({ level, track, bucket, kind }) => [level, track, bucket, kind]);
    const order = (a: number[], b: number[]) => {
      const at = a.findIndex((value, i) => value !== b[i]);
      return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
    };
    expect([...keys].sort(order)).toEqual(keys);
    expect(rows.filter((row) => row.level === levels - 1).every((row) => row.bucket === 0)).toBe(
      true,
    );
  });

  it('stay few, whatever the number of events, tracks and kinds', () => {
    expect(build(events(200_000, 2)).rows.length).toBeLessThan((200_000 / 16) * 1.5);
    // More pairs of track and kind than entries are allowed: one bucket each, and no endless loop.
    const wide = build(events(30_000, 5000));
    expect(wide.rows.reduce((sum, row) => sum + (row.level === 0 ? row.n : 0), 0)).toBe(30_000);
  });
});
