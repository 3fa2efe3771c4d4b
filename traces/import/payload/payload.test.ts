/** Messages as kernels print them (sources in the parsers), and some that none does. */
import { describe, expect, it } from 'vitest';
import { K } from '../../../core/contract/kinds.ts';
import { fieldsOf, parseAny, parseKnown, type Payload } from './index.ts';
import { Form } from './form.ts';
import { word } from './payload.ts';

type Row = readonly [text: string, payload: Partial<Payload>];

const ROWS: readonly Row[] = [
  [
    'map: IOMMU: iova=0x000000000ffff36000 paddr=0x00000001164d8000 size=4096',
    { kind: K.recIommuMap, frame: 0x1164d8000n, arg: 0xffff36000n, bytes: 4096 },
  ],
  [
    'map: IOMMU: iova=0x0000000000001000 paddr=0x0000000000002000 size=0x2000',
    { kind: K.recIommuMap, bytes: 8192 },
  ],
  [
    'unmap: IOMMU: iova=0x0000000000001000 - 0x0000000000002000 size=4096 unmapped_size=4096',
    { kind: K.recIommuUnmap, arg: 0x1000n, bytes: 4096 },
  ],
  [
    'io_page_fault: IOMMU:ath12k_pci 0000:c2:00.0 iova=0x00000000fe980000 flags=0x0001',
    { kind: K.recFault, arg: 0xfe980000n, status: 1 },
  ],
  [
    'attach_device_to_domain: IOMMU: device=0000:00:02.0',
    { kind: K.recAttach, fields: { device: '0000:00:02.0' } },
  ],
  ['add_device_to_group: IOMMU: groupID=3 device=0000:00:02.0', { kind: K.recAttach }],

  [
    'qi_submit: iotlb_inv dmar1: 0x100e2 0x0 0x0 0x0',
    {
      kind: K.recIotlbFlush,
      fields: {
        type: 'iotlb_inv',
        iommu: 'dmar1',
        qw0: '0x100e2',
        qw1: '0x0',
        qw2: '0x0',
        qw3: '0x0',
        scope: 'domain',
        did: '1',
        hint: '0',
      },
    },
  ],
  [
    'qi_submit: iotlb_inv dmar2: 0x800f2 0xf9a00005 0x0 0x0',
    { kind: K.recIotlbFlush, arg: 0xf9a00000n, n: 32 },
  ],
  [
    'qi_submit: dev_tlb_inv dmar1: 0x1000000003 0x7ffffffffffff001 0x0 0x0',
    { kind: K.recIotlbFlush, arg: 0n },
  ],
  [
    'qi_submit: dev_tlb_inv dmar1: 0x1000000003 0x5000 0x0 0x0',
    { kind: K.recIotlbFlush, arg: 0x5000n, n: 1 },
  ],
  [
    'qi_submit: dev_tlb_inv dmar1: 0x1000000003 0x13001 0x0 0x0',
    { kind: K.recIotlbFlush, arg: 0x10000n, n: 8 },
  ],
  ['qi_submit: inv_wait dmar1: 0x200000025 0x100 0x0 0x0', { kind: K.generic }],
  [
    'cache_tag_flush_range: dmar1 0000:00:1b.0[0] type iotlb did 9 [0xeab00000-0xeab1afff] addr 0xeab00000 pages 0x20 mask 0x5',
    { kind: K.recIotlbFlush, arg: 0xeab00000n, n: 27 },
  ],
  [
    'cache_tag_flush_range: dmar1 0000:00:1b.0[0] type iotlb did 9 [0xe9828000-0xe9828fff] addr 0xe9828000 mask 0x0',
    { kind: K.recIotlbFlush, n: 1 },
  ],
  [
    'cache_tag_flush_all: dmar6/0000:8a:00.0 type iotlb did 7 pasid 0 ref 1',
    { kind: K.recIotlbFlush },
  ],
  ['cache_tag_assign: dmar9/0000:00:01.0 type devtlb did 1 pasid 9 ref 1', { kind: K.generic }],
  [
    'map_sg: dev=0000:00:17.0 [4/9] dev_addr=0xf8f93000 phys_addr=0x1570f1000 size=8192',
    { kind: K.recDmaMap, frame: 0x1570f1000n, arg: 0xf8f93000n, bytes: 8192 },
  ],
  [
    'unmap_single: dev=0000:00:17.0 dev_addr=0xf8f93000 size=8192',
    { kind: K.recDmaUnmap, arg: 0xf8f93000n },
  ],

  [
    'dma_map_phys: 0000:c2:00.0 dir=TO_DEVICE dma_addr=fe980000 size=1514 phys_addr=10ec80000 attrs=',
    { kind: K.recDmaMap, frame: 0x10ec80000n, arg: 0xfe980000n, bytes: 1514 },
  ],
  [
    'dma_unmap_page: 0000:c2:00.0 dir=TO_DEVICE dma_addr=fe980000 size=1514 attrs=SKIP_CPU_SYNC',
    { kind: K.recDmaUnmap, arg: 0xfe980000n },
  ],
  [
    'dma_alloc: 0000:c2:00.0 dma_addr=fe980000 size=524288 virt_addr=000000006cadbcb1 flags=GFP_KERNEL attrs=',
    { kind: K.recDmaAlloc, bytes: 524_288 },
  ],
  [
    'dma_map_sg: nvme dir=TO_DEVICE nents=2/2 ents=2/2 dma_addrs={0xfe980000,0xfe981000} sizes={0x1000,0x200} phys_addrs={0x1000,0x9000} attrs=',
    { kind: K.recDmaMap, frame: 0x1000n, arg: 0xfe980000n, bytes: 0x1200, n: 2 },
  ],
  [
    'dma_map_sg: nvme dir=TO_DEVICE dma_addrs={0xfe980000} sizes={0x1000,0x200} phys_addrs={0x1000} attrs=',
    { kind: K.recDmaMap, problem: '1 addresses but 2 sizes' },
  ],
  [
    'dma_unmap_sg: nvme dir=TO_DEVICE phys_addrs={0x1000,0x9000} attrs=',
    { kind: K.recDmaUnmap, n: 2 },
  ],
  [
    'dma_sync_single_for_cpu: 0000:c2:00.0 dir=FROM_DEVICE dma_addr=fe980000 size=64',
    { kind: K.recDmaSync, bytes: 64 },
  ],
  [
    'swiotlb_bounced: dev_name: 0000:00:0a.0 dma_mask=ffffffff dev_addr=17c407000 size=256 NORMAL',
    { kind: K.recBounce, arg: 0x17c407000n, bytes: 256 },
  ],
  [
    'swiotlb_bounced: dev_name: 0000:00:0a.0 dma_mask=ffffffff dev_addr=17c407000 size=256 ',
    { kind: K.recBounce },
  ],

  [
    'kvm_exit: vcpu 3 reason EPT_VIOLATION rip 0xffffffff81c01f58 info1 0x0000000000000182 info2 0x0000000000000000 intr_info 0x00000000 error_code 0x00000000 requests 0x0000000000000000',
    {
      kind: K.recVmExit,
      arg: 0xffffffff81c01f58n,
      fields: {
        vcpu: '3',
        reason: 'EPT_VIOLATION',
        rip: 'ffffffff81c01f58',
        info1: '0000000000000182',
        info2: '0000000000000000',
        intr_info: '00000000',
        error_code: '00000000',
      },
    },
  ],
  [
    'kvm_exit: reason EXIT_NPF rip 0x0 info 1680000007 1729a1000',
    {
      kind: K.recVmExit,
      fields: { reason: 'EXIT_NPF', rip: '0', info1: '1680000007', info2: '1729a1000' },
    },
  ],
  ['kvm_exit: reason apic_access rip 0xc011518c', { kind: K.recVmExit, arg: 0xc011518cn }],
  [
    'kvm_exit: TRAP: HSR_EC: 0x0016 (HVC64), PC: 0xffff800008010000',
    { kind: K.recVmExit, arg: 0xffff800008010000n },
  ],
  [
    'kvm_entry: vcpu 0, rip 0xf7d6b intr_info 0x00000000 error_code 0x00000000[immediate exit]',
    { kind: K.recVmEntry, arg: 0xf7d6bn },
  ],
  ['kvm_entry: vcpu 0', { kind: K.recVmEntry }],
  ['kvm_entry: PC: 0xffff800008010000', { kind: K.recVmEntry, arg: 0xffff800008010000n }],
  [
    'kvm_hypercall: nr 0x2c8a9e9cc6703c a0 0x2c8b0e9ce46c37 a1 0xe0003bf7 a2 0xe0003bf7 a3 0x7  ',
    { kind: K.recHypercall, arg: 0x2c8a9e9cc6703cn },
  ],
  [
    'kvm_hv_hypercall: code 0x5c slow var_cnt 0x0 rep_cnt 0x0 idx 0x0 in 0x1000 out 0x0',
    { kind: K.recHypercall, arg: 0x5cn },
  ],
  [
    'kvm_xen_hypercall: cpl 0 nr 0x14 a0 0x1 a1 0x2 a2 0x3 a3 0x4 a4 0x5 a5 6',
    { kind: K.recHypercall, arg: 0x14n },
  ],
  [
    'kvm_hvc_arm64: HVC at 0xffff800008010000 (r0: 0x0000000084000000, imm: 0x0)',
    { kind: K.recHypercall, arg: 0x84000000n },
  ],
  [
    'kvm_mmio: mmio write len 4 gpa 0xfee000b0 val 0x0',
    { kind: K.recMmio, frame: 0xfee000b0n, arg: 0n, bytes: 4 },
  ],
  ['kvm_mmio: mmio unsatisfied-read len 4 gpa 0xd0000060 val 0x0', { kind: K.recMmio }],
  ['kvm_fast_mmio: fast mmio at gpa 0xfe003000', { kind: K.recKick, frame: 0xfe003000n }],
  [
    'kvm_pio: pio_write at 0xc13e size 2 count 3 val 0x1 (...)',
    { kind: K.recPio, arg: 0xc13en, bytes: 6, n: 3 },
  ],
  ['kvm_msi_set_irq: dst 65 vec 35 (Fixed|physical|edge)', { kind: K.recIrqInject, arg: 35n }],
  ['kvm_set_irq: gsi 24 level 1 source 0', { kind: K.recIrqInject, arg: 24n }],
  ['kvm_inj_virq: IRQ 0xec [reinjected]', { kind: K.recIrqInject, arg: 0xecn }],
  ['kvm_inj_virq: irq 236', { kind: K.recIrqInject, arg: 236n }],
  [
    'kvm_irq_line: Inject PPI interrupt (1), vcpu->idx: 0, num: 27, level: 1',
    { kind: K.recIrqInject, arg: 27n },
  ],
  [
    'kvm_ack_irq: irqchip PIC slave pin 3',
    { kind: K.recIrqAck, arg: 3n, fields: { irqchip: 'PIC slave', pin: '3' } },
  ],
  ['kvm_eoi: apicid 0 vector 236', { kind: K.recIrqAck, arg: 236n }],
  [
    'kvm_page_fault: vcpu 0 rip 0xffffffff81c01f58 address 0x00000000fec00000 error_code 0x182',
    { kind: K.recPageFault, frame: 0xfec00000n },
  ],
  ['kvm_page_fault: address febd0000 error_code 181', { kind: K.recPageFault, frame: 0xfebd0000n }],
  [
    'kvm_guest_fault: ipa 0x8000000, hsr 0x92000046, hxfar 0x8000000, pc 0xffff800008010000',
    { kind: K.recPageFault, frame: 0x8000000n, arg: 0xffff800008010000n },
  ],
  [
    'kvm_nested_vmexit: rip 7fa9ee5224e4 reason IO_INSTRUCTION info1 5658000b info2 0 int_info 0 int_info_err 0',
    { kind: K.generic },
  ],
];

