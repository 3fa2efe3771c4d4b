import Database from 'better-sqlite3';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createHash } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { importContent } from '../testing/imported.ts';
import { K } from '../../core/contract/kinds.ts';
import type { ImportCounts, ImportProgress } from '../../core/contract/methods/index.ts';
import { openTrace, type TraceReader } from '../read/reader.ts';
import { emitRun, head, madeResult } from '../testing/stream.ts';
import { rejectionOf, tempFolder } from '../testing/temp.ts';
import { createTraceWriter } from '../write/writer.ts';
import { importTrace } from './import.ts';

interface Imported {
  readonly counts: ImportCounts;
  readonly reader: TraceReader;
  readonly path: string;
}

async function importText(content: string | Buffer): Promise<Imported> {
  const folder = tempFolder();
  const input = join(folder, 'recording');
  writeFileSync(input, content);
  const path = join(folder, 'out.mctrace');
  const counts = await importTrace({
    input,
    output: path,
    name: 'recorded',
    recordedAt: '2026-01-01',
  });
  const reader = openTrace(path);
  onTestFinished(() => reader.close());
  expect(counts.events).toBe(counts.typed + counts.generic + counts.raw);
  expect(readdirSync(folder).sort()).toEqual(['out.mctrace', 'recording']);
  return { counts, reader, path };
}

/** The error of an import that must fail, and leave nothing. */
async function refusal(content: string | Buffer) {
  const folder = tempFolder();
  const input = join(folder, 'recording');
  writeFileSync(input, content);
  const output = join(folder, 'out.mctrace');
  const error = await rejectionOf(importTrace({ input, output, name: 'x', recordedAt: '' }));
  expect(readdirSync(folder)).toEqual(['recording']);
  return error;
}

/** A line as tracefs prints it. */
function line(
  time: string,
  event: string,
  { who = 'qemu-kvm-4575', cpu = 8, flags = '.....' } = {},
): string {
  return `${who.padStart(20)}    [${String(cpu).padStart(3, '0')}] ${flags} ${time.padStart(12)}: ${event}\n`;
}

const MAP =
  'map: IOMMU: iova=0x0000000000001000 - 0x0000000000002000 paddr=0x00000001a6800000 size=4096';

