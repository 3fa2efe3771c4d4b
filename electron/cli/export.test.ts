/** `mapcopy export` as a user types it. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../../traces/testing/temp.ts';
import { mapcopy } from './testing.ts';

const SAMPLE = path.resolve(import.meta.dirname, '../../traces/samples/copy-64k.mctrace');

describe('mapcopy export', () => {
  it.each([
    [[], 'BAD_USAGE', 'no file is named'],
    [[SAMPLE], 'BAD_USAGE', 'no format is named'],
    [[SAMPLE, '--to', 'csv'], 'BAD_USAGE', 'no file to write is named'],
    [[SAMPLE, '--to', 'xml', '--out', 'OUT'], 'BAD_USAGE', 'there is no such format'],
    [[SAMPLE, '--to', 'csv', '--out', 'OUT', '--from', 'now'], 'BAD_USAGE', 'that is no time'],
    [
      [SAMPLE, '--to', 'csv', '--out', 'OUT', '--from', '2us', '--until', '1999ns'],
      'BAD_USAGE',
      'ends before it begins',
    ],
    [['nowhere.mctrace', '--to', 'csv', '--out', 'OUT'], 'FILE_NOT_FOUND', 'nowhere'],
  ])('refuses %j and leaves nothing', async (args, code, words) => {
    const folder = tempFolder();
    const given = args.map((arg) => (arg === 'OUT' ? path.join(folder, 'out') : arg));
    const { status, out, err } = await mapcopy(['export', ...given]);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(new RegExp(`^error: ${code}: [^\n]*\n$`));
    expect(err).toContain(words);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('takes the part of the time that trim takes', async () => {
    const folder = tempFolder();
    const [csv, part] = ['part.csv', 'part.mctrace'].map((name) => path.join(folder, name));
    const range = ['--from', '20us', '--until', '0.05ms', '--json'];
    const out = await mapcopy(['export', SAMPLE, '--to', 'csv', '--out', csv ?? '', ...range]);
    const trimmed = await mapcopy(['trim', SAMPLE, '--out', part ?? '', ...range]);
    const { events } = JSON.parse(out.out) as { events: number };
    expect(JSON.parse(trimmed.out)).toMatchObject({ events });
    const lines = readFileSync(csv ?? '', 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1);
    expect(lines).toHaveLength(events);
    for (const line of lines) expect(Number(line.split(',')[1])).toBeLessThan(50_000);
  });

  it('says what it wrote', async () => {
    const file = path.join(tempFolder(), 'out.jsonl');
    const args = ['export', SAMPLE, '--to', 'jsonl', '--out', file];
    const { status, out } = await mapcopy([...args, '--json']);
    expect(status).toBe(0);
    const events = readFileSync(file, 'utf8').trimEnd().split('\n').length;
    expect(JSON.parse(out)).toEqual({ file, events });
    const again = await mapcopy(args);
    expect(again.status).toBe(2);
    expect(again.err).toContain('add --force');
    expect((await mapcopy([...args, '--force'])).status).toBe(0);
  });
});
