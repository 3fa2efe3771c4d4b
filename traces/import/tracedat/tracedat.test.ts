/** Against a real file and what trace-cmd says of it; both are no part of the project. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { LabError } from '../../../core/contract/errors.ts';
import { damaged, importContent, importFile, seededNumbers } from '../../testing/imported.ts';
import { tempFolder } from '../../testing/temp.ts';
import type { RecordedEvent, RecordedSink } from '../recorded.ts';
import { parseFormat } from './event-format.ts';
import { TraceDatImporter } from './importer.ts';
import { printerOf } from './print-format.ts';

const FOLDER = fileURLToPath(new URL('../../../../shared/samples/tracecmd/', import.meta.url));
const V6 = join(FOLDER, 'trappy_trace.dat');
const V7 = join(FOLDER, 'trappy_trace.v7-zstd.dat');
const REPORT = join(FOLDER, 'trappy_trace.report-3.1.6.txt');
const present = existsSync(V6) && existsSync(V7) && existsSync(REPORT);

const LINE = /^ *(.+)-(\d+) +\[(\d+)\] +(?:[^\d\s]\S* +)?(\d+)\.(\d{6}): (\S+): +(.*)$/;

/** Comm, pid, CPU, microseconds, name and message of each line of a report. */
function reported(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const match = LINE.exec(line);
    return match === null ? [] : [match.slice(1).join('|')];
  });
}

async function imported(file: string): Promise<{ rows: string[]; text: string }> {
  const { reader, events, counts } = await importFile(file);
  expect(counts.warningsTotal).toBe(0);
  const { base_sec: sec = '', base_ns: ns = '' } = reader.describe('x').provenance;
  const base = BigInt(sec) * 1_000_000_000n + BigInt(ns);
  const tracks = new Map(reader.info('x').tracks.map(({ id, name }) => [id, name.slice(4)]));
  const rows = events.map((event) => {
    const { details, source } = reader.event(event.id);
    const { comm = '', pid = '', name = '' } = details;
    // trace-cmd rounds to microseconds.
    const us = (base + BigInt(event.ts) + 500n) / 1000n;
    const message = (source?.text ?? '').slice(`${comm}-${pid} ${name}: `.length);
    const cpu = (tracks.get(event.track) ?? '').padStart(3, '0');
    return [
      comm,
      pid,
      cpu,
      us / 1_000_000n,
      String(us % 1_000_000n).padStart(6, '0'),
      name,
      message,
    ].join('|');
  });
  return { rows, text: counts.format };
}

/** Lets everything pass. */
class Nothing implements RecordedSink {
  events = 0;
  warnings = 0;
  event(event: RecordedEvent): number {
    expect(event.line).toBeGreaterThan(0);
    this.events += 1;
    return this.events;
  }
  complete(): void {}
  name(): void {}
  warn(): void {
    this.warnings += 1;
  }
}

