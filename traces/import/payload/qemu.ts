/**
 * Trace events of QEMU's own, as its log prints them: `hw/i386/trace-events`,
 * `hw/virtio/trace-events`, `hw/vfio/trace-events`, `backends/trace-events`. Names are QEMU's and never
 * meet those of the kernel: they have a table of their own.
 */
import { K } from '../../../core/contract/kinds.ts';
import type { Payload, PayloadParser } from './payload.ts';
import { Form } from './form.ts';
import { fieldsOf, fieldsOnly, hex, number, size, word } from './payload.ts';

type Columns = Omit<Payload, 'kind' | 'fields' | 'json'>;

/** A parser for one form; `columns` is what of its groups goes into columns. */
function form(
  kind: number,
  pattern: RegExp,
  columns: (fields: Record<string, string>) => Columns = () => ({}),
): PayloadParser {
  const compiled = new Form(pattern);
  return (message) => {
    const match = compiled.exec(message);
    if (match === null) return null;
    return { kind, ...columns(compiled.fields(match)), json: compiled.json(match) };
  };
}

const at = (f: Record<string, string>, name: string) => hex(f[name] ?? '0');

/** `iova` and `size`. */
const sized = (f: Record<string, string>): Columns => ({
  arg: word(f['iova'] ?? '0'),
  ...size(at(f, 'size')),
});

/** `start` and `end`, the last byte of the range. */
function ranged(f: Record<string, string>): Columns {
  const length = at(f, 'end') - at(f, 'start') + 1n;
  return length > 0n
    ? { arg: at(f, 'start'), ...size(length) }
    : { arg: at(f, 'start'), problem: 'the range ends before it begins' };
}

/** What failed changed nothing. */
function succeeded(parser: PayloadParser): PayloadParser {
  return (message) => {
    const payload = parser(message);
    return payload === null || fieldsOf(payload)['ret'] === '0'
      ? payload
      : { kind: K.generic, json: payload.json };
  };
}

/** The two directions of one event. */
function either(of: (message: string) => boolean, yes: PayloadParser, no: PayloadParser) {
  return (message: string) => (of(message) ? yes(message) : no(message));
}

const X = '0x[0-9a-f]+';
const P = '(?:0x[0-9a-f]+|\\(nil\\))';
const re = (text: string) => new RegExp(`^\\s*${text}\\s*$`);

const VDPA = `vdpa: ?(?<vdpa>${P}) fd: (?<fd>-?\\d+) msg_type: (?<msg_type>\\d+)`;
// asid came with QEMU 7.2.
const VDPA_RANGE = `${VDPA}(?: asid: (?<asid>\\d+))? iova: (?<iova>${X}) size: (?<size>${X})`;
const IOMMUFD = `iommufd=(?<iommufd>-?\\d+) ioas=(?<ioas>\\d+) iova=(?<iova>${X}) size=(?<size>${X})`;
const VIRT = `virt_start=(?<start>${X}) virt_end=(?<end>${X})`;
const NOTIFY = `iommu (?<op>\\S+) @ (?<start>${X}) - (?<end>${X})`;

const VTD: Readonly<Record<string, PayloadParser>> = {
  vtd_inv_desc_iotlb_global: (message) =>
    /^iotlb invalidate global\s*$/.test(message)
      ? { kind: K.recIotlbFlush, fields: { scope: 'global' } }
      : null,
  vtd_inv_desc_iotlb_domain: form(
    K.recIotlbFlush,
    re(`iotlb invalidate (?<scope>whole domain) (?<did>${X})`),
  ),
  vtd_inv_desc_iotlb_pages: form(
    K.recIotlbFlush,
    re(`iotlb invalidate domain (?<did>${X}) addr (?<addr>${X}) mask (?<mask>${X})`),
    pages,
  ),
  vtd_inv_desc_iotlb_pasid_pages: form(
    K.recIotlbFlush,
    re(
      `iotlb invalidate domain (?<did>${X}) addr (?<addr>${X}) mask (?<mask>${X}) pasid (?<pasid>${X})`,
    ),
    pages,
  ),
  vtd_inv_desc_iotlb_pasid: form(
    K.recIotlbFlush,
    re(`iotlb invalidate domain (?<did>${X}) pasid (?<pasid>${X})`),
  ),
  vtd_dmar_fault: form(
    K.recFault,
    re(`sid (?<sid>${X}) fault (?<fault>-?\\d+) addr (?<addr>${X}) write (?<write>[01])`),
    (f) => ({ arg: at(f, 'addr'), status: Number(f['write']) }),
  ),
  // A page that the walk finds, for those who shadow the table; no permission means unmapped.
  vtd_page_walk_one: either(
    (message) => / perm 0\s*$/.test(message),
    form(K.recIommuUnmap, walked(), (f) => ({ arg: at(f, 'iova'), ...size(at(f, 'mask') + 1n) })),
    form(K.recIommuMap, walked(), (f) => ({
      frame: at(f, 'gpa'),
      arg: at(f, 'iova'),
      ...size(at(f, 'mask') + 1n),
    })),
  ),
};

