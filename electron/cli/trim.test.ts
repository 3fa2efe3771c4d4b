/** `mapcopy trim` as a user types it. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../../traces/testing/temp.ts';
import { mapcopy } from './testing.ts';

const SAMPLE = path.resolve(import.meta.dirname, '../../traces/samples/copy-64k.mctrace');

describe('mapcopy trim', () => {
  it.each([
    [[], 'no file is named'],
    [[SAMPLE, '--from', '1ms'], 'no trace to write is named'],
    [[SAMPLE, '--from', '1ms', '--out', 'part.json'], 'no trace to write is named'],
    [[SAMPLE, '--out', 'OUT'], 'nothing is selected'],
    [[SAMPLE, '--from', '1 week', '--out', 'OUT'], 'that is no time'],
    [[SAMPLE, '--from', '1.5ps', '--out', 'OUT'], 'that is no time'],
    [[SAMPLE, '--from', '2us', '--to', '2000', '--out', 'OUT'], 'ends before it begins'],
    [[SAMPLE, '--until', '2us', '--to', '2us', '--out', 'OUT'], 'the end is given twice'],
    [[SAMPLE, '--requests', '9-5', '--out', 'OUT'], 'those are no requests'],
    [[SAMPLE, '--requests', '0', '--out', 'OUT'], 'those are no requests'],
  ])('refuses %j and leaves nothing', async (args, words) => {
    const folder = tempFolder();
    const given = args.map((arg) => (arg === 'OUT' ? path.join(folder, 'a.mctrace') : arg));
    const { status, out, err } = await mapcopy(['trim', ...given]);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(/^error: BAD_USAGE: [^\n]*\n$/);
    expect(err).toContain(words);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('makes a trace that the other commands take', async () => {
    const file = path.join(tempFolder(), 'part.mctrace');
    const args = ['trim', SAMPLE, '--from', '20us', '--until', '0.05ms', '--out', file, '--json'];
    const { status, out } = await mapcopy(args);
    expect(status).toBe(0);
    const { events } = JSON.parse(out) as { events: number };
    const info = await mapcopy(['info', file, '--json']);
    expect(JSON.parse(info.out)).toMatchObject({ events, status: 'incomplete' });
    const sql = 'SELECT count(*) FROM events WHERE ts < 50000000 AND ts + dur >= 20000000';
    const counted = await mapcopy(['query', file, sql, '--json']);
    expect(JSON.parse(counted.out)).toMatchObject({ rows: [[events]] });
  });
});
