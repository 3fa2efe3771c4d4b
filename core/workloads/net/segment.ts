/** A request cut into packets, and packets into fragments of the frontend's memory. */
import { PAGE_SIZE } from '../../base/brand.ts';
import type { Extent } from '../../primitives/copies.ts';
import type { Scenario } from '../../contract/scenario.ts';
import type { BufferArena } from '../buffers.ts';

/** An IP packet ends at 65535 bytes; this is the largest whole number of pages below. */
const PACKET_MAX_BYTES = 15 * PAGE_SIZE;
const IP_MAX_BYTES = 65_535;
export const MTU_BYTES = 1500;
/** A TCP segment without payload: Ethernet, IP, TCP with a timestamp. */
export const ACK_BYTES = 66;

/** Largest packet that a frontend sends. */
export function sentMax({ net }: Scenario): number {
  return !net.tso ? MTU_BYTES : !net.sg ? PAGE_SIZE : PACKET_MAX_BYTES;
}

/** Largest packet that comes to a guest: frames put together by offloads, where it has these. */
export function receivedMax({ net }: Scenario): number {
  return net.tso ? PACKET_MAX_BYTES : MTU_BYTES;
}

/** Sizes of the packets, of at most `max` bytes, that carry a request of `bytes` bytes. */
export function packetSizes(bytes: number, max: number): number[] {
  if (max === PACKET_MAX_BYTES && bytes <= IP_MAX_BYTES) return [bytes];
  const sizes: number[] = [];
  for (let left = bytes; left > 0; left -= max) sizes.push(Math.min(left, max));
  return sizes;
}

/** Memory for `bytes` bytes of payload, in fragments as large as the allocator makes them. */
export function takeFragments(arena: BufferArena, fragmentMax: number, bytes: number): Extent[] {
  const fragments: Extent[] = [];
  for (let left = bytes; left > 0;) {
    const size = Math.min(left, fragmentMax);
    fragments.push({ mfn: arena.take(Math.ceil(size / PAGE_SIZE)), offset: 0, bytes: size });
    left -= size;
  }
  return fragments;
}

export function giveFragments(arena: BufferArena, fragments: readonly Extent[]): void {
  for (const { mfn, offset, bytes } of fragments) {
    arena.give(mfn, Math.ceil((offset + bytes) / PAGE_SIZE));
  }
}
