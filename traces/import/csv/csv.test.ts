import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { K } from '../../../core/contract/kinds.ts';
import type { CsvMapping } from '../../../core/contract/methods/index.ts';
import { errorOf, rejectionOf, tempFolder } from '../../testing/temp.ts';
import { importContent, importFile } from '../../testing/imported.ts';
import { lostLines } from '../testing.ts';
import { guessMapping } from './guess.ts';
import { parseMapping } from './mapping.ts';
import { importQuestion } from '../question.ts';

const FIGURES = `time_us,cpu,event,iova,paddr,size,device
10.5,0,iommu.map,0x1000,0xfffffffffffff000,4096,0000:05:00.0
11,1,dma_sync,4096,,64,"a, ""b"""
12.25,0,iommu.unmap,0x1000,,4096,0000:05:00.0
`;

const GUESS: CsvMapping = {
  delimiter: ',',
  header: true,
  timeUnit: 'us',
  columns: {
    time_us: 'time',
    cpu: 'cpu',
    event: 'name',
    iova: 'arg',
    paddr: 'frame',
    size: 'bytes',
    device: 'detail',
  },
  kinds: { 'iommu.map': 'iommu.map', dma_sync: 'generic', 'iommu.unmap': 'iommu.unmap' },
};

describe('a mapping', () => {
  const written = JSON.stringify(GUESS, null, 2);

  it('that is wrong is told of with its file and line', () => {
    for (const [text, where, what] of [
      ['{\n  "delimiter": ",",\n  oops\n}', 'm.json:3', 'the mapping is not JSON'],
      ['7', 'm.json:1', 'the mapping: '],
      [written.replace('"arg"', '"adress"'), 'm.json:9', 'columns > iova: '],
      [written.replace('"arg"', '"byte"'), 'm.json:9', 'did you mean "bytes"?'],
      [written.replace('"us"', '"minutes"'), 'm.json:4', 'timeUnit: '],
      [
        written.replace('"detail"', '"time"'),
        'm.json:12',
        '"time_us" and "device" are both "time"',
      ],
      [written.replace('"generic"', '"iommu.mop"'), 'm.json:16', 'did you mean "iommu.map"?'],
      [
        written.replace('"time"', '"detail"').replace('"name"', '"detail"'),
        'm.json:5',
        'no column',
      ],
    ] as const) {
      const error = errorOf(() => parseMapping(text, 'm.json'));
      expect([error.code, error.where]).toEqual(['BAD_ARGUMENT', where]);
      expect(error.what).toContain(what);
    }
  });

  it('that names a column which the file has not is refused', async () => {
    const mapping = { ...GUESS, columns: { when: 'time', event: 'name' } } as const;
    const error = await rejectionOf(importContent(FIGURES, { mapping }));
    expect(error).toMatchObject({ code: 'BAD_ARGUMENT', where: 'when' });
    expect(error.what).toContain('"time_us"');
  });

  it('that was guessed and written reads back as it was', () => {
    expect(parseMapping(written, 'm.json')).toEqual(GUESS);
  });
});

