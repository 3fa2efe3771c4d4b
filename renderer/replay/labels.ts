/**
 * Text inside a span. It loses its prefix, then its suffix, and then vanishes: an ellipsis in a span
 * says nothing.
 */

const PREFIXES = [
  'GNTTABOP_',
  'EVTCHNOP_',
  'VIRTIO_IOMMU_T_',
  'swiotlb_tbl_',
  'xenvif_',
  'TLBI ',
  'GNT.',
  'GT.',
  'DEV.',
  'RING.',
  'CPU.',
  'IOTLB.',
  'IOMMU.',
  'IOVA.',
];
const SUFFIXES = ['_grant_ref', '_kthread', '_single', '_queue_xmit', '_sendmsg', '_old_xmit'];

const cache = new Map<string, readonly string[]>();

/** From the full name to its shortest form, without repetition. */
export function formsOf(name: string): readonly string[] {
  const known = cache.get(name);
  if (known !== undefined) return known;
  const prefix = PREFIXES.find((each) => name.startsWith(each)) ?? '';
  const bare = name.slice(prefix.length);
  const suffix = SUFFIXES.find((each) => bare.endsWith(each)) ?? '';
  const stem = suffix === '' ? bare : bare.slice(0, -suffix.length);
  const forms = [...new Set([name, bare, stem])];
  cache.set(name, forms);
  return forms;
}

/** The longest form that fits into `width`, or an empty text. */
export function fit(name: string, width: number, measure: (text: string) => number): string {
  return formsOf(name).find((form) => measure(form) <= width) ?? '';
}