describe('what is refused', () => {
  it('is a file that is not there, or none at all', async () => {
    const folder = tempFolder();
    const run = (input: string) =>
      rejectionOf(
        importTrace({ input, output: join(folder, 'o.mctrace'), name: '', recordedAt: '' }),
      );
    expect((await run(join(folder, 'gone'))).code).toBe('FILE_NOT_FOUND');
    expect((await run(folder)).code).toBe('UNKNOWN_FORMAT');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is a place that cannot be written', async () => {
    const folder = tempFolder();
    const input = join(folder, 'recording');
    writeFileSync(input, line('1.000000', MAP));
    const run = (output: string) =>
      rejectionOf(importTrace({ input, output, name: '', recordedAt: '' }));
    expect((await run(input)).code).toBe('UNWRITABLE');
    expect((await run(join(folder, 'no', 'o.mctrace'))).code).toBe('UNWRITABLE');
    mkdirSync(join(folder, 'sub'));
    expect((await run(join(folder, 'sub'))).code).toBe('UNWRITABLE');
    expect(readFileSync(input, 'utf8')).toBe(line('1.000000', MAP));
  });

  it('is what holds no event', async () => {
    expect((await refusal('')).code).toBe('NO_EVENTS');
    expect(
      (await refusal('# tracer: nop\n#\n# entries-in-buffer/entries-written: 0/0   #P:8\n')).code,
    ).toBe('NO_EVENTS');
    expect((await refusal('Dear all,\nplease map: the moon.\n')).code).toBe('UNKNOWN_FORMAT');
    expect((await refusal(Buffer.from([1, 2, 3, 0, 0, 0, 9]))).code).toBe('UNKNOWN_FORMAT');
    expect(
      (await refusal('   CPU 0/KVM-82557 [002] ... kvm_entry: vcpu 0, rip 0xffffffffae1b603b\n'))
        .code,
    ).toBe('UNKNOWN_FORMAT');
  });

  it.each<[string, string | Buffer]>([
    ['SQLite', Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(200)])],
    ['perf.data', Buffer.from('PERFILE2\0\0\0\0')],
    ['twice', gzipSync(gzipSync(line('1.000000', MAP)))],
    ['twice', zstdCompressSync(gzipSync(line('1.000000', MAP)))],
    ['Perfetto', Buffer.from([0x0a, 0x02, 0x00, 0x01, 0x0a, 0x01, 0x00])],
    ['Firefox', '{"meta": {"version": 1}, "threads": []}'],
    ['JSON', '{"a": 1}'],
    ['function_graph', '# tracer: function_graph\n#\n 0)   1.2 us    |  do_it();\n'],
    ['clock', 'bash-1  [000] .....  123456789: map: IOMMU: x\n'],
  ])('is %s, by its contents', async (what, content) => {
    const error = await refusal(content);
    expect(error.code).toBe('UNSUPPORTED_FORMAT');
    expect(`${error.what} ${error.remedy}`).toContain(what);
    expect(error.remedy).not.toBe('');
  });

  it('is a trace of ours', async () => {
    const path = join(tempFolder(), 'run.mctrace');
    const writer = createTraceWriter(path, head);
    emitRun(writer, 1);
    writer.finish({ status: 'complete', result: madeResult(1) });
    expect(await refusal(readFileSync(path))).toMatchObject({
      code: 'UNSUPPORTED_FORMAT',
      what: 'this is a Mapcopy trace already',
    });
  });

  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ])(
    'is a %s file that is cut off, damaged, followed by something else, or a bomb',
    async (_, pack) => {
      const whole = pack(Array.from({ length: 5000 }, (_, i) => line(`${i}.000000`, MAP)).join(''));
      const flipped = Buffer.from(whole);
      flipped.fill(0xa5, whole.length / 2, whole.length / 2 + 64);
      const bomb = pack(Buffer.alloc(100_000_000, `${'#'.repeat(999)}\n`));
      for (const bad of [
        whole.subarray(0, whole.length / 2),
        whole.subarray(0, 6),
        flipped,
        Buffer.concat([whole, Buffer.from('and so on')]),
        bomb,
      ]) {
        expect((await refusal(bad)).code).toBe('CORRUPT_FILE');
      }
    },
  );

  it('is an import that somebody cancels, at any moment', async () => {
    const text = Array.from({ length: 20_000 }, (_, i) => line(`${i}.000000`, MAP)).join('');
    for (const steps of [0, 1, 5, 9, 11]) {
      const folder = tempFolder();
      const input = join(folder, 'recording');
      writeFileSync(input, text);
      const abort = new AbortController();
      let left = steps;
      if (left === 0) abort.abort();
      const onProgress = () => {
        left -= 1;
        if (left <= 0) abort.abort();
      };
      const output = join(folder, 'o.mctrace');
      const options = { input, output, name: '', recordedAt: '', onProgress, signal: abort.signal };
      expect((await rejectionOf(importTrace(options))).code).toBe('CANCELLED');
      expect(readdirSync(folder)).toEqual(['recording']);
    }
  });
});

