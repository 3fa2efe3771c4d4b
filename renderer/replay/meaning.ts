/** Columns of an event in words: frames, arguments and statuses as their kind defines them. */
import {
  DMA_TRANSLATIONS,
  EXIT_REASONS,
  type EventRow,
  type KindInfo,
} from '../../core/contract/index.ts';
import { plural } from '../../core/figures/numbers.ts';

/** GNTST_* of Xen's public/grant_table.h. */
const GNTST: Readonly<Record<number, string>> = {
  0: 'GNTST_okay',
  [-1]: 'GNTST_general_error',
  [-2]: 'GNTST_bad_domain',
  [-3]: 'GNTST_bad_gntref',
  [-4]: 'GNTST_bad_handle',
  [-5]: 'GNTST_bad_virt_addr',
  [-6]: 'GNTST_bad_dev_addr',
  [-7]: 'GNTST_no_device_space',
  [-8]: 'GNTST_permission_denied',
  [-9]: 'GNTST_bad_page',
  [-10]: 'GNTST_bad_copy_arg',
  [-11]: 'GNTST_address_too_big',
  [-12]: 'GNTST_eagain',
};

const VIRTIO_IOMMU: readonly string[] = [
  'VIRTIO_IOMMU_S_OK',
  'VIRTIO_IOMMU_S_IOERR',
  'VIRTIO_IOMMU_S_UNSUPP',
  'VIRTIO_IOMMU_S_DEVERR',
  'VIRTIO_IOMMU_S_INVAL',
  'VIRTIO_IOMMU_S_RANGE',
  'VIRTIO_IOMMU_S_NOENT',
  'VIRTIO_IOMMU_S_FAULT',
  'VIRTIO_IOMMU_S_NOMEM',
];

const LOCKS = [
  'grant table of the frontend',
  'maptrack of the backend',
  'p2m',
  'IOMMU invalidation queue',
  'bounce pool area',
  'IOVA tree',
  'Argo ring',
  'persistent-grant tree',
  'completion of a polled copy engine',
  'turn of a remote TLB flush',
] as const;

export interface Status {
  readonly text: string;
  readonly good: boolean;
}

export function statusOf(event: EventRow): Status | null {
  const code = event.status;
  if (code === null) return null;
  const named = /^(GNTTABOP_|GT\.)/.test(event.name)
    ? GNTST[code]
    : event.name.startsWith('VIRTIO_IOMMU_T_')
      ? VIRTIO_IOMMU[code]
      : code === 0
        ? 'ok'
        : undefined;
  return { text: named ?? String(code), good: code === 0 };
}

/** A 64-bit value that travelled as decimal text, as people write addresses. */
export function hex(decimal: string): string {
  try {
    return `0x${BigInt.asUintN(64, BigInt(decimal)).toString(16)}`;
  } catch {
    return decimal;
  }
}

const NUMBERS =
  /reason|levels|index|slot|references?|handle|channel|vector|pin|line|VMID|CPUs|port|row/i;

/** What `arg` says: words where its values have names, an address or a number otherwise. */
export function argOf(
  event: Pick<EventRow, 'name' | 'arg'>,
  kind: KindInfo | undefined,
): string | null {
  if (event.arg === null) return null;
  const value = Number(event.arg);
  const named =
    event.name === 'VMEXIT'
      ? EXIT_REASONS[value]
      : event.name === 'DMA.rd' || event.name === 'DMA.wr'
        ? `IOTLB ${DMA_TRANSLATIONS[value] ?? ''}`.trim()
        : event.name === 'spin'
          ? LOCKS[value]
          : undefined;
  if (named !== undefined) return named;
  if (event.name === 'IOTLB.inv' && value === -1) return 'whole domain';
  return NUMBERS.test(kind?.arg ?? '') && Number.isSafeInteger(value) ? event.arg : hex(event.arg);
}

/** What an event of a kind is, in a sentence, with the number of bytes that this one has. */
export function docOf(kind: Pick<KindInfo, 'doc'> | undefined, bytes: number | null): string {
  return (kind?.doc ?? '')
    .replaceAll(/`bytes` bytes/g, bytes === null ? 'bytes' : plural(bytes, 'byte'))
    .replaceAll('`', '');
}

const UNSAID: Readonly<Record<string, string>> = {
  'iommu.map':
    'The tracepoint names neither device nor domain: at one address the mappings of several domains are not told apart, and the last one is paired with the next unmap.',
  'iommu.unmap':
    'The tracepoint names neither device nor domain: it is paired with the last mapping at its address, whosever it is.',
};

/** What the tracepoint of a kind does not say, where its events would be taken to say it. */
export function unsaidOf(kind: Pick<KindInfo, 'name'>): string {
  return UNSAID[kind.name] ?? '';
}

/** Name of what `arg` holds, short enough for a caption. */
export function argName(kind: KindInfo | undefined): string {
  const meaning = kind?.arg ?? 'argument';
  if (meaning.startsWith('IOTLB')) return 'translation';
  return meaning.split(/[,(]/)[0]?.trim() ?? 'argument';
}
