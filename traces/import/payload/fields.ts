/**
 * Events as their fields, `trace-cmd report -R`: names as in the kernel's format files. Each becomes
 * the text that the kernel would have printed, and the parser of that text does the rest.
 */
import { fieldsOf, keyValues, number, type Payload } from './payload.ts';
import { parseKnown } from './index.ts';

const NUMBER = /^(?:0x[0-9a-f]{1,32}|\d{1,40})$/;

/** Fields of one event; asking for one that it has not, or not in that form, makes it unreadable. */
class Fields {
  readonly #values: Readonly<Record<string, string>>;
  complete = true;

  constructor(values: Readonly<Record<string, string>>) {
    this.#values = values;
  }

  has(name: string): boolean {
    return name in this.#values;
  }

  text(name: string): string {
    const value = this.#values[name];
    if (value === undefined || value === '') this.complete = false;
    return value ?? '';
  }

  value(name: string): bigint {
    const value = this.#values[name];
    if (value !== undefined && NUMBER.test(value)) return number(value);
    this.complete = false;
    return 0n;
  }

  /** Hexadecimal digits. */
  hex(name: string): string {
    return this.value(name).toString(16);
  }

  decimal(name: string): string {
    return this.value(name).toString();
  }
}

const QI_TYPES = [
  ...['', 'cc_inv', 'iotlb_inv', 'dev_tlb_inv', 'iec_inv', 'inv_wait'],
  ...['p_iotlb_inv', 'pc_inv', 'p_dev_tlb_inv', 'page_grp_resp'],
];
const MMIO_TYPES = ['unsatisfied-read', 'read', 'write'];

/** `vcpu N ` where the event names its vCPU. */
function vcpu(f: Fields): string {
  return f.has('vcpu_id') ? `vcpu ${f.decimal('vcpu_id')} ` : '';
}

const dma = (f: Fields) =>
  `${f.text('device')} dma_addr=${f.hex('dma_addr')} size=${f.decimal('size')}`;
const dmaMap = (f: Fields) => `${dma(f)} phys_addr=${f.hex('phys_addr')}`;

/** `dev_t` as the kernel has it inside: twenty bits of minor number. */
const device = (f: Fields) => `${f.value('dev') >> 20n},${f.value('dev') & 0xfffffn}`;

const TEXTS: Readonly<Record<string, (f: Fields) => string>> = {
  map: (f) => `IOMMU: iova=0x${f.hex('iova')} paddr=0x${f.hex('paddr')} size=${f.decimal('size')}`,
  unmap: (f) =>
    `IOMMU: iova=0x${f.hex('iova')} size=${f.decimal('size')} unmapped_size=${f.decimal('unmapped_size')}`,
  io_page_fault: (f) =>
    `IOMMU:${f.text('driver')} ${f.text('device')} iova=0x${f.hex('iova')} flags=0x${f.hex('flags')}`,
  attach_device_to_domain: (f) => `IOMMU: device=${f.text('device')}`,
  detach_device_from_domain: (f) => `IOMMU: device=${f.text('device')}`,
  qi_submit: (f) => {
    const words = ['qw0', 'qw1', 'qw2', 'qw3'].map((name) => `0x${f.hex(name)}`);
    const code = Number(f.value('qw0') & 15n);
    return `${QI_TYPES[code] || `0x${code.toString(16)}`} ${f.text('iommu')}: ${words.join(' ')}`;
  },
  dma_map_phys: dmaMap,
  dma_map_page: dmaMap,
  dma_map_resource: dmaMap,
  dma_unmap_phys: dma,
  dma_unmap_page: dma,
  dma_unmap_resource: dma,
  dma_alloc: dma,
  dma_alloc_pages: dma,
  dma_free: dma,
  dma_free_pages: dma,
  dma_sync_single_for_cpu: dma,
  dma_sync_single_for_device: dma,
  block_rq_issue: (f) =>
    `${device(f)} ${f.text('rwbs')} ${f.decimal('bytes')} () ${f.decimal('sector')} + ${f.decimal('nr_sector')} [${f.has('comm') ? f.text('comm') : ''}]`,
  block_rq_complete: (f) =>
    `${device(f)} ${f.text('rwbs')} () ${f.decimal('sector')} + ${f.decimal('nr_sector')} [${f.has('error') ? String(BigInt.asIntN(32, f.value('error'))) : ''}]`,
  swiotlb_bounced: (f) =>
    `dev_name: ${f.text('dev_name')} dma_mask=${f.hex('dma_mask')} dev_addr=${f.hex('dev_addr')} size=${f.decimal('size')}`,
  kvm_exit: (f) =>
    `${vcpu(f)}reason ${f.text('exit_reason')} rip 0x${f.hex('guest_rip')} info ${f.hex('info1')} ${f.hex('info2')}`,
  kvm_entry: (f) => `vcpu ${f.decimal('vcpu_id')}${f.has('rip') ? `, rip 0x${f.hex('rip')}` : ''}`,
  kvm_hypercall: (f) =>
    `nr 0x${f.hex('nr')} a0 0x${f.hex('a0')} a1 0x${f.hex('a1')} a2 0x${f.hex('a2')} a3 0x${f.hex('a3')}`,
  kvm_mmio: (f) =>
    `mmio ${MMIO_TYPES[Number(f.value('type'))] ?? ''} len ${f.decimal('len')} gpa 0x${f.hex('gpa')} val 0x${f.hex('val')}`,
  kvm_fast_mmio: (f) => `fast mmio at gpa 0x${f.hex('gpa')}`,
  kvm_pio: (f) =>
    `pio_${f.value('rw') === 0n ? 'read' : 'write'} at 0x${f.hex('port')} size ${f.decimal('size')} count ${f.decimal('count')}`,
  kvm_set_irq: (f) =>
    `gsi ${f.decimal('gsi')} level ${f.decimal('level')} source ${f.decimal('irq_source_id')}`,
  kvm_ack_irq: (f) => `irqchip ${f.text('irqchip')} pin ${f.decimal('pin')}`,
};

/** Reads `field=value field=value`; null when the event is unknown or a field of it is missing. */
export function parseFields(event: string, message: string): Payload | null {
  const write = TEXTS[event];
  if (write === undefined) return null;
  const values = keyValues(message);
  const fields = new Fields(values);
  const text = write(fields);
  if (!fields.complete) return null;
  const payload = parseKnown(event, text);
  // What was recorded, not what became of it on the way.
  if (payload === null) return null;
  const { json: _, ...columns } = payload;
  return { ...columns, fields: { ...fieldsOf(payload), ...values } };
}