function split(text: string): [string, string] {
  const at = text.indexOf(': ');
  return [text.slice(0, at), text.slice(at + 2)];
}

/** Wide columns unsigned, fields as an object. */
function plainly(payload: Payload) {
  const { frame, arg } = payload;
  const unsigned = (value: number | bigint) => BigInt.asUintN(64, BigInt(value));
  return {
    ...payload,
    ...(frame === undefined ? {} : { frame: unsigned(frame) }),
    ...(arg === undefined ? {} : { arg: unsigned(arg) }),
    fields: fieldsOf(payload),
  };
}

describe('messages', () => {
  it.each([
    'swiotlb_bounced: dev_name: 0000:00:03.0 dma_addr: 0x0000000038102000 size: 1514 alloc_size: 2048',
    'map: IOMMU: dev=1d84000.ufshc iova=0x000000000fffa88000 paddr=0x00000001063db000 size=4096',
    'map: IOMMU: iova=0x0000000000001000 paddr=0x0000000000002000 size=lots',
    'unmap: IOMMU: iova=0x0000000000001000 size=4096',
    'map: the moon',
    'io_page_fault: somewhere',
    'qi_submit: iotlb_inv dmar1: 0x100e2 0x0 0x0',
    'dma_map_phys: 0000:c2:00.0 dir=TO_DEVICE dma_addr=fe980000',
    'dma_map_sg: nvme dir=TO_DEVICE dma_addrs=none sizes={} attrs=',
    'kvm_exit: it left',
    'kvm_mmio: mmio destroy len 4 gpa 0xfee000b0 val 0x0',
    'kvm_hypercall: nr 5',
  ])('that no kernel prints are not believed: %s', (text) => {
    expect(parseKnown(...split(text))).toBeNull();
  });

  it.each(ROWS)('%s', (text, payload) => {
    const found = parseKnown(...split(text));
    expect(found === null ? null : plainly(found)).toMatchObject(payload);
  });

  it('of unknown events keep their fields, or stay text', () => {
    expect(parseAny('dev=eth0 skbaddr=000000003fa575fb len=56')).toEqual({
      kind: K.generic,
      fields: { dev: 'eth0', skbaddr: '000000003fa575fb', len: '56' },
    });
    expect(parseAny('hashes={0x1, 0x2} __proto__=1')).toMatchObject({ kind: K.generic });
    expect(parseAny('calling swiotlb_tbl_map_single with phys: be750600')).toEqual({ kind: K.raw });
  });
});

