/** What is listed of very many hazards: never only those of which there are many. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { K } from '../../core/contract/kinds.ts';
import type { HazardId } from '../../core/contract/ids.ts';
import { ChunkFiller, begin, head, madeResult } from '../testing/stream.ts';
import { createTraceWriter } from '../write/writer.ts';
import { openTrace } from './reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'mapcopy-hazards-'));
const path = join(folder, 'many.mctrace');
const writer = createTraceWriter(path, head);
begin(writer);
const filler = new ChunkFiller(writer);
for (let id = 1; id <= 300; id++) filler.add({ ts: id, kind: K.upcall });
filler.flush();
const codes: HazardId[] = Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? 'H4' : 'H3'));
codes[298] = 'H7';
codes.forEach((code, i) => {
  writer.hazard({
    ...{ id: i + 1, code, actor: 'device', frame: 0x10_0000 + i, frames: 1, note: '' },
    ...{ opened: i, closed: i + 1, request: 1, causes: [i + 1, 300] },
  });
});
writer.finish({ status: 'complete', result: madeResult(0) });
const reader = openTrace(path);
afterAll(() => {
  reader.close();
  rmSync(folder, { recursive: true });
});

it('hazards that all fit are all there, each with its causes', () => {
  const all = reader.hazards(1000);
  expect(all.map(({ code }) => code)).toEqual(codes);
  expect(all.every(({ id, causes }) => causes.join() === `${id},300`)).toBe(true);
});

it('of more than fit the rare ones are there, and of the others the first', () => {
  const some = reader.hazards(21);
  const of = (code: string) => some.filter((each) => each.code === code).map(({ id }) => id);
  expect(of('H7')).toEqual([299]);
  expect(of('H4')).toEqual(Array.from({ length: 10 }, (_, i) => i * 3 + 1));
  expect(of('H3')).toHaveLength(10);
  expect(some.map(({ id }) => id)).toEqual(some.map(({ id }) => id).sort((a, b) => a - b));
});
