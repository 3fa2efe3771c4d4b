import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { importFile, damaged, seededNumbers } from '../../testing/imported.ts';
import { tempFolder } from '../../testing/temp.ts';
import type { RecordedEvent, RecordedSink } from '../recorded.ts';
import { TscClock } from './clock.ts';
import { decimal, signed64, XentraceImporter } from './importer.ts';

const FOLDER = fileURLToPath(new URL('../../../../shared/samples/xen/', import.meta.url));
const SAMPLE = `${FOLDER}xentrace-part.bin`;
const present = existsSync(SAMPLE);

function read(bytes: Buffer, piece: number) {
  const events: RecordedEvent[] = [];
  let warnings = 0;
  const path = join(tempFolder(), 'recording');
  const sink: RecordedSink = {
    event: (event) => events.push(event),
    complete: () => undefined,
    name: () => undefined,
    warn: () => (warnings += 1),
  };
  const importer = new XentraceImporter(sink, 'of no use', path);
  for (let at = 0; at < bytes.length; at += piece) importer.feed(bytes.subarray(at, at + piece));
  if (bytes.length > 0) for (const _work of importer.end());
  importer.close();
  return { events, warnings, importer };
}

it.runIf(present)('a damaged xentrace recording gives every record or says so', () => {
  const whole = readFileSync(SAMPLE).subarray(0, 20_000);
  const random = seededNumbers(5);
  for (let i = 0; i < 300; i++) {
    const { events, warnings, importer } = read(damaged(whole, random), 1 + random(999));
    expect(events.length + importer.skipped + warnings).toBeGreaterThanOrEqual(importer.lines);
  }
});

it.runIf(present)(
  'a xentrace recording has the records that an independent decoder found',
  async () => {
    const wanted = JSON.parse(readFileSync(`${FOLDER}xentrace-part.expected.json`, 'utf8')) as {
      records: number;
      event_counts: Record<string, number>;
    };
    const { events, importer } = read(readFileSync(SAMPLE), 65_537);
    const found: Record<string, number> = {};
    for (const { details } of events) {
      const { event = '' } = JSON.parse(`${details as string}}`) as Record<string, string>;
      found[event] = (found[event] ?? 0) + 1;
    }
    const { '0x1f003': changes = 0, '0x1f002': padding = 0, ...rest } = wanted.event_counts;
    expect(importer.lines).toBe(wanted.records);
    expect(importer.skipped).toBe(changes + padding);
    expect(found).toMatchObject(rest);
    const { counts, reader } = await importFile(SAMPLE);
    expect(counts.events).toBe(wanted.records - changes - padding);
    expect(reader.info('x').tracks.length).toBeGreaterThan(1);
  },
);

it.runIf(!present)('xentrace: NOT TESTED, the samples are not on this machine', () => {
  console.warn(`xentrace.test.ts: there are no samples in ${FOLDER}`);
});

it('numbers of 64 bits are exact', () => {
  const random = seededNumbers(9);
  const words = [0, 1, 999, 1000, 0x1f_ffff, 0x20_0000, 0x7fff_ffff, 0x8000_0000, 0xffe0_0000];
  for (let i = 0; i < 200; i++) words.push(random(2 ** 32), random(2 ** 20));
  for (const low of words) {
    for (const high of [...words.slice(0, 9), random(2 ** 32), 2 ** 32 - 1 - random(2 ** 21)]) {
      const value = (BigInt(high) << 32n) | BigInt(low);
      expect(BigInt.asUintN(64, BigInt(signed64(low, high)))).toBe(value);
      expect(decimal(value)).toBe(String(value));
      if (high < 2 ** 21) expect(decimal(Number(value))).toBe(String(value));
    }
  }
});

it('counts become time to the nanosecond, by either arithmetic', () => {
  for (const hz of [1_000_000, 2_399_999_999, 2_400_000_000, 8_999_999_999]) {
    const clock = new TscClock(hz);
    for (const tsc of [0, hz - 1, hz, 7 * hz - 1, 50_475_882_825_885, Number.MAX_SAFE_INTEGER]) {
      expect([hz, tsc, clock.time(tsc)]).toEqual([hz, tsc, clock.time(BigInt(tsc))]);
    }
  }
});
