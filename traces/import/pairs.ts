/**
 * Recorded events that belong together: an exit and the entry after it, a mapping and its end, a
 * request and its completion. What begins is a span up to what ends it.
 */
import { doubled } from '../../core/base/doubled.ts';
import { K, LASTING_KINDS } from '../../core/contract/kinds.ts';
import { owned } from './owned.ts';
import type { Facts, Place } from './recorded.ts';

/** Spans that may be open at the same time. */
const MAX_OPEN = 1_000_000;

/** What an event does to the span of its key. */
export interface Turn {
  /** Spans of one kind and one owner. */
  readonly space: string;
  /** Tells them apart. */
  readonly key: Key;
  readonly begins: boolean;
}

/** A number, or what cannot be one. */
export type Key = number | string;

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
 * @param arg a wide number as decimal digits; null where there is none
 */
export function turnOf(kind: number, place: Place, arg: Key | null, facts: Facts): Turn | null {
  const begins = BEGINS.has(kind);
  const { device = '', dev = '', phys_addrs: pages } = facts;
  switch (kind) {
    case K.recVmExit:
    case K.recVmEntry: {
      const { pid, vcpu } = facts;
      if (pid !== undefined) return { space: 'exits', key: owned(pid), begins };
      if (vcpu !== undefined) return { space: 'exits', key: owned(vcpu), begins };
      return place.cpu === null ? null : { space: 'exits', key: `p${place.cpu}`, begins };
    }
    case K.recIommuMap:
    case K.recIommuUnmap:
      return arg === null ? null : { space: iommuSpace(facts), key: arg, begins };
    case K.recDmaMap:
    case K.recDmaUnmap:
      // The end of a scatter list names its pages only, not where the device saw them.
      if (pages !== undefined) {
        return { space: `pages ${device}`, key: owned(pages.split(',', 1)[0] ?? ''), begins };
      }
      return arg === null ? null : { space: `dma ${device}`, key: arg, begins };
    case K.recDmaAlloc:
    case K.recDmaFree:
      return arg === null ? null : { space: `coherent ${device}`, key: arg, begins };
    case K.recIssue:
    case K.recComplete:
      return { space: `request ${dev}`, key: arg ?? '', begins };
    default:
      return null;
  }
}

/**
 * The kernel's events name no domain. QEMU tells the same mapping at several places: each place, the
 * first two words of the name, pairs with itself.
 */
function iommuSpace({ name = '' }: Facts): string {
  if (!name.includes('_')) return 'iommu';
  const [first = '', second = ''] = name.split('_', 2);
  return second === '' ? 'iommu' : `iommu ${first}_${second}`;
}

/**
 * Spans that are no work of a CPU but last beside it have a lane of their own; null for all others.
 */
export function laneOf(kind: number, facts: Facts): string | null {
  switch (kind) {
    case K.recIommuMap:
      return 'IOMMU mappings';
    case K.recDmaMap:
    case K.recDmaAlloc:
      return `DMA of ${facts.device ?? 'a device'}`;
    case K.recIssue:
      return `requests of ${facts.dev ?? 'a device'}`;
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

const MIN_LENGTH = 1024;

/** The open spans: columns, for there may be a million. */
export class Pairs {
  /** Places in the columns by segment, space and key. */
  readonly #segments = new Map<number, Map<string, Map<Key, number>>>();
  #id = new Float64Array(MIN_LENGTH);
  #t = new Float64Array(MIN_LENGTH);
  #bytes = new Float64Array(MIN_LENGTH);
  /** NaN where there is none. */
  #request = new Float64Array(MIN_LENGTH);
  #length = 0;
  /** The last place that was left, whose id is that of the one before it, and so on; or -1. */
  #free = -1;
  /** Spans, and the spaces they are in. */
  #count = 0;
  /** Were there too many to keep? */
  overflowed = false;

  /** @returns what began under the same key and now never ends */
  begin(segment: number, space: string, key: Key, begun: Begun): Begun | undefined {
    const open = this.#open(segment, space) ?? this.#newSpace(segment, space);
    const place = open?.get(key);
    if (place !== undefined) {
      const before = this.#at(place);
      this.#put(place, begun);
      return before;
    }
    if (this.#count >= MAX_OPEN || open === undefined) {
      this.overflowed = true;
      return begun;
    }
    this.#count += 1;
    const next = this.#nextPlace();
    this.#put(next, begun);
    open.set(key, next);
    return undefined;
  }

  peek(segment: number, space: string, key: Key): Begun | undefined {
    const place = this.#open(segment, space)?.get(key);
    return place === undefined ? undefined : this.#at(place);
  }

  take(segment: number, space: string, key: Key): Begun | undefined {
    const open = this.#open(segment, space);
    const place = open?.get(key);
    if (open === undefined || place === undefined) return undefined;
    open.delete(key);
    this.#count -= 1;
    const begun = this.#at(place);
    this.#id[place] = this.#free;
    this.#free = place;
    return begun;
  }

  /** All that never ended. */
  *rest(): Iterable<Begun> {
    for (const spaces of this.#segments.values()) {
      for (const open of spaces.values()) {
        for (const place of open.values()) yield this.#at(place);
      }
    }
  }

  #open(segment: number, space: string): Map<Key, number> | undefined {
    return this.#segments.get(segment)?.get(space);
  }

  #newSpace(segment: number, space: string): Map<Key, number> | undefined {
    if (this.#count >= MAX_OPEN) return undefined;
    this.#count += 1;
    const open = new Map<Key, number>();
    const spaces = this.#segments.get(segment);
    if (spaces === undefined) this.#segments.set(segment, new Map([[space, open]]));
    else spaces.set(space, open);
    return open;
  }

  #nextPlace(): number {
    const free = this.#free;
    if (free >= 0) {
      this.#free = this.#id[free] as number;
      return free;
    }
    if (this.#length === this.#id.length) {
      this.#id = doubled(this.#id);
      this.#t = doubled(this.#t);
      this.#bytes = doubled(this.#bytes);
      this.#request = doubled(this.#request);
    }
    return this.#length++;
  }

  #put(place: number, { id, t, bytes, request }: Begun): void {
    this.#id[place] = id;
    this.#t[place] = t;
    this.#bytes[place] = bytes;
    this.#request[place] = request ?? NaN;
  }

  #at(place: number): Begun {
    const request = this.#request[place] as number;
    return {
      id: this.#id[place] as number,
      t: this.#t[place] as number,
      bytes: this.#bytes[place] as number,
      request: Number.isNaN(request) ? null : request,
    };
  }
}
