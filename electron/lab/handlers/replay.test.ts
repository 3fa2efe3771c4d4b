/** Counters of a long time come in parts, and are what one look at them would have shown. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ResultOf } from '../../../core/contract/index.ts';
import { createTraceWriter, openTrace } from '../../../traces/index.ts';
import { ChunkFiller, begin, head, madeResult } from '../../../traces/testing/stream.ts';
import type { LabContext } from './context.ts';
import { replayHandlers } from './replay.ts';

const folder = mkdtempSync(join(tmpdir(), 'mapcopy-counters-'));
const path = join(folder, 'long.mctrace');
const EVENTS = 250_000;
const TICKS = 100_000;
const writer = createTraceWriter(path, head);
begin(writer);
const filler = new ChunkFiller(writer);
for (let id = 1; id <= EVENTS; id++) {
  filler.add({ ts: id * TICKS, kind: 62 });
  if (id % 50 === 0) writer.sample(1, id * TICKS, (id / 50) % 97);
}
writer.sample(2, 140_000 * TICKS, 7);
filler.flush();
writer.finish({ status: 'complete', result: madeResult(0) });
const reader = openTrace(path);
afterAll(() => {
  reader.close();
  rmSync(folder, { recursive: true });
});

const handlers = replayHandlers({ library: { reader: () => reader } } as unknown as LabContext);
const ask = (from: number, to: number, buckets: number) =>
  handlers['trace.counters'](
    { trace: 'x', from, to, buckets },
    { signal: new AbortController().signal, progress: () => undefined },
  ) as Promise<ResultOf<'trace.counters'>>;
/** A counter's value at some times, as a viewer takes it from the columns. */
const valuesAt = (list: ResultOf<'trace.counters'>, counter: number, times: readonly number[]) => {
  const columns = list.find((each) => each.counter === counter);
  return times.map((time) => columns?.last[columns.ts.findLastIndex((ts) => ts <= time)]);
};

describe('counters', () => {
  it('of a time without events are none', async () => {
    const list = await ask(EVENTS * 2 * TICKS, EVENTS * 3 * TICKS, 100);
    expect(list.map((each) => each.ts.length)).toEqual([1, 1]);
  });

  it('of a long time are in order, with extremes and values of one look', async () => {
    const list = await ask(0, EVENTS * TICKS, 5000);
    const whole = reader.counters({ from: 0, to: EVENTS * TICKS, buckets: 5000 });
    const times = [0, 50, 83_333, 139_999, 140_000, 200_001, EVENTS].map((id) => id * TICKS);
    for (const counter of [1, 2]) {
      const ts = list.find((each) => each.counter === counter)?.ts ?? [];
      expect(ts.length).toBeGreaterThan(0);
      expect([...ts].sort((a, b) => a - b)).toEqual(ts);
      expect(new Set(ts).size).toBe(ts.length);
      expect(valuesAt(list, counter, times)).toEqual(valuesAt(whole, counter, times));
    }
    expect(Math.max(...(list[0]?.max ?? []))).toBe(96);
  });
});
