/** `intel_iommu:*`, Linux `drivers/iommu/intel/trace.h`; descriptors as in its `iommu.h`. */
import { K } from '../../../core/contract/kinds.ts';
import type { Payload, PayloadParser } from './payload.ts';
import { fieldsOnly, groups, hex, number, size } from './payload.ts';

const QI =
  /^(?<type>\S+) (?<iommu>\S+): (?<qw0>0x[0-9a-f]+) (?<qw1>0x[0-9a-f]+) (?<qw2>0x[0-9a-f]+) (?<qw3>0x[0-9a-f]+)\s*$/;
// `pages` was there from Linux 6.10 until 7.0 dropped it.
const CACHE_RANGE =
  /^(?<iommu>\S+) (?<device>\S+)\[(?<pasid>\d+)\] type (?<type>\S+) did (?<did>\d+) \[(?<start>0x[0-9a-f]+)-(?<end>0x[0-9a-f]+)\] addr (?<addr>0x[0-9a-f]+)(?: pages (?<pages>0x[0-9a-f]+))? mask (?<mask>0x[0-9a-f]+)\s*$/;
const CACHE_TAG =
  /^(?<iommu>[^\s/]+)\/(?<device>\S+) type (?<type>\S+) did (?<did>\d+) pasid (?<pasid>\d+) ref (?<ref>\d+)\s*$/;
const MAP =
  /^dev=(?<device>\S+)(?: \[(?<index>\d+)\/(?<count>\d+)\])? dev_addr=(?<dev_addr>0x[0-9a-f]+) phys_addr=(?<phys_addr>0x[0-9a-f]+) size=(?<size>\d+)\s*$/;
const UNMAP = /^dev=(?<device>\S+) dev_addr=(?<dev_addr>0x[0-9a-f]+) size=(?<size>\d+)\s*$/;

const GRANULARITY = ['reserved', 'global', 'domain', 'page'];
/** A page-selective invalidation names at most 2^63 pages; a column holds up to 2^53. */
const MAX_PAGE_ORDER = 52n;

/** Bits `from` up to `from + count` of a descriptor word. */
function bits(word: bigint, from: number, count: number): bigint {
  return (word >> BigInt(from)) & ((1n << BigInt(count)) - 1n);
}

/** Source id as bus:device.function. */
function bdf(sid: bigint): string {
  const byte = (value: bigint) => value.toString(16).padStart(2, '0');
  return `${byte(sid >> 8n)}:${byte((sid >> 3n) & 31n)}.${(sid & 7n).toString(16)}`;
}

function iotlb(qw0: bigint, qw1: bigint): Omit<Payload, 'kind'> {
  const scope = GRANULARITY[Number(bits(qw0, 4, 2))] ?? '';
  const order = bits(qw1, 0, 6);
  const paged = scope === 'page' && order <= MAX_PAGE_ORDER;
  return {
    ...(scope === 'page' ? { arg: (qw1 >> 12n) << 12n } : {}),
    ...(paged ? { n: 2 ** Number(order) } : {}),
    fields: { scope, did: String(bits(qw0, 16, 16)), hint: String(bits(qw1, 6, 1)) },
  };
}

/**
 * Range of a device-TLB invalidation. With the S bit the lowest zero bit from bit 12 upwards ends
 * the size: none below bit 62 set free means everything.
 */
function deviceRange(qw1: bigint, sizeBit: boolean): Omit<Payload, 'kind'> {
  const address = (qw1 >> 12n) << 12n;
  if (!sizeBit) return { arg: address, n: 1 };
  let order = 0n;
  while (order <= MAX_PAGE_ORDER && bits(qw1, 12 + Number(order), 1) === 1n) order += 1n;
  if (order >= 51n) return { arg: 0n, fields: { scope: 'device', range: 'all' } };
  return { arg: (address >> (13n + order)) << (13n + order), n: 2 ** Number(order + 1n) };
}

function submit(message: string): Payload | null {
  const match = QI.exec(message);
  if (match === null) return null;
  const fields = groups(match);
  const qw0 = hex(fields['qw0'] ?? '0');
  const qw1 = hex(fields['qw1'] ?? '0');
  const flush = (decoded: Omit<Payload, 'kind'>, more: Record<string, string> = {}): Payload => ({
    kind: K.recIotlbFlush,
    ...decoded,
    fields: { ...fields, ...more, ...decoded.fields },
  });
  // The low four bits are the descriptor's type. Waits, context and interrupt-table invalidations
  // flush no IOTLB: their fields are kept, and they are not counted as flushes.
  switch (Number(bits(qw0, 0, 4))) {
    case 2:
      return flush(iotlb(qw0, qw1));
    case 3: {
      const device = bdf(bits(qw0, 32, 16));
      return flush(deviceRange(qw1, bits(qw1, 0, 1) === 1n), { scope: 'device', device });
    }
    case 6:
      return flush(iotlb(qw0, qw1), { pasid: String(bits(qw0, 32, 20)) });
    case 8: {
      const device = bdf(bits(qw0, 16, 16));
      const pasid = String(bits(qw0, 32, 20));
      return flush(deviceRange(qw1, bits(qw1, 11, 1) === 1n), { scope: 'device', device, pasid });
    }
    default:
      return { kind: K.generic, fields };
  }
}

function flushRange(message: string): Payload | null {
  const match = CACHE_RANGE.exec(message);
  if (match === null) return null;
  const fields = groups(match);
  const start = hex(fields['start'] ?? '0');
  // The end address is that of the last byte.
  const pages = (hex(fields['end'] ?? '0') - start + 4096n) >> 12n;
  return {
    kind: K.recIotlbFlush,
    arg: start,
    ...(pages > 0n && pages <= BigInt(Number.MAX_SAFE_INTEGER) ? { n: Number(pages) } : {}),
    ...(pages > 0n ? {} : { problem: 'the range ends before it begins' }),
    fields,
  };
}

function flushAll(message: string): Payload | null {
  const match = CACHE_TAG.exec(message);
  return match === null
    ? null
    : { kind: K.recIotlbFlush, fields: { ...groups(match), scope: 'domain' } };
}

function map(message: string): Payload | null {
  const match = MAP.exec(message);
  if (match === null) return null;
  const fields = groups(match);
  return {
    kind: K.recDmaMap,
    frame: hex(fields['phys_addr'] ?? '0'),
    arg: hex(fields['dev_addr'] ?? '0'),
    ...size(number(fields['size'] ?? '0')),
    fields,
  };
}

function unmap(message: string): Payload | null {
  const match = UNMAP.exec(message);
  if (match === null) return null;
  const fields = groups(match);
  return {
    kind: K.recDmaUnmap,
    arg: hex(fields['dev_addr'] ?? '0'),
    ...size(number(fields['size'] ?? '0')),
    fields,
  };
}

export const INTEL_EVENTS: Readonly<Record<string, PayloadParser>> = {
  qi_submit: submit,
  prq_report: fieldsOnly(/^(?<iommu>[^\s/]+)\/(?<device>\S+) seq# (?<seq>-?\d+): (?<request>.*)$/),
  cache_tag_assign: fieldsOnly(CACHE_TAG),
  cache_tag_unassign: fieldsOnly(CACHE_TAG),
  cache_tag_flush_range: flushRange,
  cache_tag_flush_range_np: flushRange,
  cache_tag_flush_all: flushAll,
  map_single: map,
  bounce_map_single: map,
  map_sg: map,
  unmap_single: unmap,
  unmap_sg: unmap,
  bounce_unmap_single: unmap,
};
