/**
 * Recordings that others made on real systems, against counts by an independent decoder. They are
 * not part of the project; without them this file says so and tests nothing.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { K } from '../../core/contract/kinds.ts';
import type { EventRow, ImportCounts } from '../../core/contract/methods/index.ts';
import { openTrace, type TraceReader } from '../read/reader.ts';
import { rejectionOf, tempFolder } from '../testing/temp.ts';
import { importTrace } from './import.ts';
import { lostLines } from './testing.ts';

const FOLDER = fileURLToPath(new URL('../../../shared/samples/', import.meta.url));

interface Expected {
  readonly bytes: number;
  readonly lines: number;
  readonly events: Record<string, number>;
  readonly cpus: readonly number[];
}

const present = existsSync(join(FOLDER, 'expected.json'));
const expected: Record<string, Expected> = present
  ? (
      JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as {
        files: Record<string, Expected>;
      }
    ).files
  : {};
const files = (folder: string) =>
  Object.keys(expected).filter((file) => file.startsWith(`${folder}/`));

interface Imported {
  readonly counts: ImportCounts;
  readonly reader: TraceReader;
  readonly events: readonly EventRow[];
}

async function importSample(file: string): Promise<Imported> {
  const output = join(tempFolder(), 'out.mctrace');
  const counts = await importTrace({
    input: join(FOLDER, file),
    output,
    name: file,
    recordedAt: '',
  });
  const reader = openTrace(output);
  onTestFinished(() => reader.close());
  return { counts, reader, events: reader.events(1, 1000) };
}

describe.runIf(present)('samples recorded on real systems', () => {
  it.each([...files('ftrace'), ...files('tracecmd')])(
    '%s has at least the events that an independent decoder found',
    async (file) => {
      const wanted = expected[file];
      if (wanted === undefined) throw new Error(`nothing is expected of ${file}`);
      const { counts, reader, events } = await importSample(file);
      expect(counts.lines).toBe(wanted.lines);
      expect(counts.format).toBe(
        file.startsWith('tracecmd') && !file.endsWith('no_trailing_line.txt')
          ? 'trace-cmd report'
          : 'ftrace',
      );
      expect(counts.events).toBe(events.length);
      expect(counts.events).toBe(counts.typed + counts.generic + counts.raw);
      const found: Record<string, number> = {};
      const lines = readFileSync(join(FOLDER, file), 'utf8').split('\n');
      for (const event of events) {
        const { details, source } = reader.event(event.id);
        const name = details['name'] ?? '';
        found[name] = (found[name] ?? 0) + 1;
        // Each event is where its source says.
        expect(lines[(source?.line ?? 0) - 1]).toBe(source?.text.split('\n')[0]);
      }
      for (const [name, count] of Object.entries(wanted.events)) {
        // The decoder has one name for all calls of the function tracer.
        if (name === '(function)' || name.includes('(')) continue;
        expect([name, found[name]]).toEqual([name, count]);
      }
      expect(events.length).toBeGreaterThanOrEqual(
        Object.values(wanted.events).reduce((a, b) => a + b, 0),
      );
      // Mappings have lanes of their own and say their CPU among their details.
      const tracks = reader.info('x').tracks.map((track) => track.name);
      const cpus = events.map(({ id }) => `CPU ${reader.event(id).details['cpu']}`);
      for (const cpu of wanted.cpus) expect([...tracks, ...cpus]).toContain(`CPU ${cpu}`);
    },
  );

  it.each(files('perf'))('%s gives its tracepoints, or is refused as a profile', async (file) => {
    const wanted = expected[file];
    const profile = /linux-perf|test\.perf/.test(file);
    if (profile) {
      const output = join(tempFolder(), 'out.mctrace');
      const input = join(FOLDER, file);
      const error = await rejectionOf(importTrace({ input, output, name: '', recordedAt: '' }));
      expect([error.code, error.what]).toEqual([
        'NO_EVENTS',
        'this output of perf script holds samples of a profiler and no trace event',
      ]);
      return;
    }
    const result = await importSample(file);
    const { counts, reader, events } = result;
    expect(counts).toMatchObject({ format: 'perf script', lines: wanted?.lines });
    expect(lostLines(result)).toBeLessThanOrEqual(0);
    const lines = readFileSync(join(FOLDER, file), 'utf8').split('\n');
    const found: Record<string, number> = {};
    for (const { id } of events) {
      const { details, source } = reader.event(id);
      const name = `${details['system']}:${details['name']}`;
      found[name] = (found[name] ?? 0) + 1;
      expect(lines[(source?.line ?? 0) - 1]).toBe(source?.text.split('\n')[0]);
    }
    expect(found).toMatchObject(wanted?.events ?? {});
    // Three recordings with years between them were joined in one of the files.
    expect(counts.events + counts.warningsTotal).toBe(counts.lines);
    if (!file.includes('perf-prof')) expect(counts.warningsTotal).toBe(0);
    const tracks = reader.info('x').tracks.map((track) => track.name);
    for (const cpu of wanted?.cpus ?? []) expect(tracks).toContain(`CPU ${cpu}`);
  });

  it.each([
    // Events, typed ones, warnings; the last file ends in messages that are no events.
    ['qemu/vfio-iommufd-notimestamp-2025.txt', 13, 7, [1]],
    ['qemu/vfio-syslog-wrapped-2020.txt', 4, 2, [1]],
    ['qemu/vhost-vdpa-log-wrapped-2023.txt', 12, 7, [10, 11, 37, 38, 39, 40, 41]],
  ] as const)('%s has every event of its lines', async (file, events, typed, warned) => {
    const result = await importSample(file);
    expect(result.counts).toMatchObject({ format: 'QEMU log', events, typed });
    expect(result.counts.warnings.map((warning) => warning.line)).toEqual(warned);
    expect(lostLines(result)).toBeLessThanOrEqual(0);
    const lines = readFileSync(join(FOLDER, file), 'utf8').split('\n');
    for (const event of result.events) {
      const { source } = result.reader.event(event.id);
      expect(lines[(source?.line ?? 0) - 1]).toBe(source?.text.split('\n')[0]);
    }
  });

  it('tell maps and unmaps of VFIO to the byte', async () => {
    const { counts, events } = await importSample('ftrace/iommu-map-unmap-vfio-qemu.txt');
    expect(counts).toMatchObject({ lines: 14, events: 14, typed: 14, warningsTotal: 0 });
    const maps = events.filter((event) => event.kind === K.recIommuMap);
    const unmaps = events.filter((event) => event.kind === K.recIommuUnmap);
    const total = (rows: readonly EventRow[]) =>
      rows.reduce((sum, row) => sum + (row.bytes ?? 0), 0);
    expect([maps.length, unmaps.length, total(maps), total(unmaps)]).toEqual([
      12, 2, 10_489_856, 8192,
    ]);
    expect(maps[0]).toMatchObject({ arg: '0', frame: String(0x1a6800000), bytes: 786_432 });
    expect(maps.at(-1)).toMatchObject({
      arg: String(0xfffc0000),
      frame: String(0x14c17f000),
      bytes: 4096,
    });
  });

  it('tell faults, bounces and flushes as their meaning is', async () => {
    const faults = await importSample('ftrace/amd-io-page-fault-2021.txt');
    expect(faults.events.map((event) => [event.kind, event.arg])).toEqual(
      [0x91482640, 0x91482650, 0x91482660, 0x91482670, 0x91482680, 0x914826a0].map((iova) => [
        K.recFault,
        String(iova),
      ]),
    );
    expect(faults.reader.event(1).details).toMatchObject({
      driver: '[drvname]',
      device: '0000:05:00.0',
    });
    const bounces = await importSample('ftrace/swiotlb-bounced-spacemit-riscv.txt');
    expect(bounces.events.reduce((sum, event) => sum + (event.bytes ?? 0), 0)).toBe(20_488);
    expect(bounces.events[0]?.arg).toBe('18446744073709551615');
    const flushes = await importSample('ftrace/intel-qi_submit-v5.12-msgonly.txt');
    expect(flushes.events.map((event) => [event.kind, event.n])).toEqual([
      [K.recIotlbFlush, null],
      [K.recIotlbFlush, null],
      [K.recIotlbFlush, 32],
    ]);
    expect(flushes.reader.event(2).details).toMatchObject({
      device: '00:02.0',
      range: 'all',
      qw1: '0x7ffffffffffff001',
    });
    const maps = await importSample('ftrace/intel-map_sg-v5.6-msgonly.txt');
    expect(maps.events.reduce((sum, event) => sum + (event.bytes ?? 0), 0)).toBe(40_960);
  });

  it('keep the story of a fault: alloc, free, unmap, and then the access', async () => {
    const { counts, events } = await importSample(
      'ftrace/dma-alloc-iommu-fault-ath12k-6.12.35-wrapped.txt',
    );
    expect(events.map((event) => event.name)).toEqual([
      'iommu.map',
      'dma.alloc',
      'dma.free',
      'iommu.unmap',
      'iommu.fault',
    ]);
    expect(new Set(events.map((event) => event.arg))).toEqual(new Set([String(0xfe980000)]));
    expect(counts.warnings).toHaveLength(1);
  });

  it('that were made up give no typed event, and a warning', async () => {
    const { counts } = await importSample('negative/fabricated-swiotlb-fields.txt');
    expect(counts).toMatchObject({ events: 3, typed: 0, warningsTotal: 3 });
    const output = join(tempFolder(), 'out.mctrace');
    const input = join(FOLDER, 'negative/truncated-kvm-no-timestamp.txt');
    expect((await rejectionOf(importTrace({ input, output, name: '', recordedAt: '' }))).code).toBe(
      'UNKNOWN_FORMAT',
    );
  });

  it('of Chrome JSON have all their events', async () => {
    const bex = await importSample('json/speedscope_trace-event_bex-interaction.json');
    // Six pairs and six complete events.
    expect(bex.counts).toMatchObject({ events: 12, generic: 12, lines: 18 });
    expect(bex.events.map(({ dur }) => dur).sort((a, b) => a - b)).toEqual([
      ...Array<number>(4).fill(1000),
      ...Array<number>(8).fill(2000),
    ]);
    const lone = await importSample('json/speedscope_trace-event_end-event-with-empty-stack.json');
    expect(lone.counts).toMatchObject({ events: 1, lines: 3, warningsTotal: 1 });
    const file = 'json/firefox-profiler_chrome-trace-issue-5429.json.gz';
    const { counts, events } = await importSample(file);
    const records = JSON.parse(gunzipSync(readFileSync(join(FOLDER, file))).toString('utf8')) as {
      ph: string;
    }[];
    const phases = (wanted: string) => records.filter(({ ph }) => wanted.includes(ph)).length;
    expect(counts.lines).toBe(records.length);
    expect(counts.skipped).toBe(phases('M'));
    expect(counts.events).toBe(records.length - phases('M') - phases('eE'));
    expect(events.length).toBe(Math.min(counts.events, 1000));
  });

  it('of other formats are refused by name', async () => {
    const others = ['xen/xentrace-part.expected.json'];
    const output = join(tempFolder(), 'out.mctrace');
    for (const file of others) {
      const error = await rejectionOf(
        importTrace({ input: join(FOLDER, file), output, name: '', recordedAt: '' }),
      );
      expect([file, error.code]).toEqual([file, 'UNSUPPORTED_FORMAT']);
    }
  });
});

it.runIf(!present)(
  'samples recorded on real systems: NOT TESTED, they are not on this machine',
  () => {
    console.warn(
      `traces/import/samples.test.ts: there are no samples in ${FOLDER}, they were not tested`,
    );
  },
);
