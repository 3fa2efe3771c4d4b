import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { K } from '../../core/contract/kinds.ts';
import { createSchema } from '../schema.ts';
import { KEYFRAME_EVENTS, KeyframeBuilder, WHAT } from './keyframes.ts';

it('holds every page that is needed, however many there are at once', () => {
  const db = new Database(':memory:');
  createSchema(db);
  const keyframes = new KeyframeBuilder(db);
  for (let id = 1; id <= 2 * KEYFRAME_EVENTS; id++) {
    keyframes.event(id, id, K.raw, 0, 0, 0, 0, 0, 0);
  }
  const pages = 40_000;
  const add = db.prepare('INSERT INTO needs VALUES (?, ?, 1, ?, ?)');
  // From before the first keyframe to after it: more than wait for their place in the table.
  for (let id = 0; id < pages; id++) add.run(id, id, 1, KEYFRAME_EVENTS);
  keyframes.finish(db);
  const count = db.prepare('SELECT count(*) FROM keyframes WHERE what = ?').pluck();
  expect(count.get(WHAT.need)).toBe(pages);
  db.close();
});
