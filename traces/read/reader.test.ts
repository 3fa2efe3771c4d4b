import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { K } from '../../core/contract/kinds.ts';
import {
  ChunkFiller,
  EVENTS_PER_BATCH,
  begin,
  emitRun,
  head,
  madeResult,
  type MadeEvent,
} from '../testing/stream.ts';
import { errorOf, tempFolder } from '../testing/temp.ts';
import { createTraceWriter, type TraceWriter } from '../write/writer.ts';
import { openTrace, type TraceReader } from './reader.ts';

function record(fill: (writer: TraceWriter) => void, batches: number): TraceReader {
  const path = join(tempFolder(), 'run.mctrace');
  const writer = createTraceWriter(path, head);
  fill(writer);
  writer.finish({ status: 'complete', result: madeResult(batches) });
  const reader = openTrace(path);
  onTestFinished(() => reader.close());
  return reader;
}

const batches = (count: number) => record((writer) => emitRun(writer, count), count);

function recordEvents(events: readonly MadeEvent[]): TraceReader {
  return record((writer) => {
    begin(writer);
    const filler = new ChunkFiller(writer);
    for (const event of events) filler.add(event);
    filler.flush();
  }, 0);
}

/** Nested spans of very different lengths on two tracks: long ones enclose thousands of short. */
function nested(count: number): MadeEvent[] {
  const events: MadeEvent[] = [];
  const lengths = [count * 1000, 400_000, 9000, 300];
  for (let i = 0; i < count; i++) {
    const ts = i * 1000;
    lengths.forEach((dur, level) => {
      if (ts % dur < 1000 && (level === 0 ? i === 0 : true)) {
        events.push({ ts, dur, kind: 60 + level, track: 1 + (level === 1 ? 1 : 0), level });
      }
    });
  }
  return events;
}

describe('questions without an answer', () => {
  it('name what is not there', () => {
    const reader = batches(1);
    expect(errorOf(() => reader.event(0)).code).toBe('NOT_FOUND');
    expect(errorOf(() => reader.event(EVENTS_PER_BATCH + 1)).code).toBe('NOT_FOUND');
    expect(errorOf(() => reader.request(9)).code).toBe('NOT_FOUND');
    expect(reader.at(Number.MAX_SAFE_INTEGER)).toEqual({ event: 0 });
    expect(reader.events(EVENTS_PER_BATCH + 1, 10)).toEqual([]);
    const backwards = { from: 10, to: 0, buckets: 1, maxEvents: 1 };
    expect(reader.window(backwards).id).toEqual([]);
    expect(reader.counters(backwards)).toEqual([]);
  });

  it('are answered with nothing by an empty trace', () => {
    const reader = recordEvents([]);
    expect(reader.info('x')).toMatchObject({ events: 0, lastTick: 0, requests: 0 });
    expect(reader.window({ from: 0, to: 1e12, buckets: 10, maxEvents: 10 }).id).toEqual([]);
    expect(reader.summary().activity).toEqual(new Array(48).fill(0));
  });
});

describe('info, summary, describe', () => {
  it('say what the trace is', () => {
    const reader = batches(100);
    const info = reader.info('sample:run', 'called so');
    expect(info).toMatchObject({
      id: 'sample:run',
      name: 'called so',
      kind: 'simulated',
      status: 'complete',
      tickPs: 1,
      firstTick: 0,
      lastTick: 99 * 20_000_000 + 18_500_000,
      events: 3500,
      requests: 800,
      hazardsTotal: 1,
      scenario: head.scenario,
    });
    expect(info.result?.file).toBe('run.mctrace');
    expect(
      info.tracks.map((track) => [track.name, track.actor, track.levels, track.events]),
    ).toEqual([
      ['guest', 'frontend', 1, 900],
      ['netback', 'backend', 2, 1800],
      ['NIC', 'NIC', 1, 800],
    ]);
    expect(info.kinds.find((kind) => kind.code === K.grantMap)).toMatchObject({
      name: 'GT.map',
      counts: ['map'],
      events: 800,
    });
    expect(info.counters).toEqual([
      { id: 1, name: 'pinned pages', unit: 'pages', max: 8 },
      { id: 2, name: 'ring slots', unit: 'slots', max: 99 },
    ]);
    expect(info.exposure?.['frontend']).toMatchObject({
      heldByteSeconds: 1.5,
      standingBytes: 4096,
    });
    expect(reader.summary()).toMatchObject({
      name: 'made up',
      strategy: 'grant-copy',
      pair: 'native',
      hazards: { H1: null, H3: 2 },
      recordedAt: head.recordedAt,
      importCounts: null,
    });
    expect(reader.describe('a.mctrace')).toMatchObject({ file: 'a.mctrace', spanNs: 1_998_500 });
  });

  it.each([100, 3000])('spread %i batches evenly over the activity', (count) => {
    const { activity } = batches(count).summary();
    expect(activity.reduce((sum, n) => sum + n, 0)).toBe(count * EVENTS_PER_BATCH);
    const mean = (count * EVENTS_PER_BATCH) / 48;
    for (const n of activity) expect(Math.abs(n - mean)).toBeLessThan(mean / 2);
  });
});

