/** Events of a ring buffer's pages: Linux `kernel/trace/ring_buffer.c`, libtraceevent `kbuffer-parse.c`. */
import { BufferBytes, Cursor, Damage, type Bytes, type Decompress } from './bytes-at.ts';
import { fieldsOf } from './event-format.ts';
import type { CpuData } from './layout.ts';

/** What the page header's description says. */
export interface PageShape {
  readonly big: boolean;
  readonly commitAt: number;
  /** Bytes of a kernel's `long`. */
  readonly longSize: number;
  readonly dataAt: number;
}

/** @throws Damage when the description lacks something */
export function pageShape(headerPage: string, big: boolean): PageShape {
  const fields = fieldsOf(headerPage);
  const commit = fields.find(({ name }) => name === 'commit');
  const data = fields.find(({ name }) => name === 'data');
  if (commit === undefined || data === undefined || ![4, 8].includes(commit.size)) {
    throw new Damage('its page header is not described');
  }
  return { big, commitAt: commit.offset, longSize: commit.size, dataAt: data.offset };
}

export type RingRecord =
  | { readonly type: 'event'; readonly ts: bigint; readonly data: Buffer }
  /** Events lost before this place; null where nobody counted. */
  | { readonly type: 'lost'; readonly ts: bigint; readonly count: number | null }
  | { readonly type: 'damage'; readonly reason: string };

const MAX_DELTA = Number.MAX_SAFE_INTEGER / 2;

/** All pages of one CPU, one after the other. */
export function* pagesOf(
  bytes: Bytes,
  { offset, size }: CpuData,
  pageSize: number,
  big: boolean,
  decompress: Decompress | null,
): Generator<Buffer> {
  if (pageSize < 64 || pageSize > 16 * 1024 * 1024) throw new Damage('a page size that none has');
  if (decompress === null) {
    for (let at = 0; at < size; at += pageSize) {
      yield bytes.read(offset + at, Math.min(pageSize, size - at, bytes.length - offset - at));
    }
    return;
  }
  if (size === 0) return;
  const cursor = new Cursor(bytes, big, offset);
  for (let chunks = cursor.u32(); chunks > 0; chunks--) {
    const packed = cursor.u32();
    const length = cursor.u32();
    const plain = new BufferBytes(decompress(cursor.take(packed), length));
    for (let at = 0; at < length; at += pageSize) {
      yield plain.read(at, Math.min(pageSize, length - at));
    }
  }
}

/** The records of one page. */
export function* recordsOf(page: Buffer, shape: PageShape): Generator<RingRecord> {
  const { big, commitAt, longSize, dataAt } = shape;
  if (page.length < Math.max(dataAt, commitAt + longSize, 8)) {
    yield { type: 'damage', reason: 'a page is cut off' };
    return;
  }
  const u32 = (at: number) => (big ? page.readUInt32BE(at) : page.readUInt32LE(at));
  const start = big ? page.readBigUInt64BE(0) : page.readBigUInt64LE(0);
  // The low half, wherever it lies.
  const commit = u32(big && longSize === 8 ? commitAt + 4 : commitAt);
  const used = commit & 0x7ffffff;
  const end = Math.min(dataAt + used, page.length);
  if ((commit & 0x80000000) !== 0) {
    const stored = (commit & 0x40000000) !== 0 && end + 4 <= page.length;
    const at = stored && big && longSize === 8 && end + 8 <= page.length ? end + 4 : end;
    yield { type: 'lost', ts: start, count: stored ? u32(at) : null };
  }
  if (dataAt + used > page.length) yield { type: 'damage', reason: 'a page is cut off' };
  let base = start;
  let delta = 0;
  for (let at = dataAt; at + 4 <= end;) {
    const word = u32(at);
    const typeLen = big ? word >>> 27 : word & 31;
    const step = big ? word & 0x7ffffff : word >>> 5;
    at += 4;
    const next = at + 4 <= end ? u32(at) : null;
    if (typeLen === 29) {
      // Padding with no delta is what the page has left.
      if (step === 0 || next === null) return;
      delta += step;
      at += Math.max(next, 4);
    } else if (typeLen >= 30) {
      if (next === null) break;
      const long = next * 2 ** 27 + step;
      if (typeLen === 30) delta += long;
      else {
        // The stamp has 59 bits; the rest is the page's.
        const stamp = (BigInt(next) << 27n) | BigInt(step);
        base = (start & ~((1n << 59n) - 1n)) | stamp;
        delta = 0;
      }
      at += 4;
    } else {
      delta += step;
      let from = at;
      let length = typeLen * 4;
      if (typeLen === 0) {
        if (next === null || next < 4) {
          yield { type: 'damage', reason: 'an event without a length' };
          return;
        }
        from = at + 4;
        length = next - 4;
      }
      if (from + length > end) {
        yield { type: 'damage', reason: 'an event reaches beyond its page' };
        return;
      }
      yield { type: 'event', ts: base + BigInt(delta), data: page.subarray(from, from + length) };
      at = from + Math.ceil(length / 4) * 4;
    }
    if (delta > MAX_DELTA) {
      yield { type: 'damage', reason: 'a time without measure' };
      return;
    }
  }
}