function walked(): RegExp {
  return re(
    `(?:domain (?<did>\\S+) )?iova (?<iova>${X}) -> gpa (?<gpa>${X}) mask (?<mask>${X}) perm (?<perm>\\d+)`,
  );
}

/** The mask is an order: 2 to its power pages. */
function pages(f: Record<string, string>): Columns {
  const order = at(f, 'mask');
  return { arg: at(f, 'addr'), ...(order <= 52n ? { n: 2 ** Number(order) } : {}) };
}

const VIRTIO: Readonly<Record<string, PayloadParser>> = {
  virtio_iommu_attach: form(K.recAttach, re('domain=(?<domain>\\d+) endpoint=(?<endpoint>\\d+)')),
  virtio_iommu_detach: form(K.recAttach, re('domain=(?<domain>\\d+) endpoint=(?<endpoint>\\d+)')),
  virtio_iommu_map: form(
    K.recIommuMap,
    re(`domain=(?<domain>\\d+) ${VIRT} phys_start=(?<phys>${X}) flags=(?<flags>\\d+)`),
    (f) => ({ frame: at(f, 'phys'), ...ranged(f) }),
  ),
  virtio_iommu_unmap: form(K.recIommuUnmap, re(`domain=(?<domain>\\d+) ${VIRT}`), ranged),
  // The same unmap once more, when it is done.
  virtio_iommu_unmap_done: fieldsOnly(re(`domain=(?<domain>\\d+) ${VIRT}`)),
  virtio_iommu_report_fault: form(
    K.recFault,
    re(
      `FAULT reason=(?<reason>\\d+) flags=(?<flags>\\d+) endpoint=(?<endpoint>\\d+) address ?=(?<addr>${X})`,
    ),
    // VIRTIO_IOMMU_FAULT_F_WRITE is bit 1.
    (f) => ({ arg: at(f, 'addr'), status: Number((number(f['flags'] ?? '0') >> 1n) & 1n) }),
  ),
  virtio_queue_notify: form(K.recKick, re(`vdev (?<vdev>${P}) n (?<n>\\d+) vq (?<vq>${P})`)),
  virtio_notify: form(K.recIrqInject, re(`vdev (?<vdev>${P}) vq (?<vq>${P})`)),
  virtio_notify_irqfd: form(K.recIrqInject, re(`vdev (?<vdev>${P}) vq (?<vq>${P})`)),
};

const VHOST: Readonly<Record<string, PayloadParser>> = {
  vhost_vdpa_dma_map: form(
    K.recIommuMap,
    re(`${VDPA_RANGE} uaddr: (?<uaddr>${X}) perm: (?<perm>${X}) type: (?<type>\\d+)`),
    sized,
  ),
  vhost_vdpa_dma_unmap: form(K.recIommuUnmap, re(`${VDPA_RANGE} type: (?<type>\\d+)`), sized),
  vhost_vdpa_listener_begin_batch: fieldsOnly(re(`${VDPA} type: (?<type>\\d+)`)),
  vhost_vdpa_listener_commit: fieldsOnly(re(`${VDPA} type: (?<type>\\d+)`)),
  // What the listener is told; the map itself is an event of its own.
  vhost_vdpa_listener_region_add: fieldsOnly(
    re(
      `vdpa: (?<vdpa>${P}) iova (?<iova>${X}) llend (?<llend>${X}) vaddr: (?<vaddr>${P}) read-only: (?<readonly>\\d)`,
    ),
  ),
  vhost_vdpa_listener_region_del: fieldsOnly(
    re(`vdpa: (?<vdpa>${P}) iova (?<iova>${X}) llend (?<llend>${X})`),
  ),
  vhost_vdpa_set_vring_addr: fieldsOnly(
    re(
      `dev: (?<dev>${P}) index: (?<index>\\d+) flags: (?<flags>${X}) desc_user_addr: (?<desc_user_addr>${X}) used_user_addr: (?<used_user_addr>${X}) avail_user_addr: (?<avail_user_addr>${X}) log_guest_addr: (?<log_guest_addr>${X})`,
    ),
  ),
  vhost_iotlb_miss: fieldsOnly(re(`(?<dev>${P}) step (?<step>-?\\d+)`)),
};

