/**
 * Texts of xentrace_format and xenalyze. No recording of them is public: these lines are composed
 * from the format strings of `tools/xentrace/formats` and `tools/xentrace/xenalyze.c`.
 */
import { expect, it } from 'vitest';
import { K } from '../../../core/contract/kinds.ts';
import { lostLines } from '../testing.ts';
import { importContent } from '../../testing/imported.ts';

const FORMAT = `CPU0  0 (+       0)  cpu_change        0x00000000
CPU0  50475882825000 (+       0)  runnable_to_running [ dom:vcpu = 0x00010003 ]
CPU0  50475882825885 (+     885)  VMEXIT      [ exitcode = 0x00000012, rIP  = 0xffffffff810013aa ]
CPU0  0 (+       0)  VMMCALL     [ func = 0x00000014 ]
CPU0  50475882830544 (+    4659)  VMENTRY
CPU2  50475886924152 (+       0)  page_grant_map      [ domid = 14 ]
CPU2  50475886924200 (+      48)  hypercall  [ op = 0x00200014 ]
CPU2  50475886924300 (+     100)  NPF         [ gpa = 0x00000000fee000b0 mfn = 0xffffffffffffffff qual = 0x0182 p2mt = 0x0004 ]
CPU2  50475886924400 (+     100)  unknown (0x0000000000099001)  [ 0x00000001 0x00000002 0x00000000 0x00000000 0x00000000 0x00000000 0x00000000 ]
CPU2  50475886924500 (+     100)  lost_records      0x00000007
`;

const XENALYZE = `]               x-|. d0v1 lost_records count 9 d0v1 (cur d0v1) first_tsc 77
]  0.000001000 x-|. d1v3 vmexit exit_reason EPT_VIOLATION eip ffffffff810013aa
   0.000001100 x-|. d1v3 npf gpa fee000b0 q 182 mfn ffffffffffffffff t 4
   0.000001200 x-|. d1v3 vmcall 14 (grant_table_op)
]  0.000003500 x-|. d1v3 vmentry cycles 6000 
   0.000004000 .-x. d0v1  hypercall 14 (grant_table_op) map_grant_ref 3 ops
   0.000004100 .-x. d0v1 grant-map domain 1
   0.000004200 .-x. d0v1 inj_virq vec 243  real
   0.000004300 .-x. d?v? runstate_change d0v1 runnable->running
]  0.000004400 .-x. d0v1   99001(80:99:1) 2 [ 1 ff ]
Total time: 1.00 seconds
`;

it('the text of xentrace_format gives exits with their length, calls, grants and faults', async () => {
  const result = await importContent(FORMAT);
  const { counts, events, reader } = result;
  expect(counts).toMatchObject({ format: 'xentrace_format', lines: 10, events: 9, skipped: 1 });
  expect(counts.warnings.map(({ reason }) => reason)).toEqual([
    'the recording does not say its clock rate: 2.4 GHz is assumed; import it again with yours (--clock-hz)',
  ]);
  expect(events.map(({ kind }) => kind)).toEqual([
    ...[K.generic, K.recVmExit, K.recHypercall, K.recVmEntry, K.recGrantMap, K.recHypercall],
    ...[K.recPageFault, K.generic, K.recGap],
  ]);
  expect(events[1]).toMatchObject({ arg: '18446744071578850218', dur: 1942 });
  expect(events[2]).toMatchObject({ ts: events[1]?.ts, arg: '20' });
  expect(events[4]).toMatchObject({ arg: '14' });
  expect(events[5]).toMatchObject({ arg: '20' });
  expect(events[6]).toMatchObject({ frame: String(0xfee000b0) });
  expect(events[8]).toMatchObject({ n: 7 });
  expect(reader.event(2).details).toMatchObject({ exitcode: '0x00000012', vcpu: 'd1v3' });
  expect(reader.event(8).details).toMatchObject({ word0: '0x00000001' });
  expect(reader.info('x').tracks.map(({ name }) => name)).toEqual(['CPU 0', 'CPU 2']);
  expect(lostLines(result)).toBeLessThanOrEqual(0);
});

it('a clock rate that the user gives sets the times, and no warning is left', async () => {
  const { counts, events } = await importContent(FORMAT, { clockHz: 1_000_000_000 });
  expect(counts.warningsTotal).toBe(0);
  expect(events[1]?.dur).toBe(4659);
});

it('a dump of xenalyze gives the same vocabulary, and what is no record is warned of', async () => {
  const result = await importContent(XENALYZE);
  const { counts, events, reader } = result;
  expect(counts).toMatchObject({ format: 'xenalyze', lines: 11, events: 10 });
  expect(counts.warnings).toEqual([{ line: 11, reason: 'not a record of xenalyze --dump-all' }]);
  expect(events.map(({ kind }) => kind)).toEqual([
    ...[K.recGap, K.recVmExit, K.recPageFault, K.recHypercall, K.recVmEntry, K.recHypercall],
    ...[K.recGrantMap, K.recIrqInject, K.generic, K.generic],
  ]);
  expect(events[0]).toMatchObject({ ts: 0, n: 9 });
  expect(events[1]).toMatchObject({ ts: 1000, dur: 2500, arg: '18446744071578850218' });
  expect(events[5]).toMatchObject({ arg: '20' });
  expect(events[6]).toMatchObject({ arg: '1' });
  expect(events[7]).toMatchObject({ arg: '243' });
  expect(reader.event(2).details).toMatchObject({ reason: 'EPT_VIOLATION', vcpu: 'd1v3' });
  expect(reader.info('x').tracks.map(({ name }) => name)).toEqual(['CPU 0', 'CPU 2']);
  expect(lostLines(result)).toBeLessThanOrEqual(0);
});