describe('an imported recording', () => {
  it('keeps time and 64-bit numbers to the last digit', async () => {
    const { reader, counts } = await importText(
      line(
        '96822671.255015',
        'kvm_exit: vcpu 0 reason HLT rip 0xffffffff81c01f58 info1 0x0000000000000000 info2 0x0000000000000000 intr_info 0x00000000 error_code 0x00000000',
      ) +
        line(
          '96822671.255016789',
          'swiotlb_bounced: dev_name: d4280800.sdh dma_mask=ffffffff dev_addr=ffffffffffffffff size=4 NORMAL',
        ) +
        line(
          '96822672.000000',
          'map: IOMMU: iova=0x7ffffffffffff000 - 0x8000000000000000 paddr=0xfffffffffffff000 size=4096',
        ),
    );
    expect(counts).toMatchObject({ lines: 3, events: 3, typed: 3, warningsTotal: 0 });
    const [exit, bounce, map] = reader.events(1, 3);
    expect(exit).toMatchObject({ ts: 0, arg: '18446744071591436120' });
    expect(bounce).toMatchObject({ ts: 1789, arg: '18446744073709551615', bytes: 4 });
    expect(map).toMatchObject({
      ts: 744_985_000,
      frame: '18446744073709547520',
      arg: '9223372036854771712',
    });
    expect(reader.describe('x').provenance).toMatchObject({
      base_sec: '96822671',
      base_ns: '255015000',
      tick_ps: '1000',
    });
    expect(reader.describe('x').spanNs).toBe(744_985_000);
  });

  it('says where it comes from', async () => {
    const text = line('1.000000', MAP);
    const { reader, path, counts } = await importText(text);
    const info = reader.info('x');
    expect(info).toMatchObject({
      kind: 'imported',
      status: 'imported',
      tickPs: 1000,
      name: 'recorded',
      result: null,
      scenario: null,
      importCounts: counts,
    });
    expect(info.provenance).toMatchObject({
      source_name: 'recording',
      source_bytes: String(text.length),
      source_sha256: createHash('sha256').update(text).digest('hex'),
    });
    expect(reader.summary()).toMatchObject({ hazards: null, strategy: null });
    const db = new Database(path, { readonly: true });
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(db.pragma('journal_mode', { simple: true })).toBe('delete');
    db.close();
    expect(basename(path)).toBe('out.mctrace');
  });

  it('is the same from a gzip or zstd file, in one piece or several, and does not depend on its last line feed or on DOS ones', async () => {
    const text = line('1.000000', MAP) + line('2.000000', 'kvm_entry: vcpu 3');
    const rows = async (content: string | Buffer) =>
      (await importText(content)).reader.events(1, 9);
    const wanted = await rows(text);
    expect(wanted.length).toBe(2);
    expect(await rows(gzipSync(text))).toEqual(wanted);
    expect(await rows(zstdCompressSync(text))).toEqual(wanted);
    const [first = '', second = ''] = text.split(/(?<=\n)/);
    for (const pack of [gzipSync, zstdCompressSync]) {
      expect(await rows(Buffer.concat([pack(first), pack(second)]))).toEqual(wanted);
    }
    expect(await rows(text.trimEnd())).toEqual(wanted);
    expect(await rows(text.replaceAll('\n', '\r\n'))).toEqual(wanted);
  });

  it('is in order of time, ties as in the file, whatever the order of its lines', async () => {
    const times = Array.from({ length: 5000 }, (_, i) => (i * 7919) % 4000);
    const text = times.map((t, i) =>
      line(`5.${String(t).padStart(6, '0')}`, `odd: index=${i}`, { cpu: i % 3 }),
    );
    const { reader, counts } = await importText(text.join(''));
    const wanted = times.map((t, i) => [t, i] as const).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const found: number[] = [];
    for (let first = 1; first <= 5000; first += 1000) {
      for (const event of reader.events(first, 1000)) {
        expect(event.id).toBe(found.length + 1);
        found.push(Number(reader.event(event.id).details['index']));
      }
    }
    expect(found).toEqual(wanted.map(([, i]) => i));
    expect(counts.warnings.at(-1)?.reason).toMatch(/events were not in order of time/);
    expect(reader.info('x').tracks.map((track) => track.name)).toEqual(['CPU 0', 'CPU 1', 'CPU 2']);
  });

  it('pairs exits with entries by thread, across CPUs, and nests what is between', async () => {
    const a = { who: 'CPU 0/KVM-11', cpu: 1 };
    const b = { who: 'CPU 1/KVM-12', cpu: 1 };
    const { reader } = await importText(
      line('1.000001', 'kvm_exit: reason EPT_MISCONFIG rip 0x10 info 0 0', a) +
        line('1.000002', 'kvm_fast_mmio: fast mmio at gpa 0xfe003000', a) +
        line('1.000003', 'kvm_exit: vcpu 1 reason HLT rip 0x20', b) +
        line('1.000004', 'kvm_entry: vcpu 0', a) +
        line('1.000009', 'kvm_entry: vcpu 1', { ...b, cpu: 2 }) +
        line('1.000010', 'kvm_exit: reason MSR_WRITE rip 0x30', a) +
        line('1.000020', 'kvm_exit: reason HLT rip 0x40', a),
    );
    expect(
      reader.events(1, 9).map((event) => [event.name, event.ts, event.dur, event.level]),
    ).toEqual([
      ['vm.exit', 0, 3000, 0],
      ['mmio.kick', 1000, 0, 1],
      ['vm.exit', 2000, 6000, 1],
      ['vm.entry', 3000, 0, 2],
      ['vm.entry', 8000, 0, 0],
      ['vm.exit', 9000, 0, 0],
      ['vm.exit', 19_000, 0, 0],
    ]);
    expect(reader.event(2).parents.map((event) => event.id)).toEqual([1]);
    expect(reader.event(1).details).toMatchObject({
      reason: 'EPT_MISCONFIG',
      comm: 'CPU 0/KVM',
      pid: '11',
    });
  });

  it('reports its progress and ends with all bytes done', async () => {
    const folder = tempFolder();
    const input = join(folder, 'recording');
    const text = Array.from({ length: 10_000 }, (_, i) => line(`${i}.000000`, MAP)).join('');
    writeFileSync(input, text);
    const seen: ImportProgress[] = [];
    await importTrace({
      input,
      output: join(folder, 'o.mctrace'),
      name: '',
      recordedAt: '',
      onProgress: (progress) => seen.push(progress),
    });
    expect(seen.length).toBeGreaterThan(3);
    expect(seen.at(-1)).toEqual({
      bytesDone: text.length,
      bytesTotal: text.length,
      events: 10_000,
    });
    const done = seen.map((progress) => progress.bytesDone);
    expect(done).toEqual([...done].sort((x, y) => x - y));
  });
});

