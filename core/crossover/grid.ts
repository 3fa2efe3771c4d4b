/** Sizes to look at: a logarithmic grid, and both sides of every size where results are known to jump. */
import { assert } from '../base/assert.ts';
import { PAGE_SIZE } from '../base/brand.ts';

/** Sizes after which something else happens. */
export const BREAKS: readonly { readonly bytes: number; readonly why: string }[] = [
  { bytes: 128, why: 'netback copies the first 128 bytes of a packet and maps the rest' },
  { bytes: 4096, why: 'a page ends' },
  { bytes: 61_440, why: 'a larger network request is sent as two packets' },
  { bytes: 262_144, why: 'no mapping through a bounce pool (swiotlb) is longer' },
];

/** Which sizes exist. */
export interface SizeRange {
  readonly from: number;
  readonly to: number;
  /** Sizes are multiples of it. */
  readonly step: number;
  readonly perDecade: number;
}

/** Sizes in ascending order, both ends and both sides of every break among them. */
export function sizesOf({ from, to, step, perDecade }: SizeRange): readonly number[] {
  assert(from % step === 0 && to % step === 0 && from < to, 'a range of whole steps');
  const sizes = new Set([from, to]);
  const ratio = tenthRoot(perDecade);
  for (let size = from; size < to; size *= ratio) sizes.add(Math.round(size / step) * step);
  for (const { bytes } of BREAKS) {
    if (bytes % step !== 0) continue;
    for (const size of [bytes - step, bytes, bytes + step]) {
      if (size > from && size < to) sizes.add(size);
    }
  }
  return [...sizes].sort((a, b) => a - b);
}

/** The number whose n-th power is ten, by multiplication alone: the same on every machine. */
function tenthRoot(n: number): number {
  let low = 1;
  let high = 10;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    let power = 1;
    for (let factor = 0; factor < n; factor++) power *= middle;
    if (power < 10) low = middle;
    else high = middle;
  }
  return high;
}

/** Pages up to which one page more is more than a small part of the whole. */
const PAGES = 16;

/** Both sides of the ends of pages between two sizes: each further page costs at once. */
export function pageEnds(low: number, high: number, step: number): readonly number[] {
  return Array.from({ length: PAGES }, (_, i) => (i + 1) * PAGE_SIZE)
    .flatMap((end) => [end, end + step])
    .filter((size) => size > low && size < high);
}

/** The size halfway between two, by ratio; null when there is none between them. */
export function middleOf(low: number, high: number, step: number): number | null {
  if (high - low <= step) return null;
  const middle = Math.round(Math.sqrt(low * high) / step) * step;
  return Math.min(Math.max(middle, low + step), high - step);
}
