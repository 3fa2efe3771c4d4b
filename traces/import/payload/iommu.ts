/** `iommu:*`, Linux `include/trace/events/iommu.h`. */
import { K } from '../../../core/contract/kinds.ts';
import { groups, hex, number, size, type Payload, type PayloadParser } from './payload.ts';

// The end address came with Linux 5.17; before, `size` could be hexadecimal.
const MAP =
  /^IOMMU: iova=(0x[0-9a-f]+)(?: - (0x[0-9a-f]+))? paddr=(0x[0-9a-f]+) size=(0x[0-9a-f]+|\d+)\s*$/;
const UNMAP =
  /^IOMMU: iova=(0x[0-9a-f]+)(?: - (0x[0-9a-f]+))? size=(0x[0-9a-f]+|\d+) unmapped_size=(0x[0-9a-f]+|\d+)\s*$/;
const FAULT =
  /^IOMMU:(?<driver>\S+) (?<device>\S+) iova=(?<iova>0x[0-9a-f]+) flags=(?<flags>0x[0-9a-f]+)\s*$/;
const DEVICE = /^IOMMU: device=(?<device>\S+)\s*$/;
const GROUP = /^IOMMU: groupID=(?<group>\d+) device=(?<device>\S+)\s*$/;

const NO_PROBLEM = {};

/** The second address is that of the first byte after the range. */
function rangeProblem(iova: bigint, end: string | undefined, bytes: bigint): { problem?: string } {
  const length = end === undefined ? bytes : BigInt.asUintN(64, hex(end) - iova);
  if (length === bytes) return NO_PROBLEM;
  return { problem: `the range has ${length} bytes but size is ${bytes}` };
}

function map(message: string): Payload | null {
  const match = MAP.exec(message);
  if (match === null) return null;
  const [, iova = '', end, paddr = '', bytes = ''] = match;
  const start = hex(iova);
  const length = number(bytes);
  return {
    kind: K.recIommuMap,
    frame: hex(paddr),
    arg: start,
    ...size(length),
    ...rangeProblem(start, end, length),
    fields: { iova, ...(end === undefined ? {} : { end }), paddr, size: bytes },
  };
}

function unmap(message: string): Payload | null {
  const match = UNMAP.exec(message);
  if (match === null) return null;
  const [, iova = '', end, bytes = '', unmapped = ''] = match;
  const start = hex(iova);
  const length = number(bytes);
  const done = number(unmapped);
  const partial =
    done === length ? {} : { problem: `${bytes} bytes were to be unmapped but ${unmapped} were` };
  return {
    kind: K.recIommuUnmap,
    arg: start,
    ...size(done),
    ...partial,
    ...rangeProblem(start, end, length),
    fields: {
      iova,
      ...(end === undefined ? {} : { end }),
      size: bytes,
      unmapped_size: unmapped,
    },
  };
}

function fault(message: string): Payload | null {
  const match = FAULT.exec(message);
  if (match === null) return null;
  const fields = groups(match);
  const flags = hex(fields['flags'] ?? '0');
  return {
    kind: K.recFault,
    arg: hex(fields['iova'] ?? '0'),
    // IOMMU_FAULT_WRITE is bit 0.
    status: Number(flags & 1n),
    fields: { ...fields, access: (flags & 1n) === 1n ? 'write' : 'read' },
  };
}

function attach(pattern: RegExp): PayloadParser {
  return (message) => {
    const match = pattern.exec(message);
    return match === null ? null : { kind: K.recAttach, fields: groups(match) };
  };
}

export const IOMMU_EVENTS: Readonly<Record<string, PayloadParser>> = {
  map,
  unmap,
  io_page_fault: fault,
  attach_device_to_domain: attach(DEVICE),
  detach_device_from_domain: attach(DEVICE),
  add_device_to_group: attach(GROUP),
  remove_device_from_group: attach(GROUP),
};
