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