describe('window', () => {
  it('has every event that touches it, also those that began long before', () => {
    const events = nested(6000);
    const reader = recordEvents(events);
    for (const [from, to] of [
      [0, 0],
      [0, 5000],
      [1, 1],
      [399_999, 400_001],
      [2_345_678, 2_349_000],
      [5_999_000, 6_000_000],
      [5_999_999, 9_000_000],
    ] as const) {
      const window = reader.window({ from, to, buckets: 100, maxEvents: 50_000 });
      const wanted = events.flatMap((event, i) =>
        event.ts <= to && (event.ts >= from || event.ts + (event.dur ?? 0) > from) ? [i + 1] : [],
      );
      expect([from, to, window.mode, window.id]).toEqual([from, to, 'events', wanted]);
    }
  });

  it('sums up what is too much, and loses nothing', () => {
    const reader = batches(1400);
    const { lastTick } = reader.info('x');
    for (const buckets of [1, 10, 300, 5000]) {
      const window = reader.window({ from: 0, to: lastTick, buckets, maxEvents: 100 });
      expect(window.mode).toBe('summary');
      expect(window.n.reduce((sum, n) => sum + n, 0)).toBe(1400 * EVENTS_PER_BATCH);
      expect(Math.max(...window.dur)).toBeLessThanOrEqual((4 * lastTick) / buckets);
      expect(new Set(window.track)).toEqual(new Set([1, 2, 3]));
    }
  });

  it('keeps the enclosing spans of a summary', () => {
    const window = recordEvents(nested(6000)).window({
      from: 3_000_500,
      to: 3_900_000,
      buckets: 50,
      maxEvents: 100,
    });
    expect(window.mode).toBe('summary');
    expect(window.ts[0]).toBe(0);
    expect(window.dur[0]).toBe(6_000_000);
    expect(window.n[0]).toBe(1);
  });
});

describe('events', () => {
  it('are rows with their names and wide numbers as text', () => {
    const reader = recordEvents([
      { ts: 0, kind: K.iotlbInv, arg: -1 },
      { ts: 5, dur: 7, kind: K.dmaRead, frame: 2 ** 53 - 2, bytes: 4096, request: 3, status: 0 },
    ]);
    expect(reader.events(0, 10)).toEqual([
      {
        id: 1,
        ts: 0,
        dur: 0,
        kind: K.iotlbInv,
        name: 'IOTLB.inv',
        track: 1,
        level: 0,
        request: null,
        frame: null,
        bytes: null,
        n: null,
        status: null,
        arg: '-1',
      },
      {
        id: 2,
        ts: 5,
        dur: 7,
        kind: K.dmaRead,
        name: 'DMA.rd',
        track: 1,
        level: 0,
        request: 3,
        frame: '9007199254740990',
        bytes: 4096,
        n: null,
        status: 0,
        arg: null,
      },
    ]);
    expect(reader.at(1)).toEqual({ event: 2 });
    expect(reader.at(0)).toEqual({ event: 1 });
  });

  it('know what is around them', () => {
    const reader = batches(3);
    // In the second batch: event 44 is the hypercall, 45 to 52 its elements.
    expect(reader.event(44).children.map((event) => event.id)).toEqual([
      45, 46, 47, 48, 49, 50, 51, 52,
    ]);
    expect(reader.event(48).parents.map((event) => event.id)).toEqual([44]);
    expect(reader.event(36).parents).toEqual([]);
    const deep = recordEvents(nested(500));
    const id = deep.at(450_000).event;
    expect(deep.event(id).parents.map((event) => event.ts)).toEqual([0]);
  });

  it('find a parent that starts at the same moment', () => {
    const reader = recordEvents([
      { ts: 10, dur: 10, kind: K.vmexit },
      { ts: 10, dur: 5, kind: K.evtchnSend, level: 1 },
      { ts: 10, dur: 0, kind: K.ringPush, level: 2 },
      { ts: 20, dur: 0, kind: K.upcall, level: 0 },
    ]);
    expect(reader.event(3).parents.map((event) => event.id)).toEqual([1, 2]);
    expect(reader.event(1).children.map((event) => event.id)).toEqual([2]);
    expect(reader.event(4).parents).toEqual([]);
  });
});

describe('request', () => {
  it('is told with the batches that served it', () => {
    const detail = batches(3).request(11);
    expect(detail.request).toEqual({
      id: 11,
      submitted: 20_400_000,
      completed: 38_500_000,
      bytes: 1500,
      firstEvent: 38,
      lastEvent: 64,
    });
    expect(detail.events.map((event) => [event.id, event.name])).toEqual([
      [38, 'start_xmit'],
      [44, 'GNTTABOP_map_grant_ref'],
      [47, 'GT.map'],
      [55, 'DMA.rd'],
      [61, 'GNTTABOP_unmap_grant_ref'],
      [64, 'GT.unmap'],
    ]);
    expect(detail.shared).toEqual([44, 61]);
    expect(detail.truncated).toBe(false);
  });
});

describe('hazards and counters', () => {
  it('come with their causes', () => {
    const hazards = batches(101).hazards(10);
    expect(hazards.map((hazard) => [hazard.id, hazard.closed, hazard.causes])).toEqual([
      [1, null, [1, 27]],
      [2, 99 * 20_000_000 + 20_000_000 + 15_100_000, [3501, 3527]],
    ]);
    expect(batches(101).hazards(1).length).toBe(1);
  });

  it('begin with the value on entry and keep the extremes of each bucket', () => {
    const reader = batches(10);
    const [pinned] = reader.counters({ from: 10_000_000, to: 59_999_999, buckets: 1 });
    expect(pinned).toEqual({
      counter: 1,
      ts: [10_000_000, 15_100_000],
      min: [8, 0],
      max: [8, 8],
      last: [8, 0],
    });
  });
});
