import { describe, expect, it } from 'vitest';
import { K } from '../../../core/contract/kinds.ts';
import { imported, lostLines } from '../testing.ts';

const PREAMBLE = 'version = 6\nCPU 1 is empty\ncpus=2\n';
const line = (time: string, event: string, message: string, who = 'qemu-7     [000]') =>
  `${who.padStart(22)} ${time.padStart(13)}: ${`${event}:`.padEnd(21)} ${message}\n`;

describe('a report of trace-cmd', () => {
  it('is known by its preamble, or by its padded names', async () => {
    const text = line('1.000001', 'kvm_entry', 'vcpu 0');
    for (const report of [PREAMBLE + text, text, '  kvm_entry:            vcpu 0\n']) {
      const result = await imported(report);
      expect(result.counts).toMatchObject({ format: 'trace-cmd report', typed: 1 });
      expect(lostLines(result)).toBeLessThanOrEqual(0);
    }
  });

  it('has times to the nanosecond, gaps where events were dropped, and no loss of its own', async () => {
    const result = await imported(
      PREAMBLE +
        line('5.000000001', 'kvm_fast_mmio', 'fast mmio at gpa 0xfe003000') +
        'CPU:0 [17 EVENTS DROPPED]\nCPU:1 [EVENTS DROPPED]\n' +
        line('5.000000042', 'my_probe', 'nothing'),
    );
    expect(result.counts).toMatchObject({ lines: 7, typed: 3, raw: 1, skipped: 3 });
    expect(result.events.map((event) => [event.kind, event.ts, event.n])).toEqual([
      [K.recKick, 0, null],
      [K.recGap, 0, 17],
      [K.recGap, 0, null],
      [K.raw, 41, null],
    ]);
    expect(lostLines(result)).toBe(0);
  });

  it('says the same with -R as without', async () => {
    const pairs: [string, string, string][] = [
      [
        'map',
        'IOMMU: iova=0x0000000000001000 - 0x0000000000002000 paddr=0x00000001a6800000 size=4096',
        'iova=4096 paddr=7088373760 size=0x1000',
      ],
      [
        'unmap',
        'IOMMU: iova=0x0000000000001000 - 0x0000000000002000 size=4096 unmapped_size=4096',
        'iova=4096 size=0x1000 unmapped_size=0x1000',
      ],
      [
        'io_page_fault',
        'IOMMU:ath12k_pci 0000:c2:00.0 iova=0x00000000fe980000 flags=0x0001',
        'device=0000:c2:00.0 driver=ath12k_pci iova=4271374336 flags=1',
      ],
      [
        'qi_submit',
        'iotlb_inv dmar2: 0x800f2 0xf9a00005 0x0 0x0',
        'qw0=524530 qw1=4188012549 qw2=0 qw3=0 iommu=dmar2',
      ],
      [
        'swiotlb_bounced',
        'dev_name: 0000:00:0a.0 dma_mask=ffffffff dev_addr=17c407000 size=256 NORMAL',
        'dev_name=0000:00:0a.0 dma_mask=4294967295 dev_addr=6379565056 size=0x100 force=0',
      ],
      ['kvm_mmio', 'mmio write len 4 gpa 0xfe003000 val 0x1', 'type=2 len=4 gpa=4261425152 val=1'],
      ['kvm_hypercall', 'nr 0x5 a0 0x1 a1 0x0 a2 0x0 a3 0x0', 'nr=0x5 a0=0x1 a1=0x0 a2=0x0 a3=0x0'],
    ];
    const columns = (text: string) =>
      imported(PREAMBLE + text).then(({ counts, events }) => {
        expect(counts.warnings).toEqual([]);
        return events.map(({ kind, arg, bytes, frame, n, status }) => [
          ...[kind, arg, bytes, frame, n, status],
        ]);
      });
    const all = (which: 1 | 2) =>
      pairs.map((pair, i) => line(`1.00000${i}`, pair[0], pair[which])).join('');
    expect(await columns(all(2))).toEqual(await columns(all(1)));
  });

  it('keeps the fields of -R, and does not guess those that are missing', async () => {
    const { counts, reader } = await imported(
      PREAMBLE +
        line('1.000001', 'kvm_exit', 'exit_reason=0x30 guest_rip=0xfff isa=1 info1=386 info2=0') +
        line('1.000002', 'map', 'iova=4096 size=0x1000') +
        line('1.000003', 'load', '[FAILED TO PARSE] mask=ARRAY[0f, 00] freq=0x82208'),
    );
    expect(reader.event(1).details).toMatchObject({ isa: '1', info1: '386' });
    expect(counts).toMatchObject({ typed: 1, generic: 2, warningsTotal: 1 });
    expect(counts.warnings[0]?.line).toBe(5);
    expect(reader.event(3).details).toMatchObject({ mask: 'ARRAY[0f, 00]', freq: '0x82208' });
  });

  it('of several recordings keeps their CPUs apart', async () => {
    const result = await imported(
      'host.dat: cpus=2\nguest.dat: version = 6\nguest.dat: CPU 3 is empty\n' +
        `  host.dat: ${line('1.000001', 'kvm_entry', 'vcpu 0')}` +
        `  guest.dat: CPU:1 [7 EVENTS DROPPED]\n` +
        line('1.000002', 'kvm_fast_mmio', 'fast mmio at gpa 0xfe003000') +
        `  host.dat: ${line('1.000003', 'kvm_entry', 'vcpu 0')}`,
    );
    expect(result.counts).toMatchObject({ typed: 4, warningsTotal: 0 });
    expect(
      result.reader.info('x').tracks.map(({ name, detail }) => `${name} ${detail}`.trim()),
    ).toEqual(['CPU 0', 'CPU 1 segment 2', 'CPU 0 segment 2']);
    expect(result.events[1]).toMatchObject({ kind: K.recGap, n: 7 });
    expect(result.reader.event(2).source?.text).toContain('guest.dat:');
    expect(lostLines(result)).toBe(0);
  });

  it('may have been made with -l', async () => {
    const { counts, reader } = await imported(
      `${PREAMBLE}    qemu-7       1d..1   398.691444: kvm_entry:            vcpu 3\n`,
    );
    expect(counts.typed).toBe(1);
    expect(reader.event(1).details).toMatchObject({ flags: 'd..1', pid: '7' });
    expect(reader.info('x').tracks[0]?.name).toBe('CPU 1');
  });
});