describe('lines of every sort', () => {
  it('are counted, and what cannot be read is said with its line', async () => {
    const { counts, reader } = await importText(
      '# tracer: nop\n#\n\nDear list,\n' +
        line('1.000000', MAP) +
        line('1.000001', 'sched_waking: comm=qemu pid=1213 prio=19') +
        line('1.000002', 'my_probe: nothing to see') +
        'regards\n',
    );
    expect(counts).toMatchObject({
      format: 'ftrace',
      lines: 8,
      events: 3,
      typed: 1,
      generic: 1,
      raw: 1,
      skipped: 3,
    });
    expect(counts.warnings).toEqual([
      { line: 4, reason: 'neither an event nor a comment' },
      { line: 8, reason: 'neither an event nor a comment' },
    ]);
    expect(reader.event(2).details).toEqual({
      name: 'sched_waking',
      comm: 'qemu-kvm',
      pid: '4575',
      flags: '.....',
      'field.comm': 'qemu',
      'field.pid': '1213',
      prio: '19',
    });
    expect(reader.events(3, 1)[0]).toMatchObject({ name: 'my_probe', kind: K.raw });
    expect(reader.event(3).source).toEqual({
      line: 7,
      text: line('1.000002', 'my_probe: nothing to see').trimEnd(),
    });
  });

  it('are joined where mail has wrapped or quoted them', async () => {
    const { counts, reader } = await importText(
      '> ' +
        line('1.000000', 'map: IOMMU: iova=0x00000000fe980000 -') +
        '> 0x00000000fea00000 paddr=0x000000010ec80000\n> size=524288\n' +
        '| ' +
        line('1.000001', 'dma_free: 0000:c2:00.0') +
        '| dma_addr=fe980000 size=524288 virt_addr=000000006cadbcb1 attrs=\n' +
        line('1.000002', 'io_page_fault: IOMMU:ath12k_pci') +
        'no tail of it\n',
    );
    expect(counts).toMatchObject({ typed: 2, raw: 1, warningsTotal: 2 });
    expect(reader.events(1, 2)).toMatchObject([
      { kind: K.recIommuMap, bytes: 524_288, arg: String(0xfe980000) },
      { kind: K.recDmaFree, bytes: 524_288 },
    ]);
    expect(counts.warnings.map((warning) => warning.line)).toEqual([6, 7]);
    expect(reader.event(1).source?.text.split('\n').length).toBe(3);
  });

  it('are joined where the message is whole without its tail, and prose is not', async () => {
    const exit = 'kvm_exit: vcpu 0 reason EPT_VIOLATION rip 0xffffffff81000010';
    const { counts, reader } = await importText(
      line('1.000000', exit) +
        'info1 0x0000000000000181 info2\n> 0x0000000000000000 intr_info 0x00000000\n' +
        'error_code 0x00000000\n' +
        line('1.000001', exit) +
        'which is what I saw.\n',
    );
    expect(counts).toMatchObject({ events: 2, typed: 2 });
    expect(counts.warnings.map((warning) => warning.line)).toEqual([6]);
    expect(reader.event(1).details).toMatchObject({
      info1: '0000000000000181',
      info2: '0000000000000000',
      error_code: '00000000',
    });
    expect(reader.event(1).source?.text.split('\n').length).toBe(4);
    expect(reader.event(2).details['info1']).toBeUndefined();
  });

  it('carry stacks, losses and segments', async () => {
    const { counts, reader } = await importText(
      '# tracer: nop\n# entries-in-buffer/entries-written: 3/10   #P:8\n' +
        '##### CPU 8 buffer started ####\n' +
        line('1.000000', MAP) +
        line('1.000001', '<stack trace>') +
        ' => iommu_map\n => vfio_iommu_type1_ioctl\n' +
        'CPU:8 [LOST 42 EVENTS]\nCPU:9 [LOST EVENTS]\n' +
        line('2.000000', MAP) +
        '# tracer: nop\n#\n' +
        line('1.500000', MAP),
    );
    expect(counts).toMatchObject({ typed: 5, skipped: 5 });
    expect(reader.event(1).details['stack']).toBe('iommu_map\nvfio_iommu_type1_ioctl');
    expect(reader.events(2, 2)).toMatchObject([
      { kind: K.recGap, n: 42, ts: 0 },
      { kind: K.recGap, n: null, ts: 0 },
    ]);
    expect(reader.info('x').tracks.map((track) => [track.name, track.detail, track.actor])).toEqual(
      [
        ['CPU 8', '', 'recorded system'],
        ['CPU 9', '', 'recorded system'],
        ['IOMMU mappings', '', 'recorded system'],
        ['IOMMU mappings', 'segment 2', 'recorded system, segment 2'],
      ],
    );
    expect(counts.warnings[0]).toEqual({
      line: 2,
      reason: '7 events were overwritten before the first one here',
    });
  });

  it('name a thread that the kernel had forgotten', async () => {
    const { reader } = await importText(
      line('1.000000', MAP, { who: 'vhost-4574-4599' }) +
        line('1.000001', MAP, { who: '<...>-4599' }) +
        line('1.000002', MAP, { who: '<...>-7' }),
    );
    expect([1, 2, 3].map((id) => reader.event(id).details['comm'])).toEqual([
      'vhost-4574',
      'vhost-4574',
      '<...>',
    ]);
  });

  it('may lack a time; they keep their order', async () => {
    const { counts, reader } = await importText(
      'kvm_pv_test-53132: kvm_hypercall: nr 0x5 a0 0x0 a1 0x0 a2 0x0 a3 0x0\nqi_submit: iotlb_inv dmar2: 0x800f2 0xf9a00005 0x0 0x0\n' +
        line('7.000000', MAP) +
        'qi_submit: inv_wait dmar2: 0x200000025 0x100 0x0 0x0\n',
    );
    expect(reader.events(1, 9).map((event) => event.name)).toEqual([
      'hypercall',
      'iotlb.flush',
      'iommu.map',
      'qi_submit',
    ]);
    expect(counts.warnings).toHaveLength(1);
    expect(reader.info('x').tracks.map((track) => track.name)).toEqual([
      'CPU unknown',
      'IOMMU mappings',
    ]);
  });

  it('are warned of when they do not add up', async () => {
    const { counts, reader } = await importText(
      line('1.000000', MAP.replace('size=4096', 'size=8192')) +
        line(
          '1.000001',
          'unmap: IOMMU: iova=0x0000000000001000 - 0x0000000000003000 size=8192 unmapped_size=4096',
        ) +
        line('1.000002', `map: IOMMU: iova=0x${'f'.repeat(20)} paddr=0x0 size=4096`) +
        line('99999999999.000000', MAP) +
        `${'x'.repeat(100_000)}\n`,
    );
    expect(counts.typed).toBe(3);
    expect(counts.warnings).toEqual([
      { line: 1, reason: 'the range has 4096 bytes but size is 8192' },
      { line: 2, reason: '8192 bytes were to be unmapped but 4096 were' },
      { line: 3, reason: 'a number does not fit in 64 bits' },
      {
        line: 4,
        reason:
          'its time is more than 104 days from others, as in line 1: take out the line whose time is wrong',
      },
      { line: 5, reason: 'the line is too long to be an event' },
    ]);
    expect(reader.events(3, 1)[0]?.arg).toBeNull();
  });
});

it('a NUL in a line hides nothing of what follows it', async () => {
  const text = ' kvm-1 [000] 5.000001: odd: a=1\0b=2\n kvm-1 [000] 5.000002: odd: c=3\n';
  const { reader, counts } = await importContent(text);
  expect(counts).toMatchObject({ lines: 2, events: 2 });
  expect(reader.event(1).source?.text).toBe(' kvm-1 [000] 5.000001: odd: a=1\uFFFDb=2');
});
