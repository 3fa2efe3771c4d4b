/**
 * Damaged recordings: cut off anywhere, bits flipped, numbers without end, lines out of place, one
 * format behind another. Each is refused with a reason, or every line of it is accounted for.
 * Some hundred mutations run here; `MAPCOPY_LONG=1` runs more than ten thousand.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { LabError } from '../../core/contract/errors.ts';
import { queryTrace } from '../query/query.ts';
import { openTrace } from '../read/reader.ts';
import { tempFolder } from '../testing/temp.ts';
import { importTrace } from './import.ts';
import { lostLines } from './testing.ts';

const SAMPLES = fileURLToPath(new URL('../../../shared/samples/', import.meta.url));
/** Large samples are cut here: all their events must fit into one page of the reader. */
const MAX_BYTES = 16 * 1024;
const LONG = process.env.MAPCOPY_LONG === '1';
/** Mutations of each recording made here, and of each sample. */
const ROUNDS = LONG ? { made: 1000, sample: 250 } : { made: 70, sample: 5 };

const KERNEL = `# tracer: nop
#
# entries-in-buffer/entries-written: 4/9   #P:8
 qemu-kvm-4575    [008] .......   438.308514: map: IOMMU: iova=0x0000000000001000 - 0x0000000000002000 paddr=0x00000001a6800000 size=4096
 qemu-kvm-4575    [008] .......   438.308515: <stack trace>
 => iommu_map
 => vfio_iommu_type1_ioctl
CPU:8 [LOST 42 EVENTS]
     cpu 0/kvm-11 [001] d...1   438.308516: kvm_exit: reason EPT_MISCONFIG rip 0x10 info 0 0
     cpu 0/kvm-11 [001] d...1   438.308519: kvm_entry: vcpu 0
  ps-6143    2d..1  259us+: trace_hardirqs_on <-_raw_spin_unlock_irqrestore
qi_submit: iotlb_inv dmar2: 0x800f2 0xf9a00005
 0x0 0x0
`;
const REPORT = `cpus=2
            qemu-7     [000]     5.000000001: kvm_fast_mmio:        fast mmio at gpa 0xfe003000
CPU:0 [17 EVENTS DROPPED]
            qemu-7     [000]     5.000000002: map:                  iova=4096 paddr=7088373760 size=0x1000
`;
const PERF = `# ========
# captured on: today
       fc_vcpu 1  599500 [039] 1377662.550600: kvm:kvm_entry:  vcpu 1 rip 0xffffffff81036706
\tffffffff8cfe3aaa vmx_handle_exit+0x6ca ([kernel.kallsyms])

swapper     0 [002]  1377662.550700:    1001001 cycles:ppp: 
\tffffffff8cfe3aaa idle ([kernel.kallsyms])

VM:  123 VCPU:001   qemu  44/45 [001]  1377662.550800: sched:sched_waking: comm=a pid=1
`;
const QEMU = `9585@1676093788.259201:vhost_vdpa_dma_map vdpa:0x7ff13088a190 fd: 16
msg_type: 2 asid: 0 iova: 0x1000 size: 0x2000 uaddr: 0x55a5a7ff3000
perm: 0x1 type: 2
9585@1676093788.259301:vtd_inv_desc_iotlb_pages iotlb invalidate domain 0x8 addr 0xf9a00000 mask 0x5
9585@1676093788.259401:virtio_queue_notify vdev 0x55a5 n 1 vq 0x55a6
`;

function recordings(): [string, Buffer][] {
  const made: [string, string][] = [
    ['ftrace', KERNEL],
    ['trace-cmd report', REPORT],
    ['perf script', PERF],
    ['QEMU log', QEMU],
  ];
  const list = join(SAMPLES, 'expected.json');
  const samples = existsSync(list)
    ? Object.keys((JSON.parse(readFileSync(list, 'utf8')) as { files: object }).files)
    : [];
  return [
    ...made.map(([name, text]): [string, Buffer] => [name, Buffer.from(text)]),
    ...samples
      .filter((file) => existsSync(join(SAMPLES, file)))
      .map((file): [string, Buffer] => [
        file,
        readFileSync(join(SAMPLES, file)).subarray(0, MAX_BYTES),
      ]),
  ];
}

function warningsOf(file: string): { line: number; text: string }[] {
  const { rows } = queryTrace({ file, sql: 'SELECT line, text FROM warnings', limit: 10_000 });
  return rows.map(([line, text]) => ({ line: Number(line), text: String(text) }));
}

/** Numbers that are the same in every run. */
class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A whole number from 0 up to `limit`, without it. */
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }
}

const ALL = recordings();

const MUTATIONS: readonly ((bytes: Buffer, chance: Chance) => Buffer)[] = [
  (bytes, chance) => bytes.subarray(0, chance.below(bytes.length + 1)),
  (bytes, chance) => {
    const copy = Buffer.from(bytes);
    for (let flips = 1 + chance.below(20); flips > 0; flips--) {
      const at = chance.below(copy.length);
      // Not the highest bit: a text stays a text.
      copy[at] = (copy[at] ?? 0) ^ (1 << chance.below(7));
    }
    return copy;
  },
  (bytes, chance) => {
    const from = chance.below(bytes.length);
    const digit = bytes.subarray(from).findIndex((byte) => byte >= 0x30 && byte <= 0x39);
    const at = from + Math.max(digit, 0);
    const many = [20, 400, 70_000][chance.below(3)] ?? 20;
    return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(many, '9'), bytes.subarray(at)]);
  },
  (bytes, chance) => Buffer.concat([bytes, ALL[chance.below(ALL.length)]?.[1] ?? bytes]),
  (bytes, chance) => {
    const lines = bytes.toString('latin1').split('\n');
    const [taken = ''] = lines.splice(chance.below(lines.length), 1);
    lines.splice(chance.below(lines.length + 1), 0, ...Array<string>(chance.below(3)).fill(taken));
    return Buffer.from(lines.join('\n'), 'latin1');
  },
];

describe('a damaged recording', () => {
  let mutations = 0;
  let refused = 0;
  afterAll(() => {
    if (LONG) console.info(`${mutations} mutations: ${refused} refused, the others imported whole`);
  });

  it.each(ALL)(
    '%s is refused with a reason, or all its lines are told of',
    { timeout: LONG ? 3_600_000 : 120_000 },
    async (name, bytes) => {
      const chance = new Chance(name.length * 7919 + bytes.length);
      const folder = tempFolder();
      const input = join(folder, 'recording');
      const output = join(folder, 'out.mctrace');
      const rounds = name.includes('/') ? ROUNDS.sample : ROUNDS.made;
      for (let round = 0; round < rounds; round++) {
        const mutate = MUTATIONS[round % MUTATIONS.length];
        const damaged = mutate?.(bytes, chance) ?? bytes;
        writeFileSync(input, damaged);
        mutations += 1;
        const where = `${name}, mutation ${round}`;
        try {
          const counts = await importTrace({ input, output, name: '', recordedAt: '' });
          const reader = openTrace(output);
          try {
            const events = reader.events(1, 1000);
            expect([where, events.length]).toEqual([where, counts.events]);
            expect(counts.typed + counts.generic + counts.raw).toBe(counts.events);
            const lost = lostLines({ counts, reader, events }, warningsOf(output));
            expect([where, Math.max(0, lost)]).toEqual([where, 0]);
          } finally {
            reader.close();
          }
        } catch (thrown) {
          if (!(thrown instanceof LabError)) throw thrown;
          refused += 1;
          expect([where, thrown.data.remedy === '']).toEqual([where, false]);
        }
      }
    },
  );
});
