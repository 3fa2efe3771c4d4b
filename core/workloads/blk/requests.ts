/** What there is to read and write, and how a request is cut up for a ring. */
import { requestsOf } from '../../contract/scenario.ts';
import { PAGE_SIZE, PS_PER_S } from '../../base/brand.ts';
import type { RandomStream } from '../../engine/random.ts';
import type { Extent } from '../../primitives/copies.ts';
import type { World } from '../../primitives/world.ts';
import type { BufferArena } from '../buffers.ts';
import { VIRTIO_BLK_SEGMENTS } from '../../strategies/virtio-support.ts';
import type { Request } from '../request.ts';

const SECTOR_BYTES = 512;
/** Sectors of a guest's disk: 64 GiB. */
const DISK_SECTORS = (64 * 2 ** 30) / SECTOR_BYTES;
/** blkif: segments of a plain request and, with indirect descriptors, of one by Linux's frontend. */
const BLKIF_SEGMENTS = 11;
const BLKIF_INDIRECT = 32;

/** One request of the workload. */
export interface BlkRequest extends Request {
  readonly write: boolean;
  readonly sector: number;
}

/** The stream of requests of all queues. */
export class BlkOffer {
  readonly #world: World;
  readonly #random: RandomStream;
  readonly #recorded: readonly (readonly [number, number, number])[];
  #lastId = 0;
  #sector = 0;

  constructor(world: World) {
    this.#world = world;
    this.#random = world.random.stream('block requests');
    this.#recorded = world.scenario.workload === 'recorded' ? world.scenario.recorded.stream : [];
  }

  /** How many there are in all. */
  get total(): number {
    return requestsOf(this.#world.scenario);
  }

  /** The next request, and when a recorded one is due; null when there is none left. */
  take(): { readonly request: Omit<BlkRequest, 'submittedPs'>; readonly duePs: number } | null {
    const { scenario } = this.#world;
    const id = this.#lastId + 1;
    if (id > this.total) return null;
    this.#lastId = id;
    const recorded = this.#recorded[id - 1];
    const bytes = recorded === undefined ? scenario.payloadBytes : sectors(recorded[1]);
    const write = recorded === undefined ? this.#isWrite() : recorded[2] === 0;
    // On the disk a request begins and ends with a sector, whatever it carries.
    const count = Math.ceil(bytes / SECTOR_BYTES);
    const sector = scenario.blk.sequential
      ? this.#sector
      : this.#random.below(DISK_SECTORS / 8) * 8;
    this.#sector = (this.#sector + count) % (DISK_SECTORS - count);
    const duePs = recorded === undefined ? 0 : Math.round(recorded[0] * 1000);
    return { request: { id, bytes, write, sector }, duePs };
  }

  #isWrite(): boolean {
    const { workload, blk } = this.#world.scenario;
    if (workload === 'blk-mixed') return this.#random.below(100) >= blk.readPercent;
    return workload !== 'blk-read';
  }
}

/** Whole sectors, at least one. */
const sectors = (bytes: number): number =>
  Math.max(1, Math.ceil(bytes / SECTOR_BYTES)) * SECTOR_BYTES;

/** When requests of one queue are due in an open loop. */
export class BlkArrivals {
  readonly #world: World;
  readonly #random: RandomStream;
  readonly #meanPs: number;
  #at = 0;

  constructor(world: World, name: string, queues: number) {
    this.#world = world;
    this.#random = world.random.stream(`block arrivals ${name}`);
    this.#meanPs = (PS_PER_S / world.scenario.arrival.perSecond) * queues;
  }

  get isOpenLoop(): boolean {
    return this.#world.scenario.arrival.kind !== 'saturate';
  }

  next(): number {
    const fixed = this.#world.scenario.arrival.kind === 'fixed';
    this.#at += fixed
      ? Math.round(this.#meanPs)
      : this.#random.exponential(Math.round(this.#meanPs));
    return this.#at;
  }
}

/** Bytes that one request of the ring may carry. */
export function ringRequestBytes(world: World, ring: 'xen' | 'virtio' | 'argo'): number {
  if (ring === 'argo') return 2 ** 20;
  const { indirect } = world.scenario.blk;
  const segments =
    ring === 'virtio' ? VIRTIO_BLK_SEGMENTS : indirect ? BLKIF_INDIRECT : BLKIF_SEGMENTS;
  return segments * PAGE_SIZE;
}

/** Requests of a ring that fit into it: 32 to a page for blkif, 256 for virtio. */
export function ringSlots(world: World, ring: 'xen' | 'virtio' | 'argo'): number {
  return ring === 'xen' ? 32 * 2 ** world.scenario.blk.ringOrder : 256;
}

/** Memory for a payload: pages here and there, or in a row. */
export function takePayload(world: World, arena: BufferArena, bytes: number): Extent[] {
  const pages = Math.ceil(bytes / PAGE_SIZE);
  if (world.scenario.blk.contiguous) return [{ mfn: arena.take(pages), offset: 0, bytes }];
  return Array.from({ length: pages }, (_, i) => ({
    mfn: arena.take(1),
    offset: 0,
    bytes: Math.min(PAGE_SIZE, bytes - i * PAGE_SIZE),
  }));
}

export function givePayload(arena: BufferArena, extents: readonly Extent[]): void {
  for (const { mfn, bytes } of extents) arena.give(mfn, Math.ceil(bytes / PAGE_SIZE));
}

/** Extents in runs that are contiguous in machine memory: what a bio may hold as one segment. */
export function merged(extents: readonly Extent[]): Extent[] {
  const runs: Extent[] = [];
  for (const each of extents) {
    const last = runs.at(-1);
    const end = last === undefined ? -1 : last.mfn * PAGE_SIZE + last.offset + last.bytes;
    if (last !== undefined && end === each.mfn * PAGE_SIZE + each.offset) {
      runs[runs.length - 1] = { ...last, bytes: last.bytes + each.bytes };
    } else runs.push(each);
  }
  return runs;
}

/** The part of some extents from `from`, `bytes` bytes long. */
export function slice(extents: readonly Extent[], from: number, bytes: number): Extent[] {
  const parts: Extent[] = [];
  let at = 0;
  for (const { mfn, offset, bytes: length } of extents) {
    const start = Math.max(from, at);
    const end = Math.min(from + bytes, at + length);
    if (start < end) {
      const into = offset + start - at;
      parts.push({
        mfn: mfn + Math.floor(into / PAGE_SIZE),
        offset: into % PAGE_SIZE,
        bytes: end - start,
      });
    }
    at += length;
  }
  return parts;
}
