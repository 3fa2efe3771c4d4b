import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { K } from '../../../core/contract/kinds.ts';
import type { RecordedEvent, RecordedSink } from '../recorded.ts';
import { importContent, damaged, seededNumbers } from '../../testing/imported.ts';
import { ChromeImporter } from './importer.ts';

const B = '{"ph":"B","pid":1,"tid":2,"ts":10,"name":"outer","cat":"a"}';
const X = '{"ph":"X","pid":1,"tid":2,"ts":11.5,"dur":2.25,"name":"inner","args":{"len":4,"k":[1]}}';
const E = '{"ph":"E","pid":1,"tid":2,"ts":20,"name":"outer","args":{"result":"ok"}}';
const M = '{"ph":"M","pid":1,"tid":2,"name":"thread_name","args":{"name":"worker"}}';

/** What the import's own counts must say: every record is something. */
class Counter implements RecordedSink {
  events: RecordedEvent[] = [];
  ends = 0;
  warnings = 0;
  event(event: RecordedEvent): number {
    return this.events.push(event);
  }
  complete(): void {
    this.ends += 1;
  }
  name(): void {}
  warn(): void {
    this.warnings += 1;
  }
}

describe('a damaged Chrome trace', () => {
  it('keeps every event outside of the damage', async () => {
    const list = [B, X, E];
    for (const [text, events] of [
      [`[${list.join(',')}`, 2],
      [`[${list.join(',')},`, 2],
      [`[${list.join(',')},]`, 2],
      [`{"traceEvents":[${list.join(',')}`, 2],
      [`[${list.join(',')},{"ph":"X","pid":1`, 2],
      [`[${B},${X.slice(0, -1)},${E}]`, 1],
      [`[${B},${X.slice(0, -2)},${X},${E}]`, 2],
      [`[${B},"lost,\n${X},${E}]`, 2],
      [`[${B},nonsense ${X} 7,${E}]`, 2],
      [`[${list.join(',')}][${list.join(',')}]`, 4],
    ] as const) {
      const { counts } = await importContent(text);
      expect([text, counts.events]).toEqual([text, events]);
    }
  });

  it('warns of ends without a beginning, beginnings without an end and times that run back', async () => {
    const { counts, events, reader } = await importContent(
      `[${E},${X},${B},{"ph":"B","pid":1,"tid":3,"ts":12,"name":"late"},{"ph":"E","pid":1,"tid":3,"ts":11}]`,
    );
    expect(events.map((event) => [event.name, event.dur])).toEqual([
      ['outer', 3750],
      ['inner', 2250],
      ['late', 0],
    ]);
    expect(reader.event(1).details['end']).toBe('not recorded');
    expect(counts.warnings.map(({ reason }) => reason)).toEqual([
      'the end of an event that has not begun',
      'an end without a time, or before its beginning',
      '"outer" begins and does not end',
      '1 events were not in order of time; they are now',
    ]);
  });

  it('ends what never ends with the last event that was kept', async () => {
    const far = '{"ph":"X","pid":1,"tid":1,"ts":1e16,"dur":1,"name":"far"}';
    const { events } = await importContent(
      `[${B},${X},${far},${far.replace('"X"', '"B"')},${far.replace('"X"', '"E"')}]`,
    );
    expect(events.map((event) => [event.name, event.dur])).toEqual([
      ['outer', 3750],
      ['inner', 2250],
    ]);
  });

  it('is nothing when it is empty, and reads nothing too deep, too long or of no known phase', async () => {
    const deep = `{"ph":"i","ts":1,"args":${'['.repeat(200)}${']'.repeat(200)}}`;
    const long = `{"ph":"i","ts":1,"name":"${'x'.repeat(1_100_000)}"}`;
    const odd = '{"ph":"?","ts":1,"name":"odd"}';
    const { counts } = await importContent(`[${X},${deep},${long},${odd},{"ts":3},${X}]`);
    expect(counts.events).toBe(3);
    const reasons = counts.warnings.map(({ reason }) => reason);
    expect(reasons).toContain('an event that is nested too deeply');
    expect(reasons).toContain('it is too long to be an event');
    expect(reasons).toContain('nobody knows a phase "?"');
    expect(reasons).toContain('it has no phase: not an event');
    await expect(importContent('{"traceEvents": []}')).rejects.toMatchObject({
      data: { code: 'NO_EVENTS' },
    });
  });

  it('never stops the import, whatever is wrong with it, and no record goes without a word', () => {
    const whole = Buffer.from(
      `{"displayTimeUnit":"ns","traceEvents":[${M},${B},${X},${E},${X}, ${B},${E}],"otherData":{"a":[1,{}]}}`,
    );
    const random = seededNumbers(4711);
    for (let i = 0; i < 1000; i++) {
      const bytes = damaged(whole, random);
      const sink = new Counter();
      const importer = new ChromeImporter(sink);
      for (let at = 0; at < bytes.length; at += 37) importer.feed(bytes.subarray(at, at + 37));
      for (const _work of importer.end());
      expect(
        sink.events.length + sink.ends + sink.warnings + importer.skipped,
      ).toBeGreaterThanOrEqual(importer.lines);
    }
  });
});