const VFIO: Readonly<Record<string, PayloadParser>> = {
  vfio_listener_region_add_ram: form(
    K.recIommuMap,
    re(`region_add \\[ram\\] (?<start>${X}) - (?<end>${X}) \\[(?<vaddr>${P})\\]`),
    ranged,
  ),
  vfio_listener_region_del: form(
    K.recIommuUnmap,
    re(`region_del (?<start>${X}) - (?<end>${X})`),
    ranged,
  ),
  vfio_iommu_map_notify: either(
    (message) => /^\s*iommu UNMAP /i.test(message),
    form(K.recIommuUnmap, re(NOTIFY), ranged),
    form(K.recIommuMap, re(NOTIFY), ranged),
  ),
  vfio_listener_region_skip: fieldsOnly(re(`SKIPPING (?<name>\\S+) (?<start>${X}) - (?<end>${X})`)),
  vfio_region_mmap: fieldsOnly(
    re(
      `Region (?<region>\\S.*?)(?: mmaps\\[(?<index>\\d+)\\])? \\[(?<start>${X}) - (?<end>${X})\\]`,
    ),
  ),
  vfio_region_dmabuf: fieldsOnly(
    re(
      `Device (?<device>\\S+), region "(?<region>[^"]*)", offset: (?<offset>${X}), size: (?<size>${X})`,
    ),
  ),
  vfio_region_write: form(
    K.recMmio,
    re(
      `\\((?<device>\\S+):region(?<region>\\d+)\\+(?<offset>${X}), (?<value>${X}), (?<size>\\d)\\)`,
    ),
    (f) => ({ arg: at(f, 'value'), bytes: Number(f['size']) }),
  ),
  vfio_region_read: form(
    K.recMmio,
    re(
      `\\((?<device>\\S+):region(?<region>\\d+)\\+(?<offset>${X}), (?<size>\\d)\\) = (?<value>${X})`,
    ),
    (f) => ({ arg: at(f, 'value'), bytes: Number(f['size']) }),
  ),
  vfio_msi_interrupt: form(
    K.recIrqInject,
    re(`\\((?<device>[^)]*)\\) vector (?<vector>\\d+) (?<addr>${X})/(?<data>${X})`),
    (f) => ({ arg: number(f['vector'] ?? '0') }),
  ),
  vfio_intx_interrupt: form(K.recIrqInject, re('\\((?<device>[^)]*)\\) Pin (?<pin>[A-D])')),
  vfio_intx_eoi: form(K.recIrqAck, re('\\((?<device>[^)]*)\\) EOI')),
  iommufd_backend_map_dma: succeeded(
    form(
      K.recIommuMap,
      re(`${IOMMUFD} addr=(?<addr>${P}) readonly=(?<readonly>\\d) \\((?<ret>-?\\d+)\\)`),
      sized,
    ),
  ),
  iommufd_backend_map_file_dma: succeeded(
    form(
      K.recIommuMap,
      re(
        `${IOMMUFD} fd=(?<fd>-?\\d+) start=(?<start>-?\\d+) readonly=(?<readonly>\\d) \\((?<ret>-?\\d+)\\)`,
      ),
      sized,
    ),
  ),
  iommufd_backend_unmap_dma: succeeded(
    form(K.recIommuUnmap, re(`${IOMMUFD} \\((?<ret>-?\\d+)\\)`), sized),
  ),
};

const PARSERS = new Map<string, PayloadParser>(
  [VTD, VIRTIO, VHOST, VFIO].flatMap((each) => Object.entries(each)),
);

/** Is this an event of QEMU whose form is known? */
export function isKnownQemu(event: string): boolean {
  return PARSERS.has(event);
}

/** Reads the message of a known event of QEMU; null when the event or its form is unknown. */
export function parseQemu(event: string, message: string): Payload | null {
  return PARSERS.get(event)?.(message) ?? null;
}

/** Most fields kept of one message. */
const MAX_FIELDS = 256;

/** Reads any message of QEMU: `name: value` and `name=value`. */
export function parseAnyQemu(message: string): Payload {
  const fields: Record<string, string> = {};
  let count = 0;
  for (const match of message.matchAll(/(?:^|[\s(,[])([A-Za-z_][\w-]*)(?:=|: ?)([^\s,)\]]+)/g)) {
    fields[match[1] ?? ''] = match[2] ?? '';
    count += 1;
    if (count === MAX_FIELDS) break;
  }
  return count > 0 ? { kind: K.generic, fields } : { kind: K.raw };
}
