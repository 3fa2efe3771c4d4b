/** Events about a frame: not those of others that have its name at another time, then all of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { K } from '../../core/contract/kinds.ts';
import { importTrace } from '../import/import.ts';
import { ChunkFiller, begin, head, madeResult, type MadeEvent } from '../testing/stream.ts';
import { createTraceWriter } from '../write/writer.ts';
import { openTrace, type TraceReader } from './reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'mapcopy-about-'));
const A = 0x10_0007;
const B = 0x10_0008;
const PLAIN = 0x10_0100;
/** A's life, in which its iova 50 is B's before and after; null marks what is not about A. */
const STORY: readonly (readonly [name: string | null, event: Omit<MadeEvent, 'ts'>])[] = [
  [null, { kind: K.iommuMap, frame: B, arg: 50 }],
  [null, { kind: K.dmaRead, frame: 50, bytes: 64 }],
  [null, { kind: K.iommuUnmap, frame: B, arg: 50 }],
  [null, { kind: K.iotlbInv, arg: 50, n: 1 }],
  [null, { kind: K.iovaFree, arg: 50, n: 1 }],
  ['granted by gfn', { kind: K.grantAccess, frame: 7, arg: 8 }],
  [null, { kind: K.grantAccess, frame: 8, arg: 9 }],
  ['range taken for it', { kind: K.iovaAlloc, arg: 48, n: 4 }],
  ['asked for by gfn', { kind: K.virtioIommuMap, frame: 5, arg: 48, n: 4 }],
  ['entry', { kind: K.iommuMap, frame: A, arg: 50 }],
  [null, { kind: K.iommuMap, frame: B, arg: 51 }],
  [null, { kind: K.dmaRead, frame: 51, bytes: 64 }],
  ['walked', { kind: K.iotlbWalk, frame: 50, arg: 4 }],
  ['read by the device', { kind: K.dmaRead, frame: 50, bytes: 4096 }],
  ['copied from the page before on', { kind: K.cpuCopy, frame: A - 1, bytes: 8192 }],
  [null, { kind: K.cpuCopy, frame: A - 1, bytes: 4096 }],
  ['entry gone', { kind: K.iommuUnmap, frame: A, arg: 50 }],
  ['stale hit', { kind: K.dmaWrite, frame: 50, arg: 2 }],
  ['flushed', { kind: K.iotlbInv, arg: 48, n: 4 }],
  [null, { kind: K.iotlbInv, arg: -1 }],
  // Another's space, in which the same numbers mean something else.
  [null, { kind: K.iovaFree, arg: 48, n: 4, track: 2 }],
  ['refused', { kind: K.fault, frame: 50, arg: 5 }],
  ['range given back', { kind: K.iovaFree, arg: 48, n: 4 }],
  [null, { kind: K.iovaAlloc, arg: 50, n: 1 }],
  [null, { kind: K.iommuMap, frame: B, arg: 50 }],
  [null, { kind: K.dmaRead, frame: 50, bytes: 64 }],
];
/** Beyond where one look at the trace ends. */
const BETWEEN = 130_000;
let reader: TraceReader;
const wanted = new Map<number, string>();

beforeAll(() => {
  const path = join(folder, 'story.mctrace');
  const writer = createTraceWriter(path, head);
  begin(writer);
  const filler = new ChunkFiller(writer);
  let ts = 0;
  const pass = (events: number) => {
    for (let i = 0; i < events; i++) filler.add({ ts: (ts += 1000), kind: K.upcall });
  };
  const live = () => {
    for (const [name, event] of STORY) {
      const id = filler.add({ ts: (ts += 1000), ...event });
      if (name !== null) wanted.set(id, name);
    }
  };
  live();
  pass(BETWEEN);
  live();
  for (const kind of [K.iotlbWalk, K.dmaRead, K.fault]) {
    filler.add({ ts: (ts += 1000), kind, frame: PLAIN, bytes: 64 });
  }
  pass(3);
  filler.flush();
  writer.finish({ status: 'complete', result: madeResult(0) });
  reader = openTrace(path);
});
afterAll(() => {
  reader.close();
  rmSync(folder, { recursive: true });
});

function findAll(about: string, direction: 'forward' | 'backward' = 'forward', limit = 1000) {
  const ids: number[] = [];
  for (let at: number | null = 0; at !== null;) {
    const found = reader.find({ from: at, direction, limit, failed: false, about });
    ids.push(...found.events.map(({ id }) => id));
    at = found.next;
  }
  return ids;
}

describe('events about a frame', () => {
  it('are none where nobody names it', () => {
    expect(findAll('0x7ffffff0')).toEqual([]);
    expect(findAll('18446744073709551615')).toEqual([]);
  });

  it('are those that name it, whatever by, while the name is its own', () => {
    const found = findAll(`0x${A.toString(16)}`);
    expect(found.map((id) => wanted.get(id) ?? `not its own: ${id}`)).toEqual([...wanted.values()]);
  });

  it('are those of a device frame number that nobody mapped, which is the mfn, but no refusals', () => {
    expect(findAll(String(PLAIN)).map((id) => reader.event(id).event.name)).toEqual([
      'IOTLB.walk',
      'DMA.rd',
    ]);
  });

  it('are the same backwards and a few at a time', () => {
    const ids = [...wanted.keys()];
    expect(findAll(String(A), 'backward')).toEqual(ids.toReversed());
    expect(findAll(String(A), 'forward', 3)).toEqual(ids);
  });

  it('are looked for in bounded steps', () => {
    const first = reader.find({
      from: 200,
      direction: 'forward',
      limit: 9,
      failed: false,
      about: String(A),
    });
    expect(first.events).toEqual([]);
    expect(first.scanned).toBeLessThanOrEqual(100_000);
    expect(first.next).not.toBeNull();
  });

  it('meet the other conditions as well', () => {
    const found = reader.find({
      from: 0,
      direction: 'forward',
      limit: 10,
      failed: false,
      about: String(A),
      kinds: [K.dmaWrite],
    });
    expect(found.events.map(({ id }) => wanted.get(id))).toEqual(['stale hit']);
  });
});

describe('of a recording', () => {
  it('are by physical address, and by the iova mapped to it', async () => {
    const input = join(import.meta.dirname, '../../test/fixtures/maps.ftrace.txt');
    const output = join(folder, 'recorded.mctrace');
    await importTrace({ input, output, name: 'x', recordedAt: '2026-01-01T00:00:00.000Z' });
    const log = openTrace(output);
    const rows = log.events(1, 100);
    const map = rows.find((row) => row.kind === K.recIommuMap);
    const page = BigInt(map?.frame ?? 0) / 4096n;
    const found = log.find({
      from: 0,
      direction: 'forward',
      limit: 50,
      failed: false,
      about: String(page),
    });
    const named = found.events.map((row) => row.name);
    log.close();
    expect(named).toEqual(['iommu.map', 'iommu.unmap']);
  });
});
