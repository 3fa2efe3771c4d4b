/** An import is the same whether one thread writes it or two. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { allRows } from '../../testing/rows.ts';
import { rejectionOf, tempFolder } from '../../testing/temp.ts';
import { importTrace } from '../import.ts';

const LINES = 36_000;

/** Mappings, some of which end late; requests; addresses of 64 bits; letters of many bytes. */
function text(from: number, lines: number): string {
  const hex = (value: number) => value.toString(16).padStart(16, '0');
  return Array.from({ length: lines }, (_, i) => {
    const n = from + i;
    const head = ` qemu-äß水😀-27711 [00${n % 4}] .... ${100 + Math.floor(n / 1e6)}.${String(n % 1e6).padStart(6, '0')}:`;
    const at = 4096 * (n >> 2);
    const range = `IOMMU: iova=0x${hex(at)} - 0x${hex(at + 4096)}`;
    switch (n % 5) {
      case 0:
        return `${head} map: ${range} paddr=0xfffffffffff${hex(n).slice(-4)}0 size=4096`;
      case 1:
        return `${head} block_rq_issue: 8,0 R 4096 () ${n} + 8 [fio]`;
      case 2:
        return `${head} block_rq_complete: 8,0 R () ${n - 1} + 8 [0]`;
      case 3:
        return `what is this ${n}`;
      default:
        return `${head} unmap: ${range} size=4096 unmapped_size=4096`;
    }
  }).join('\n');
}

const recordedAt = '2026-01-01T00:00:00.000Z';

it.each([
  ['in order', [0, LINES / 2]],
  ['out of order', [LINES / 2, 0]],
])('is the same %s', async (_, parts) => {
  const folder = tempFolder();
  const input = join(folder, 'trace.txt');
  writeFileSync(input, parts.map((from) => text(from, LINES / 2)).join('\n'));
  const files = await Promise.all(
    [0, Infinity].map(async (sharedFrom, i) => {
      const output = join(folder, `${i}.mctrace`);
      const counts = await importTrace({ input, output, name: 'a', recordedAt, sharedFrom });
      return { counts, rows: allRows(output) };
    }),
  );
  // Every fifth line is no event and warned of.
  expect(files[0]?.counts.events).toBe((LINES / 5) * 4);
  expect(files[0]).toEqual(files[1]);
  expect(readdirSync(folder).sort()).toEqual(['0.mctrace', '1.mctrace', 'trace.txt']);
});

it('leaves nothing when it is cancelled', async () => {
  const folder = tempFolder();
  const input = join(folder, 'trace.txt');
  writeFileSync(input, text(0, LINES));
  for (const bytes of [0, 100_000, 2_000_000]) {
    const stop = new AbortController();
    const onProgress = ({ bytesDone }: { bytesDone: number }) => {
      if (bytesDone > bytes) stop.abort();
    };
    const output = join(folder, 'a.mctrace');
    const { signal } = stop;
    const job = { input, output, name: 'a', recordedAt, sharedFrom: 0, onProgress, signal };
    expect(await rejectionOf(importTrace(job))).toMatchObject({ code: 'CANCELLED' });
    expect(readdirSync(folder)).toEqual(['trace.txt']);
  }
});