describe('a Chrome trace', () => {
  it('has spans of begins and ends, tracks of threads, fields of arguments', async () => {
    const text = `[${[M, B, X, E].join(',\n')}]`;
    for (const content of [
      text,
      gzipSync(`{"meta":1,"traceEvents":${text},"displayTimeUnit":"ms"}`),
    ]) {
      const { counts, events, reader } = await importContent(content);
      expect(counts).toMatchObject({ format: 'chrome', events: 2, generic: 2, warningsTotal: 0 });
      expect(events.map(({ ts, dur, level }) => [ts, dur, level])).toEqual([
        [0, 10_000, 0],
        [1500, 2250, 1],
      ]);
      const outer = reader.event(1);
      expect(outer.details).toMatchObject({ name: 'outer', cat: 'a', result: 'ok' });
      expect(outer.source?.text).toBe(`${B}\n${E}`);
      expect(reader.event(2).details).toMatchObject({ name: 'inner', len: '4', k: '[1]' });
      expect(reader.info('x').tracks.map(({ name }) => name)).toEqual(['worker (2)']);
      expect(counts.lines).toBe(counts.events + counts.skipped + 1);
    }
  });

  it('keeps times and numbers to the last digit, as numbers or as text', async () => {
    const { events, reader } = await importContent(
      '[{"ph":"i","ts":1700000000000000.123,"name":"a","args":{"rip":18446744071591436120}},' +
        '{"ph":"i","ts":"1700000000000000.125","name":"b"},' +
        '{"ph":"i","ts":1700000000000001,"name":"d"}]',
    );
    expect(events.map(({ ts }) => ts)).toEqual([0, 2, 877]);
    expect(reader.event(1).details['rip']).toBe('18446744071591436120');
    expect(reader.describe('x').provenance).toMatchObject({
      base_sec: '1700000000',
      base_ns: '123',
    });
  });

  it('pairs async events by id, whatever their threads, and keeps counters, flows and marks', async () => {
    const event = (ph: string, ts: number, more: string) =>
      `{"ph":"${ph}","ts":${ts},"pid":1,"cat":"io","name":"r",${more}}`;
    const { events, reader, counts } = await importContent(
      `[${[
        event('b', 1, '"id":"0x1","tid":1'),
        event('b', 2, '"id":"0x2","tid":1'),
        event('n', 3, '"id":"0x1","tid":2'),
        event('e', 4, '"id":"0x1","tid":9'),
        event('e', 9, '"id":"0x2","tid":9'),
        event('C', 10, '"args":{"free":7}'),
        event('s', 11, '"id":5,"tid":1'),
        event('t', 12, '"id":5,"tid":2'),
        event('f', 13, '"id":5,"tid":3,"bp":"e"'),
        event('I', 14, '"s":"g"'),
      ].join(',')}]`,
    );
    expect(events.map(({ ts, dur }) => [ts, dur])).toEqual([
      [0, 3000],
      [1000, 7000],
      [2000, 0],
      [9000, 0],
      [10_000, 0],
      [11_000, 0],
      [12_000, 0],
      [13_000, 0],
    ]);
    expect(reader.event(4).details).toMatchObject({ ph: 'C', free: '7' });
    expect(reader.event(7).details).toMatchObject({ ph: 'f', id: '5', bp: 'e' });
    expect(counts.warningsTotal).toBe(0);
  });

  it('knows the events of this vocabulary again', async () => {
    const { events, counts } = await importContent(
      '[{"ph":"X","ts":1,"dur":1,"cat":"map","name":"iommu.map","args":{"frame":"0xfffffffffffff000","bytes":4096,"arg":"4096"}}]',
    );
    expect(counts.typed).toBe(1);
    expect(events[0]).toMatchObject({
      kind: K.recIommuMap,
      frame: '18446744073709547520',
      bytes: 4096,
      arg: '4096',
    });
  });
});
