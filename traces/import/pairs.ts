/**
 * Recorded events that belong together: an exit and the entry after it, a mapping and its end, a
 * request and its completion. What begins is a span up to what ends it.
 */
import { K, LASTING_KINDS } from '../../core/contract/kinds.ts';
import type { Place } from './recorded.ts';

/** Spans that may be open at the same time. */
const MAX_OPEN = 1_000_000;

type Details = Readonly<Record<string, string>>;

/** What an event does to the span of its key. */
export interface Turn {
  readonly key: string;
  readonly begins: boolean;
}

const BEGINS = new Set([K.recVmExit, ...LASTING_KINDS]);
const ENDS = new Set<number>([
  ...[K.recVmEntry, K.recIommuUnmap, K.recDmaUnmap, K.recDmaFree, K.recComplete],
]);

/** May events of this kind begin or end a span? */
export function takesTurns(kind: number): boolean {
  return BEGINS.has(kind) || ENDS.has(kind);
}

/**
 * The span that an event begins or ends; null when it does neither, or does not say which.
 *
 * @param arg as decimal digits; '' where there is none
 */
export function turnOf(kind: number, place: Place, arg: string, details: Details): Turn | null {
  const key = keyOf(kind, place, arg, details);
  return key === null ? null : { key: `${place.segment} ${key}`, begins: BEGINS.has(kind) };
}

function keyOf(kind: number, place: Place, arg: string, details: Details): string | null {
  switch (kind) {
    case K.recVmExit:
    case K.recVmEntry: {
      const who =
        details['pid'] ?? details['vcpu'] ?? (place.cpu === null ? null : `p${place.cpu}`);
      return who === null ? null : `exit ${who}`;
    }
    case K.recIommuMap:
    case K.recIommuUnmap:
      return arg === '' ? null : iommuKey(details, arg);
    case K.recDmaMap:
    case K.recDmaUnmap: {
      // The end of a scatter list names its pages only, not where the device saw them.
      const pages = details['phys_addrs'];
      if (pages !== undefined) return `dma ${details['device'] ?? ''} ${pages.split(',', 1)[0]}`;
      return arg === '' ? null : `dma ${details['device'] ?? ''} ${arg}`;
    }
    case K.recDmaAlloc:
    case K.recDmaFree:
      return arg === '' ? null : `coherent ${details['device'] ?? ''} ${arg}`;
    case K.recIssue:
    case K.recComplete:
      return `request ${details['dev'] ?? ''} ${arg}`;
    default:
      return null;
  }
}

/**
 * The kernel's events name no domain. QEMU tells the same mapping at several places: each place, the
 * first two words of the name, pairs with itself.
 */
export function iommuKey(details: Details, iova: string): string {
  const name = details['name'] ?? '';
  if (!name.includes('_')) return `iommu ${iova}`;
  const [first = '', second = ''] = name.split('_', 2);
  return second === '' ? `iommu ${iova}` : `iommu ${first}_${second} ${iova}`;
}

/**
 * Spans that are no work of a CPU but last beside it have a lane of their own; null for all others.
 */
export function laneOf(kind: number, details: Details): string | null {
  switch (kind) {
    case K.recIommuMap:
      return 'IOMMU mappings';
    case K.recDmaMap:
    case K.recDmaAlloc:
      return `DMA of ${details['device'] ?? 'a device'}`;
    case K.recIssue:
      return `requests of ${details['dev'] ?? 'a device'}`;
    default:
      return null;
  }
}

/** A span whose end has not come. */
export interface Begun {
  readonly id: number;
  readonly t: number;
  readonly bytes: number;
  readonly request: number | null;
}

/** The open spans. */
export class Pairs {
  readonly #open = new Map<string, Begun>();
  /** Were there too many to keep? */
  overflowed = false;

  /** @returns what began under the same key and now never ends */
  begin(key: string, begun: Begun): Begun | undefined {
    const before = this.#open.get(key);
    if (before === undefined && this.#open.size === MAX_OPEN) {
      this.overflowed = true;
      return begun;
    }
    this.#open.set(key, begun);
    return before;
  }

  peek(key: string): Begun | undefined {
    return this.#open.get(key);
  }

  take(key: string): Begun | undefined {
    const begun = this.#open.get(key);
    this.#open.delete(key);
    return begun;
  }

  /** All that never ended. */
  rest(): Iterable<Begun> {
    return this.#open.values();
  }
}
