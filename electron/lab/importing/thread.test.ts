import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { ImportProgress } from '../../../core/contract/index.ts';
import { importInThread } from './thread.ts';

function recording(lines: number): { folder: string; input: string; output: string } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-importing-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const input = path.join(folder, 'recording');
  const line = (_: unknown, i: number) => ` kvm-1 [000] ${i}.000001: my_probe: index=${i}\n`;
  writeFileSync(input, Array.from({ length: lines }, line).join(''));
  return { folder, input, output: path.join(folder, 'o.mctrace') };
}

it('a refusal comes out of the thread as it is, a cancel leaves nothing', async () => {
  const { folder, input, output } = recording(0);
  const job = { input, output, name: '', recordedAt: '' };
  await expect(importInThread(job)).rejects.toMatchObject({ data: { code: 'NO_EVENTS' } });
  const long = recording(200_000);
  const stop = new AbortController();
  const cancelled = importInThread({
    ...job,
    ...long,
    signal: stop.signal,
    onProgress: () => stop.abort(),
  });
  await expect(cancelled).rejects.toMatchObject({ data: { code: 'CANCELLED' } });
  for (const each of [folder, long.folder]) expect(readdirSync(each)).toEqual(['recording']);
});

it('an import tells how far it is and what it found', async () => {
  const { input, output } = recording(1000);
  const seen: ImportProgress[] = [];
  const counts = await importInThread({
    input,
    output,
    name: '',
    recordedAt: '',
    onProgress: (progress) => seen.push(progress),
  });
  expect(counts).toMatchObject({ format: 'ftrace', events: 1000 });
  expect(seen.at(-1)).toMatchObject({ events: 1000 });
});
