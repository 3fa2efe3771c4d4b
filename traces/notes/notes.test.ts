/** Notes beside a trace: first what is refused, then that they are kept whole. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportTrace } from '../export/export.ts';
import type { Notes } from '../../core/contract/methods/index.ts';
import { errorOf, rejectionOf, tempFolder } from '../testing/temp.ts';
import { trimTrace } from '../trim/trim.ts';
import { noNotes, notesFileOf, readNotes, writeNotes } from './notes.ts';

const NOTES: Notes = {
  text: '# Strict or lazy?\n<script>alert(1)</script>',
  tags: ['Xen', 'naïve ☃'],
  bookmarks: [
    { tick: 5, text: 'begins' },
    { tick: 300_000_000, text: '' },
  ],
  views: [{ name: 'first flush', view: '#/replay?trace=a&from=1&to=2' }],
};

describe('a notes file that is not one', () => {
  it.each([
    ['no JSON', '{"mapcopyNotes": 1, '],
    ['another document', '{"name": "x"}'],
    ['a field too many', '{"mapcopyNotes": 1, "tags": [], "text": 5}'],
    ['a bookmark at no moment', '{"mapcopyNotes": 1, "bookmarks": [{"tick": "now"}]}'],
    ['a tick beyond all', '{"mapcopyNotes": 1, "bookmarks": [{"tick": 1e300}]}'],
    ['too much of it', JSON.stringify({ mapcopyNotes: 1, tags: Array(51).fill('a') })],
    ['a list', '[]'],
    ['null', 'null'],
  ])('is refused, and not overwritten: %s', (_, text) => {
    const file = join(tempFolder(), 'a.notes.json');
    writeFileSync(file, text);
    expect(errorOf(() => readNotes(file))).toMatchObject({ code: 'CORRUPT_FILE', where: file });
    expect(errorOf(() => writeNotes(file, NOTES)).code).toBe('CORRUPT_FILE');
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('is refused with its number when it is newer', () => {
    const file = join(tempFolder(), 'a.notes.json');
    writeFileSync(file, '{"mapcopyNotes": 7}');
    expect(errorOf(() => readNotes(file))).toMatchObject({ code: 'NEWER_FORMAT' });
    expect(errorOf(() => readNotes(file)).what).toContain('format 7');
  });

  it('may be a folder, or lie where nobody may write', () => {
    const folder = tempFolder();
    const file = join(folder, 'a.notes.json');
    mkdirSync(file);
    expect(errorOf(() => readNotes(file)).code).toBe('CORRUPT_FILE');
    const nowhere = join(folder, 'none', 'a.notes.json');
    expect(errorOf(() => writeNotes(nowhere, NOTES)).code).toBe('UNWRITABLE');
    expect(readdirSync(folder)).toEqual(['a.notes.json']);
  });
});

describe('notes', () => {
  it('come back as they were; no notes are no file', () => {
    const folder = tempFolder();
    const file = notesFileOf(join(folder, 'a.mctrace'));
    expect(readNotes(file)).toEqual(noNotes());
    writeNotes(file, NOTES);
    expect(readNotes(file)).toEqual(NOTES);
    expect(readdirSync(folder)).toEqual(['a.mctrace.notes.json']);
    writeNotes(file, noNotes());
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of a trace go with a part of it, with the bookmarks of its time', async () => {
    const folder = tempFolder();
    const whole = join(folder, 'whole.mctrace');
    const sample = join(import.meta.dirname, '../samples/map-64k.mctrace');
    writeFileSync(whole, readFileSync(sample));
    writeNotes(notesFileOf(whole), NOTES);
    const output = join(folder, 'part.mctrace');
    const selection = { fromPs: 100_000_000n, toPs: 400_000_000n };
    await trimTrace({ input: whole, output, force: false, selection });
    expect(readNotes(notesFileOf(output))).toEqual({
      ...NOTES,
      bookmarks: [{ tick: 300_000_000, text: '' }],
    });
    expect(existsSync(notesFileOf(whole))).toBe(true);
  });

  it('that cannot be read stop a trim before it writes anything', async () => {
    const folder = tempFolder();
    const whole = join(folder, 'whole.mctrace');
    writeFileSync(whole, readFileSync(join(import.meta.dirname, '../samples/map-64k.mctrace')));
    writeFileSync(notesFileOf(whole), '{');
    const output = join(folder, 'part.mctrace');
    const trim = trimTrace({ input: whole, output, force: false, selection: {} });
    expect((await rejectionOf(trim)).code).toBe('CORRUPT_FILE');
    expect(existsSync(output)).toBe(false);
  });

  it('are in an export that has a place for them', async () => {
    const folder = tempFolder();
    const input = join(folder, 'whole.mctrace');
    writeFileSync(input, readFileSync(join(import.meta.dirname, '../samples/map-64k.mctrace')));
    writeNotes(notesFileOf(input), NOTES);
    const output = join(folder, 'whole.json');
    await exportTrace({ input, output, force: false, to: 'chrome-json' });
    const { otherData } = JSON.parse(readFileSync(output, 'utf8')) as { otherData: object };
    expect(otherData).toMatchObject({
      program: expect.stringContaining('mapcopy') as string,
      notes: { text: NOTES.text, tags: NOTES.tags, bookmarks: [{ text: 'begins' }, { text: '' }] },
    });
  });
});
