/** `dma:*`, Linux `include/trace/events/dma.h` (since 6.12), and `swiotlb:swiotlb_bounced`. */
import { K } from '../../../core/contract/kinds.ts';
import { hex, keyValues, number, size, type Payload, type PayloadParser } from './payload.ts';

const HEX = /^(?:0x)?[0-9a-f]+$/;
const DECIMAL = /^\d+$/;
const BOUNCED =
  /^dev_name: (\S+) dma_mask=([0-9a-f]+) dev_addr=([0-9a-f]+) size=(\d+)(?: (FORCE|NORMAL|NO_FORCE|swiotlb_force))?\s*$/;

/** Elements of `{0x1,0x2}`, or null where there is no such list. */
function list(text: string | undefined): bigint[] | null {
  if (text === undefined) return null;
  const inner = /^\{(.*)\}$/.exec(text)?.[1];
  if (inner === undefined) return null;
  if (inner === '') return [];
  const items = inner.split(',');
  return items.every((item) => HEX.test(item)) ? items.map(hex) : null;
}

/** Device and fields of a message, or null where it is not `DEVICE key=value ...`. */
function fieldsOf(message: string): Record<string, string> | null {
  const space = message.indexOf(' ');
  const device = space < 0 ? message : message.slice(0, space);
  if (device === '' || device.includes('=')) return null;
  return { device, ...keyValues(message.slice(device.length)) };
}

function one(kind: number, phys: boolean): PayloadParser {
  return (message) => {
    const fields = fieldsOf(message);
    const address = fields?.['dma_addr'];
    const bytes = fields?.['size'];
    if (fields === null || address === undefined || bytes === undefined) return null;
    if (!HEX.test(address) || !DECIMAL.test(bytes)) return null;
    const physical = fields['phys_addr'];
    if (phys && (physical === undefined || !HEX.test(physical))) return null;
    return {
      kind,
      ...(physical !== undefined && phys ? { frame: hex(physical) } : {}),
      arg: hex(address),
      ...size(number(bytes)),
      fields,
    };
  };
}

/** Scatter lists: the i-th DMA address goes with the i-th size; `n` is the number of segments. */
function many(kind: number): PayloadParser {
  return (message) => {
    const fields = fieldsOf(message);
    if (fields === null) return null;
    const addresses = list(fields['dma_addrs']);
    const sizes = list(fields['sizes']);
    const physical = list(fields['phys_addrs']);
    const counted = addresses ?? physical;
    if (counted === null) return null;
    const first = physical?.[0];
    const arg = addresses?.[0];
    const total = sizes?.reduce((sum, each) => sum + each, 0n);
    const mismatch =
      addresses !== null && sizes !== null && addresses.length !== sizes.length
        ? { problem: `${addresses.length} addresses but ${sizes.length} sizes` }
        : {};
    return {
      kind,
      ...(first !== undefined && kind === K.recDmaMap ? { frame: first } : {}),
      ...(arg === undefined ? {} : { arg }),
      ...(total === undefined ? {} : size(total)),
      n: counted.length,
      ...(message.includes('[TRUNCATED]')
        ? { fields: { ...fields, truncated: 'yes' } }
        : { fields }),
      ...mismatch,
    };
  };
}

/** A mapping that failed maps nothing. */
function failed(message: string): Payload | null {
  const fields = fieldsOf(message);
  return fields === null || !('dma_addr' in fields || 'dma_addrs' in fields)
    ? null
    : { kind: K.generic, fields };
}

function bounced(message: string): Payload | null {
  const match = BOUNCED.exec(message);
  if (match === null) return null;
  const [, device = '', mask = '', address = '', bytes = '', mode] = match;
  return {
    kind: K.recBounce,
    arg: hex(address),
    ...size(number(bytes)),
    fields: {
      device,
      dma_mask: mask,
      dev_addr: address,
      size: bytes,
      ...(mode === undefined ? {} : { mode }),
    },
  };
}

// page and resource became phys in Linux 6.18.
export const DMA_EVENTS: Readonly<Record<string, PayloadParser>> = {
  dma_map_phys: one(K.recDmaMap, true),
  dma_map_page: one(K.recDmaMap, true),
  dma_map_resource: one(K.recDmaMap, true),
  dma_unmap_phys: one(K.recDmaUnmap, false),
  dma_unmap_page: one(K.recDmaUnmap, false),
  dma_unmap_resource: one(K.recDmaUnmap, false),
  dma_alloc: one(K.recDmaAlloc, false),
  dma_alloc_pages: one(K.recDmaAlloc, false),
  dma_alloc_sgt: one(K.recDmaAlloc, false),
  dma_alloc_sgt_err: failed,
  dma_free: one(K.recDmaFree, false),
  dma_free_pages: one(K.recDmaFree, false),
  dma_free_sgt: one(K.recDmaFree, false),
  dma_map_sg: many(K.recDmaMap),
  dma_map_sg_err: failed,
  dma_unmap_sg: many(K.recDmaUnmap),
  dma_sync_single_for_cpu: one(K.recDmaSync, false),
  dma_sync_single_for_device: one(K.recDmaSync, false),
  dma_sync_sg_for_cpu: many(K.recDmaSync),
  dma_sync_sg_for_device: many(K.recDmaSync),
  swiotlb_bounced: bounced,
};
