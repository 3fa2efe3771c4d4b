import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { openTrace } from './reader.ts';

const FILE = path.resolve(import.meta.dirname, '../samples/map-lazy-host.mctrace');
const reader = openTrace(FILE);
const db = new Database(FILE, { readonly: true });
afterAll(() => {
  reader.close();
  db.close();
});
const { lastTick } = reader.info('x');

/** The same, counted event by event. */
function counted(from: number, to: number) {
  return db
    .prepare(
      `SELECT track, kind, count(*) AS events, sum(dur) AS busy, max(dur) AS longest,
         sum(coalesce(bytes, 0)) AS bytes
       FROM events WHERE ts >= ? AND ts < ? GROUP BY track, kind ORDER BY track, kind`,
    )
    .all(from, to);
}

describe('statistics of a range', () => {
  it('that is empty, turned round or beyond the trace are all zero', () => {
    for (const [from, to] of [
      [5, 5],
      [900, 100],
      [lastTick + 10, lastTick + 20],
    ] as const) {
      expect(reader.range(from, to)).toMatchObject({ events: 0, rows: [] });
    }
  });

  it.each([
    ['all of it', 0, lastTick + 1],
    ['a part with odd ends', 123_456_789.25, 500_000_001.5],
    ['less than a bucket', 390_074_748, 390_074_749],
    ['a part that begins before the trace', -1000, 40_000_000],
  ])('of %s are what its events sum to', (_, from, to) => {
    const found = reader.range(from, to);
    expect(found.rows).toEqual(counted(from, to));
    expect(found.events).toBe(found.rows.reduce((sum, row) => sum + row.events, 0));
  });

  it('count requests and hazards', () => {
    const all = reader.range(0, lastTick + 1);
    expect(all.requests.submitted).toBe(100);
    expect(all.hazards.map(({ code }) => code)).toEqual(['H3', 'H4']);
    const half = reader.range(lastTick / 2, lastTick + 1);
    for (const [index, hazard] of half.hazards.entries()) {
      expect(hazard.began).toBeLessThan(all.hazards[index]?.began ?? 0);
      expect(hazard.began).toBeLessThanOrEqual(hazard.open);
    }
  });
});
