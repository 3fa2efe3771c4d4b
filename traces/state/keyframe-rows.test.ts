import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSchema } from '../schema.ts';
import { seededNumbers } from '../testing/imported.ts';
import { KeyframeRows } from './keyframe-rows.ts';

describe('rows of keyframes', () => {
  let db: Database.Database;
  beforeEach(() => {
    db = new Database(':memory:');
    createSchema(db);
  });
  afterEach(() => db.close());

  const stored = () => db.prepare('SELECT * FROM keyframes').raw().all() as number[][];

  it('of an event that no number can stand for are refused', () => {
    const rows = new KeyframeRows(db);
    expect(() => rows.add(0, 1, 0, 2 ** 32)).toThrow('too long');
    expect(() => rows.add(0, 2 ** 20, 0, 1)).toThrow('too long');
  });

  it('are all in the table, whatever their order and number', () => {
    const rows = new KeyframeRows(db);
    const random = seededNumbers(7);
    const wanted = new Set<string>();
    for (let i = 0; i < 60_000; i++) {
      const row = [random(3), random(2 ** 19), random(4), random(2 ** 32)];
      if (wanted.has(row.join())) continue;
      wanted.add(row.join());
      rows.add(...(row as [number, number, number, number]));
    }
    // Those of a level that was full are there already.
    expect(stored().length).toBeGreaterThan(40_000);
    rows.flush();
    expect(new Set(stored().map((row) => row.join()))).toEqual(wanted);
    rows.flush();
    expect(stored().length).toBe(wanted.size);
  });
});
