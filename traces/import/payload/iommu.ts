/** `iommu:*`, Linux `include/trace/events/iommu.h`. */
import { K } from '../../../core/contract/kinds.ts';
import { groups, hex, number, word, type Payload, type PayloadParser } from './payload.ts';

// The end address came with Linux 5.17; before, `size` could be hexadecimal.
const MAP =
  /^IOMMU: iova=(0x[0-9a-f]+)(?: - (0x[0-9a-f]+))? paddr=(0x[0-9a-f]+) size=(0x[0-9a-f]+|\d+)\s*$/;
const UNMAP =
  /^IOMMU: iova=(0x[0-9a-f]+)(?: - (0x[0-9a-f]+))? size=(0x[0-9a-f]+|\d+) unmapped_size=(0x[0-9a-f]+|\d+)\s*$/;
const FAULT =
  /^IOMMU:(?<driver>\S+) (?<device>\S+) iova=(?<iova>0x[0-9a-f]+) flags=(?<flags>0x[0-9a-f]+)\s*$/;
const DEVICE = /^IOMMU: device=(?<device>\S+)\s*$/;
const GROUP = /^IOMMU: groupID=(?<group>\d+) device=(?<device>\S+)\s*$/;

/** A range in a message: where it begins and ends, and its bytes as decimal or hexadecimal digits. */
interface Range {
  readonly iova: string;
  /** Missing in old kernels. */
  readonly end: string | undefined;
  readonly bytes: string;
}

/** The second address is that of the first byte after the range. */
function rangeProblem({ iova, end, bytes }: Range): string | undefined {
  if (end === undefined) return undefined;
  const from = word(iova);
  const to = word(end);
  if (typeof from === 'number' && typeof to === 'number') {
    const length = to - from;
    if (Number.isSafeInteger(length) && length === Number(bytes)) return undefined;
  }
  const length = BigInt.asUintN(64, hex(end) - hex(iova));
  if (length === number(bytes)) return undefined;
  return `the range has ${length} bytes but size is ${number(bytes)}`;
}

/** A number of bytes as a column can hold it; see `size`. */
function sizeOf(digits: string): number | undefined {
  const bytes = Number(digits);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

function map(message: string): Payload | null {
  const match = MAP.exec(message);
  if (match === null) return null;
  const [, iova = '', end, paddr = '', bytes = ''] = match;
  const until = end === undefined ? '' : `","end":"${end}`;
  return {
    kind: K.recIommuMap,
    frame: word(paddr),
    arg: word(iova),
    bytes: sizeOf(bytes),
    problem: rangeProblem({ iova, end, bytes }),
    json: `,"iova":"${iova}${until}","paddr":"${paddr}","size":"${bytes}"`,
  };
}

function unmap(message: string): Payload | null {
  const match = UNMAP.exec(message);
  if (match === null) return null;
  const [, iova = '', end, bytes = '', unmapped = ''] = match;
  const partial =
    unmapped === bytes || number(unmapped) === number(bytes)
      ? undefined
      : `${bytes} bytes were to be unmapped but ${unmapped} were`;
  const until = end === undefined ? '' : `","end":"${end}`;
  return {
    kind: K.recIommuUnmap,
    arg: word(iova),
    bytes: sizeOf(unmapped),
    problem: rangeProblem({ iova, end, bytes }) ?? partial,
    json: `,"iova":"${iova}${until}","size":"${bytes}","unmapped_size":"${unmapped}"`,
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