describe('words of 64 bits', () => {
  it('beyond 64 bits stay what they are, so that they can be refused', () => {
    expect(word('0x10000000000000000')).toBe(1n << 64n);
    expect(word(`0x${'f'.repeat(40)}`)).toBe((1n << 160n) - 1n);
  });

  it('are exact: numbers where a double is, else bigints', () => {
    const edges = [0n, 1n << 31n, 1n << 32n, 1n << 52n, 1n << 53n, 1n << 63n, (1n << 64n) - 1n];
    let bits = 0x9e3779b97f4a7c15n;
    for (let i = 0; i < 300; i++) {
      bits = BigInt.asUintN(64, bits * 6364136223846793005n + 1442695040888963407n);
      edges.push(bits >> BigInt(i % 64), BigInt.asUintN(64, -(bits >> BigInt(8 + (i % 56)))));
    }
    for (const edge of edges.flatMap((each) => [each - 1n, each, each + 1n])) {
      const value = BigInt.asUintN(64, edge);
      for (const digits of [value.toString(16), `0x${value.toString(16).padStart(18, '0')}`]) {
        const read = word(digits);
        expect([digits, BigInt.asUintN(64, BigInt(read))]).toEqual([digits, value]);
        if (typeof read === 'number') expect(Number.isSafeInteger(read)).toBe(true);
      }
    }
  });
});

describe('forms', () => {
  const form = new Form(/^(?<who>\S+) (?:at (?<hex>0x[0-9a-f]+) )?(?<minus>-?\d+)?(?<rest>.*)$/);
  const fields = (message: string) => {
    const match = form.exec(message);
    return match === null ? null : fieldsOf({ kind: K.generic, json: form.json(match) });
  };

  it('refuse what is not of them, and groups without names', () => {
    expect(fields(' x')).toBeNull();
    expect(() => new Form(/(?<a>x)(y)/)).toThrow('a group without a name');
  });

  it('give the fields that are there, whatever is in them', () => {
    expect(fields('a\\"b -7é"\t\ud800')).toEqual({
      who: 'a\\"b',
      minus: '-7',
      rest: 'é"\t\ud800',
    });
    expect(fields('a\\"b at 0xff ')).toEqual({ who: 'a\\"b', hex: '0xff' });
    const own = new Form(/^(?<name>\S+) (?<__proto__>\S+)$/);
    const match = own.exec('a b');
    expect(match && own.json(match)).toBe(',"field.name":"a","field.__proto__":"b"');
    expect([form.groupOf('hex'), form.groupOf('none'), form.groupOf(undefined)]).toEqual([2, 0, 0]);
  });
});