describe.runIf(present)('a trace.dat', () => {
  it('that is cut off is refused or says what is missing', async () => {
    const whole = readFileSync(V6);
    for (const length of [11, 100, 5000, 1_000_000]) {
      await expect(importContent(whole.subarray(0, length))).rejects.toMatchObject({
        data: { code: 'CORRUPT_FILE' },
      });
    }
    const { counts } = await importContent(whole.subarray(0, whole.length - 5000));
    expect(counts.events).toBeLessThan(525);
    expect(counts.warningsTotal).toBeGreaterThan(0);
  });

  it('behind another is not read, and said to be there', async () => {
    const whole = readFileSync(V6);
    const { counts } = await importContent(Buffer.concat([whole, whole]));
    expect(counts.events).toBe(525);
    expect(counts.warnings.map(({ reason }) => reason)).toEqual([
      `another trace.dat follows at byte ${whole.length}: cut it off and import it by itself`,
    ]);
  });

  it('never stops the import, whatever is wrong with it', () => {
    const random = seededNumbers(77);
    const path = join(tempFolder(), 'damaged');
    for (const file of [V6, V7]) {
      const whole = readFileSync(file);
      for (let i = 0; i < 100; i++) {
        // Most of it is kallsyms; damage where it counts.
        const [from, to] = i % 2 === 0 ? [0, 4096] : [whole.length - 50_000, whole.length];
        const part = damaged(whole.subarray(from, to), random);
        writeFileSync(path, Buffer.concat([whole.subarray(0, from), part, whole.subarray(to)]));
        const sink = new Nothing();
        const importer = new TraceDatImporter(sink, path, null);
        for (const _work of importer.end());
        expect(sink.events + sink.warnings).toBeGreaterThanOrEqual(importer.lines);
        expect(sink.events + sink.warnings).toBeGreaterThan(0);
        expect(importer.nothingFound('x')).toBeInstanceOf(LabError);
      }
    }
  });

  it.each([V6, V7])('is what trace-cmd says it is, event by event: %s', async (file) => {
    const wanted = reported(readFileSync(REPORT, 'utf8'));
    expect(wanted.length).toBe(525);
    const { rows, text } = await imported(file);
    expect(rows).toEqual(wanted);
    expect(text).toBe(file === V6 ? 'trace.dat/6' : 'trace.dat/7');
  });

  it('is the same when it is packed', async () => {
    const whole = readFileSync(V7);
    for (const pack of [gzipSync, zstdCompressSync]) {
      const { counts } = await importContent(pack(whole));
      expect(counts).toMatchObject({ events: 525, lines: 525, warningsTotal: 0 });
    }
  });

  it('agrees with the trace-cmd of this machine', async ({ skip }) => {
    let report = '';
    try {
      report = execFileSync('trace-cmd', ['report', '-i', V6], { encoding: 'utf8' });
    } catch {
      console.warn('tracedat.test.ts: trace-cmd is not on the PATH, it was not asked');
      skip();
    }
    expect((await imported(V6)).rows).toEqual(reported(report));
    // Its text to the nanosecond, imported in its turn, is the same once more.
    const text = execFileSync('trace-cmd', ['report', '-t', '-i', V6], { encoding: 'utf8' });
    const asText = await importContent(text);
    const binary = await importFile(V6);
    expect(asText.counts).toMatchObject({ format: 'trace-cmd report', events: 525 });
    for (const [of, other] of asText.events.map((event, i) => [event, binary.events[i]] as const)) {
      const ours = binary.reader.event(other?.id ?? 0).details;
      const theirs = asText.reader.event(of.id).details;
      expect([of.ts, theirs['name'], theirs['comm'], theirs['pid']]).toEqual([
        other?.ts,
        ours['name'],
        ours['comm'],
        ours['pid'],
      ]);
    }
    const tracks = (reader: typeof binary.reader) =>
      reader.info('x').tracks.map(({ name, events }) => [name, events]);
    expect(tracks(asText.reader)).toEqual(tracks(binary.reader));
  });
});

it.runIf(!present)('trace.dat: NOT TESTED, the samples are not on this machine', () => {
  console.warn(`tracedat.test.ts: there are no samples in ${FOLDER}`);
});

describe('a print format', () => {
  const format = parseFormat(
    'iommu',
    [
      'name: map\nID: 7\nformat:',
      '\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;',
      '\tfield:u64 iova;\toffset:8;\tsize:8;\tsigned:0;',
      '\tfield:u32 type;\toffset:16;\tsize:4;\tsigned:0;',
      '\tfield:__data_loc char[] dev;\toffset:20;\tsize:4;\tsigned:0;',
      '',
      'print fmt: "%s iova=0x%016llx end=%llx %s %s %d", __get_str(dev), REC->iova, REC->iova + (1ULL << 12), __print_symbolic(REC->type, { 0, "none" }, { 2, "write" }), __print_flags(REC->type, "|", { 1, "r" }, { 2, "w" }), REC->type > 1 ? -1 : (int) REC->type',
    ].join('\n'),
  );

  it('is printed as the kernel does, to the last bit', () => {
    if (format === null) throw new Error('no format');
    const data = Buffer.alloc(32);
    data.writeBigUInt64LE(0xfffffffffffff001n, 8);
    data.writeUInt32LE(2, 16);
    data.writeUInt32LE((5 << 16) | 24, 20);
    data.write('eth0\0', 24);
    const machine = { longSize: 8, symbol: String };
    expect(printerOf(format, machine)?.({ data, big: false })).toBe(
      'eth0 iova=0xfffffffffffff001 end=1 write w -1',
    );
    expect(
      printerOf({ ...format, printFormat: '"%s", odd_helper(REC->iova)' }, machine),
    ).toBeNull();
  });
});
