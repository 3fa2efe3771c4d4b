/** Search: what nothing is found for, then that a search finds what plain SQL finds, step by step. */
import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { K } from '../../core/contract/kinds.ts';
import { MAX_FIND_EVENTS } from '../../core/contract/methods/index.ts';
import { importTrace } from '../import/import.ts';
import { ChunkFiller, begin, emitRun, head, madeResult } from '../testing/stream.ts';
import { createTraceWriter } from '../write/writer.ts';
import type { FindArgs } from './find.ts';
import { openTrace, type TraceReader } from './reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'mapcopy-find-'));
const made = join(folder, 'made.mctrace');
const rare = join(folder, 'rare.mctrace');
const recorded = join(folder, 'recorded.mctrace');
const RARE_AT = [7, 400_000, 900_000];
let reader: TraceReader;

beforeAll(async () => {
  const writer = createTraceWriter(made, head);
  emitRun(writer, 2000);
  writer.finish({ status: 'complete', result: madeResult(2000) });
  const long = createTraceWriter(rare, head);
  begin(long);
  const filler = new ChunkFiller(long);
  for (let id = 1; id <= 900_000; id++) {
    const isRare = RARE_AT.includes(id);
    filler.add({
      ts: id * 1000,
      kind: isRare ? K.trouble : K.upcall,
      ...(isRare && { status: -12 }),
    });
  }
  filler.flush();
  long.finish({ status: 'complete', result: madeResult(0) });
  const input = join(import.meta.dirname, '../../test/fixtures/maps.ftrace.txt');
  await importTrace({ input, output: recorded, name: 'x', recordedAt: '2026-01-01T00:00:00.000Z' });
  reader = openTrace(made);
}, 60_000);
afterAll(() => {
  reader.close();
  rmSync(folder, { recursive: true });
});

const ALL = { from: 0, direction: 'forward', limit: 1000, failed: false } as const;

/** Goes on until there is nothing more; ids in the order of the search. */
function findAll(args: Partial<FindArgs>, from = reader): number[] {
  const ids: number[] = [];
  for (let at: number | null = args.from ?? 0; at !== null;) {
    const { events, next, scanned } = from.find({ ...ALL, ...args, from: at });
    expect(scanned).toBeLessThanOrEqual(MAX_FIND_EVENTS);
    ids.push(...events.map(({ id }) => id));
    if (next !== null && next === at) throw new Error('the search stands still');
    at = next;
  }
  return ids;
}

function sqlIds(where: string): number[] {
  const db = new Database(made, { readonly: true });
  const ids = db.prepare(`SELECT id FROM events WHERE ${where} ORDER BY id`).pluck().all();
  db.close();
  return ids as number[];
}

describe('nothing is found', () => {
  it.each<[string, Partial<FindArgs>]>([
    ['a request that is not there', { request: 999_999 }],
    ['a kind that is not there', { kinds: [K.gttWrite] }],
    ['no kind at all', { kinds: [] }],
    ['a track that is not there', { tracks: [99] }],
    ['a text that is nowhere', { text: "x' OR 1 = 1 --" }],
    ['a text of wild cards alone', { text: '%%' }],
    ['a place beyond the end', { from: 10_000_000 }],
    ['a frame beyond all', { frame: '18446744073709551615' }],
  ])('for %s', (_, args) => {
    expect(findAll(args)).toEqual([]);
  });
});

describe('a search', () => {
  it.each<[string, Partial<FindArgs>, string]>([
    ['kinds', { kinds: [K.upcall, K.mapGrantRef] }, `kind IN (${K.upcall}, ${K.mapGrantRef})`],
    ['part of a name', { text: 'grant_REF' }, `kind IN (${K.mapGrantRef}, ${K.unmapGrantRef})`],
    ['a track', { tracks: [1], kinds: [K.upcall] }, `track = 1 AND kind = ${K.upcall}`],
    ['a frame in hexadecimal', { frame: '0x100001' }, 'frame = 1048577'],
    ['a frame in decimal', { frame: '1048577' }, 'frame = 1048577'],
    ['a request', { request: 77 }, 'request = 77'],
    ['a duration', { minDur: 3_000_000 }, 'dur >= 3000000'],
  ])('for %s finds what SQL finds, forwards and backwards', (_, args, where) => {
    const ids = sqlIds(where);
    expect(ids.length).toBeGreaterThan(0);
    expect(findAll(args)).toEqual(ids);
    expect(findAll({ ...args, limit: 7 })).toEqual(ids);
    expect(findAll({ ...args, direction: 'backward' })).toEqual(ids.toReversed());
  });

  it('goes on from where it is told', () => {
    const [first, second, third] = sqlIds(`kind = ${K.upcall}`);
    const find = (args: Partial<FindArgs>) =>
      reader.find({ ...ALL, kinds: [K.upcall], limit: 1, ...args }).events[0]?.id;
    expect(find({ from: (first ?? 0) + 1 })).toBe(second);
    expect(find({ from: (third ?? 0) - 1, direction: 'backward' })).toBe(second);
  });

  it('passes over parts where there is nothing of the kind, and bounds what it cannot pass over', () => {
    const long = openTrace(rare);
    expect(findAll({ kinds: [K.trouble] }, long)).toEqual(RARE_AT);
    expect(findAll({ kinds: [K.trouble], direction: 'backward' }, long)).toEqual(
      RARE_AT.toReversed(),
    );
    const { events, next, scanned } = long.find({ ...ALL, kinds: [K.trouble], from: 8, limit: 1 });
    expect(events.map(({ id }) => id)).toEqual([400_000]);
    expect(next).toBe(400_001);
    expect(scanned).toBeLessThan(200_000);
    // Statuses are in no summary.
    const plain = long.find({ ...ALL, failed: true, from: 8 });
    expect(plain.events.map(({ id }) => id)).toEqual([400_000]);
    expect(plain).toMatchObject({ next: 500_008, scanned: MAX_FIND_EVENTS });
    expect(findAll({ failed: true }, long)).toEqual(RARE_AT);
    long.close();
  });

  it('of a recording looks into fields and lines', () => {
    const log = openTrace(recorded);
    expect(findAll({ text: 'QEMU-kvm' }, log).length).toBe(5);
    expect(findAll({ text: 'unmapped_size=8192' }, log)).toEqual([4]);
    expect(findAll({ frame: '0x55550000' }, log)).toEqual([5]);
    log.close();
  });
});
