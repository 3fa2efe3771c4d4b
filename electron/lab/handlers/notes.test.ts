/** Notes as the window asks for them. */
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LabClient } from '../../../core/contract/index.ts';
import { codeOf, SAMPLES, testLab, type TestLab } from './testing.ts';

const NOTES = {
  text: 'why so slow?',
  tags: ['slow'],
  bookmarks: [{ tick: 7, text: 'here' }],
  views: [{ name: 'all', view: '#/replay' }],
};
const EMPTY = { text: '', tags: [], bookmarks: [], views: [] };

let test: TestLab;
let home: string;
let client: LabClient;
beforeEach(() => {
  test = testLab({}, (home) => {
    mkdirSync(path.join(home, 'traces'));
    copyFileSync(path.join(SAMPLES, 'copy-64k.mctrace'), path.join(home, 'traces/mine.mctrace'));
  });
  ({ home, client } = test);
});
afterEach(() => test.end());

it('names a trace that is not there, and notes that cannot be read', async () => {
  expect(await codeOf(client.call('notes.get', { trace: 'user/../x.mctrace' }))).toBe('NOT_FOUND');
  expect(await codeOf(client.call('notes.set', { trace: 'user/no.mctrace', notes: NOTES }))).toBe(
    'NOT_FOUND',
  );
  writeFileSync(path.join(home, 'traces/mine.mctrace.notes.json'), '{');
  expect(await codeOf(client.call('notes.get', { trace: 'user/mine.mctrace' }))).toBe(
    'CORRUPT_FILE',
  );
  expect(await client.call('notes.list', {})).toEqual([]);
});

it('keeps them beside the trace, into the trash and back', async () => {
  const trace = 'user/mine.mctrace';
  expect(await client.call('notes.get', { trace })).toEqual(EMPTY);
  await client.call('notes.set', { trace, notes: NOTES });
  expect(await client.call('notes.list', {})).toEqual([
    { trace, text: NOTES.text, tags: NOTES.tags, bookmarks: 1 },
  ]);
  const item = await client.call('library.remove', { trace });
  expect(readdirSync(path.join(home, 'traces'))).toEqual([]);
  const entry = await client.call('library.restore', { item: item.id });
  expect(await client.call('notes.get', { trace: entry.id })).toEqual(NOTES);
});

it('keeps those on a sample with the user, for samples are not written to', async () => {
  const before = readdirSync(SAMPLES);
  const trace = 'sample/map-64k.mctrace';
  expect(await client.call('notes.get', { trace })).toEqual(EMPTY);
  // Who only reads needs no folder to write in.
  expect(readdirSync(home)).not.toContain('sample-notes');
  await client.call('notes.set', { trace, notes: NOTES });
  expect(await client.call('notes.get', { trace })).toEqual(NOTES);
  expect(readdirSync(SAMPLES)).toEqual(before);
  await client.call('notes.set', { trace, notes: EMPTY });
  expect(await client.call('notes.list', {})).toEqual([]);
});
