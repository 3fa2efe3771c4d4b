import { describe, expect, it } from 'vitest';
import { K } from '../../../core/contract/kinds.ts';
import { imported, lostLines } from '../testing.ts';

const EVENT = 'kvm:kvm_fast_mmio: fast mmio at gpa 0xfe003000';

/** Comm, pid, tgid, CPU and guest of the only event. */
async function who(head: string) {
  const result = await imported(`${head} ${EVENT}\n`);
  expect(result.counts).toMatchObject({ format: 'perf script', typed: 1, warningsTotal: 0 });
  expect(lostLines(result)).toBe(0);
  const { comm, pid, tgid, guest, flags } = result.reader.event(1).details;
  const track = result.reader.info('x').tracks[0]?.name;
  return [comm, pid, tgid, track, guest, flags].map((each) => each ?? '');
}

describe('output of perf script', () => {
  it.each([
    ['       fc_vcpu 1  599500 [039] 1377662.550600:', 'fc_vcpu 1', '599500', '', 'CPU 39'],
    ['CPU 0/KVM  7564/7565   [002]  4712.645070:', 'CPU 0/KVM', '7565', '7564', 'CPU 2'],
    ['  swapper     0 [002]  4712.645070123:', 'swapper', '0', '', 'CPU 2'],
    ['  swapper     0 [002]  4712.645070:       1', 'swapper', '0', '', 'CPU 2'],
    ['  swapper     0 [002] K     4712.645070:', 'swapper', '0', '', 'CPU 2', '', 'K'],
    ['VM:  123 VCPU:001   qemu  44 [001]  4712.645070:', 'qemu', '44', '', 'CPU 1', '123'],
    ['qemu  20677.199579:', 'qemu', '', '', 'CPU unknown'],
    ['20677.199579:', '', '', '', 'CPU unknown'],
    // Of a thread that perf knows nothing of.
    [':-1    -1 [000]  1000.123457000:', ':-1', '-1', '', 'CPU 0'],
    ['qemu  44 [001] 2021-12-12 16:11:10.214139  4712.645070:', 'qemu', '44', '', 'CPU 1'],
    [
      '2021-12-12 16:11:10.214139 G     <...> 206966 .N.. [017] 15504452.408994:',
      ...['<...>', '206966', '', 'CPU 17', 'a guest', '.N..'],
    ],
  ])('tells who, however little it prints: %s', async (head, ...expected) => {
    const found = await who(head ?? '');
    expect(found).toEqual(found.map((_, i) => expected[i] ?? ''));
  });

  it('keeps call chains with their events, and leaves samples out aloud', async () => {
    const result = await imported(
      '# ========\n# captured on: today\n#\n' +
        `swapper     0 [002]  1.000001: ${EVENT}\n` +
        '\tffffffff8cfe3aaa handle_ept_misconfig+0x6ca ([kernel.kallsyms])\n' +
        '\tffffffff8cfe3bbb vmx_handle_exit ([kernel.kallsyms])\n\n' +
        'swapper     0 [002]  1.000002:    1001001 cycles:ppp: \n' +
        '\tffffffff8cfe3aaa idle ([kernel.kallsyms])\n\n' +
        'swapper     0 [002]  1.000003:          1 cpu-clock:  ffffffffad135f6f [unknown]\n',
    );
    expect(result.counts).toMatchObject({ lines: 11, events: 1, skipped: 8, warningsTotal: 1 });
    expect(result.reader.event(1).details['stack']?.split('\n')).toHaveLength(2);
    expect(lostLines(result)).toBeLessThanOrEqual(0);
  });

  it('pairs exits with entries and reads the texts of libtraceevent', async () => {
    const { events } = await imported(
      ' qemu  44 [001] 10.000001: kvm:kvm_exit: reason EXTERNAL_INTERRUPT rip 0xff info 0 800000fd\n' +
        ' qemu  44 [003] 10.000005: kvm:kvm_entry:  vcpu 1 rip 0xff\n' +
        ' qemu  44 [003] 10.000006: sched:sched_waking: comm=a pid=1\n',
    );
    expect(events.map(({ kind, dur }) => [kind, dur])).toEqual([
      [K.recVmExit, 4000],
      [K.recVmEntry, 0],
      [K.generic, 0],
    ]);
  });

  it('warns of what is neither event nor sample', async () => {
    const result = await imported(
      `swapper 0 [002] 1.000001: ${EVENT}\nregards\nswapper 0 [002] 1.000002: something: else\n`,
    );
    expect(result.counts.warnings.map((warning) => warning.line)).toEqual([2, 3]);
    expect(lostLines(result)).toBe(0);
  });
});