describe('a CSV file', () => {
  it('is guessed by the names of its columns', async () => {
    const guess = guessMapping(FIGURES, true);
    expect(guess?.mapping).toEqual(GUESS);
    expect(guess?.rows[1]?.[0]).toBe('10.5');
    const file = join(tempFolder(), 'f');
    writeFileSync(file, FIGURES);
    expect(await importQuestion(file)).toMatchObject({
      kind: 'columns',
      guess: { mapping: GUESS },
    });
    writeFileSync(file, ' kvm-1 [000] 5.000001: map: IOMMU: iova=0x1000 paddr=0x2000 size=4096\n');
    expect(await importQuestion(file)).toBeNull();
  });

  it('keeps the order of columns whose titles are numbers', () => {
    const split = { delimiter: ',', header: true } as const;
    expect(guessMapping('7,3\n1.5,read\n2.5,write\n', true, split)?.titles).toEqual(['7', '3']);
  });

  it('without names has a time that rises; prose has none', () => {
    expect(guessMapping('1000;read;7\n2000;write;8\n2500;read;9\n', true)?.mapping).toMatchObject({
      delimiter: ';',
      header: false,
      timeUnit: 'ns',
      columns: { 'column 1': 'time', 'column 2': 'detail' },
    });
    expect(guessMapping('Well, this is prose.\nWell, so is this.\n', true)).toBeNull();
  });

  it('falls into columns as its user says, whatever it looks like', async () => {
    const file = join(tempFolder(), 'f');
    writeFileSync(file, 'a;b|c\n1;2|3\n');
    expect(await importQuestion(file)).toBeNull();
    const error = await rejectionOf(importFile(file));
    expect(error.code).toBe('UNKNOWN_FORMAT');
    expect(error.remedy).toContain('--mapping');
    expect(await importQuestion(file, { delimiter: '|', header: false })).toMatchObject({
      guess: {
        mapping: { delimiter: '|', header: false, columns: { 'column 1': 'detail' } },
        rows: [
          ['a;b', 'c'],
          ['1;2', '3'],
        ],
      },
    });
    const mapping: CsvMapping = {
      ...{ delimiter: '|', header: false, timeUnit: 'us' },
      columns: { 'column 1': 'name', 'column 2': 'time' },
    };
    const { counts, events } = await importContent('x|5\ny|7\n', { mapping });
    expect(counts).toMatchObject({ events: 2, skipped: 0 });
    expect(events.map(({ name, ts }) => [name, ts])).toEqual([
      ['x', 0],
      ['y', 2000],
    ]);
  });

  it('of a spreadsheet may have semicolons, decimal commas and a byte order mark', async () => {
    const text = '\ufefftime_us;event;dur_us\r\n1,5;a;0,25\r\n20;"b;c";\r\n';
    expect(guessMapping(text, true)?.mapping).toMatchObject({
      ...{ delimiter: ';', header: true, timeUnit: 'us', decimal: ',' },
      columns: { time_us: 'time', event: 'name', dur_us: 'duration' },
    });
    const { counts, events } = await importContent(text);
    expect(counts.warnings).toEqual([]);
    expect(events.map(({ name, ts, dur }) => [name, ts, dur])).toEqual([
      ['a', 0, 250],
      ['b;c', 18_500, 0],
    ]);
  });

  it('that has commas both between columns and in its times is asked about', async () => {
    const text = 'time_us,event\n"1,500",a\n"2,500",b\n';
    expect((await rejectionOf(importContent(text))).remedy).toContain('--mapping');
    const mapping: CsvMapping = {
      ...{ delimiter: ',', header: true, timeUnit: 'us', decimal: ',' },
      columns: { time_us: 'time', event: 'name' },
    };
    const { events } = await importContent(text, { mapping });
    expect(events.map(({ ts }) => ts)).toEqual([0, 1000]);
  });

  it('may have dates for times, and exponents', async () => {
    const dates = `when,event
2024-01-02 03:04:05.123456789,a
2024-01-02T03:04:05.2Z,b
2024-01-02T05:04:05.300000+02:00,c
yesterday,d
`;
    const { counts, events, reader } = await importContent(dates);
    expect(events.map(({ ts }) => ts)).toEqual([0, 76_543_211, 176_543_211, 176_543_211]);
    expect(counts.warnings.map(({ line }) => line)).toEqual([5]);
    expect(reader.info('dates').provenance).toMatchObject({
      base_sec: '1704164645',
      base_ns: '123456789',
    });
    const small = await importContent('time_s,event\n1e-05,a\n2.5E-5,b\n1.000000e+00,c\n');
    expect(small.events.map(({ ts }) => ts)).toEqual([0, 15_000, 999_990_000]);
  });

  it('in UTF-16 is refused by its name, with a mapping too', async () => {
    const content = Buffer.from(`\ufeff${FIGURES}`, 'utf16le');
    for (const hints of [{}, { mapping: GUESS }]) {
      const error = await rejectionOf(importContent(content, hints));
      expect(error).toMatchObject({ code: 'UNSUPPORTED_FORMAT', what: 'this is text in UTF-16' });
    }
  });

  it('gives typed events, exact numbers and details', async () => {
    const result = await importContent(FIGURES);
    const { counts, events, reader } = result;
    expect(counts).toMatchObject({
      format: 'csv',
      lines: 4,
      events: 3,
      typed: 2,
      generic: 1,
      skipped: 1,
    });
    expect(events.map(({ ts, kind, name }) => [ts, kind, name])).toEqual([
      [0, K.recIommuMap, 'iommu.map'],
      [500, K.generic, 'dma_sync'],
      [1750, K.recIommuUnmap, 'iommu.unmap'],
    ]);
    expect(events[0]).toMatchObject({ arg: '4096', bytes: 4096, frame: '18446744073709547520' });
    expect(reader.event(2).details).toMatchObject({ device: 'a, "b"' });
    expect(reader.event(2).source).toEqual({ line: 3, text: '11,1,dma_sync,4096,,64,"a, ""b"""' });
    expect(lostLines(result)).toBeLessThanOrEqual(0);
  });

  it('is read as the mapping says, whatever was guessed', async () => {
    const mapping: CsvMapping = {
      ...GUESS,
      timeUnit: 'ms',
      columns: { time_us: 'time', event: 'name', size: 'n', device: 'ignore' },
      kinds: { dma_sync: 'dma.sync' },
    };
    const { events, reader } = await importContent(FIGURES, { mapping });
    expect(events[1]).toMatchObject({ ts: 500_000, kind: K.recDmaSync, n: 64, bytes: null });
    expect(reader.event(2).details).toEqual({ name: 'dma_sync', cpu: '1', iova: '4096' });
  });

  it('with damage keeps every other row and warns of the rest', async () => {
    const columns = { ts_ns: 'time', event: 'name', size: 'bytes' } as const;
    const mapping = { delimiter: ',', header: true, timeUnit: 'ns', columns } as const;
    const text =
      'ts_ns,event,size\n1,a,12\n2,b,twelve\n5,e,1,extra\n6,"f\nf",7\n,g,1\n7,"open,1\n8,h,1\n';
    const { counts, events } = await importContent(text, { mapping });
    expect(events.map(({ name, ts, bytes }) => [name, ts, bytes])).toEqual([
      ['a', 0, 12],
      ['b', 1, null],
      ['e', 4, 1],
      ['f\nf', 5, 7],
      ['g', 5, 1],
      ['h', 7, 1],
    ]);
    expect(counts.warnings.map(({ line, reason }) => [line, reason])).toEqual([
      [3, '"twelve" is not a number for "bytes"'],
      [4, 'the row has 4 fields but there are 3 columns'],
      [7, 'this and maybe other rows carry no time: they keep their order'],
      [8, 'a quote is not closed'],
    ]);
  });

  it('keeps a CPU that has a name, and says which durations are none', async () => {
    const { counts, reader } = await importContent(
      'time_ns,dur_ns,cpu,event\n1,5,gpu0,a\n2,n/a,3,b\n3,-4,3,c\n',
    );
    expect(reader.event(1).details).toEqual({ name: 'a', cpu: 'gpu0' });
    expect(counts.warnings).toEqual([
      { line: 3, reason: '"n/a" is not a number for "duration"' },
      { line: 4, reason: 'its duration is negative, or more than 104 days' },
    ]);
  });

  it('loses one row to a quote that is not closed, wherever it is', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => `${i},e\n`);
    rows[100] = '100,"e\n';
    const result = await importContent(`time_ns,event\n${rows.join('')}`);
    expect(result.counts).toMatchObject({ lines: 301, events: 299, skipped: 1 });
    expect(result.counts.warnings.map(({ line }) => line)).toEqual([102]);
    expect(result.events.at(-1)).toMatchObject({ ts: 299 });
    expect(lostLines(result)).toBe(0);
  });
});
