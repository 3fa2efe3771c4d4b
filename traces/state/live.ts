/**
 * What stands at a moment of a trace: grants, mappings, IOMMU entries and their like, each between the
 * event that makes it and the one that ends it. Fed event by event, by the writer, which wants to know
 * what stands when a keyframe is due, and by the reader, which goes on from a keyframe.
 */
import { K } from '../../core/contract/kinds.ts';
import type { EntryGroup } from '../../core/contract/methods/index.ts';

/** A group of entries, and what else stands between two events. */
export type LiveGroup = EntryGroup | 'hazards' | 'rings';

/** Entries that are told apart by keys of their own: what their group is, and what a key is made of. */
const SPACES = [
  ['grants', 'grant'],
  ['maps', 'pair'], // mfn and handle
  ['maps', 'pair'], // light: mfn and reference
  ['maps', 'pair'], // second-level: mfn and gfn
  ['iommu', 'pair'], // mfn and dfn
  ['iommu', 'pair'], // the same, gone from the table and not yet invalidated
  ['bounce', 'lane'], // first slot
  ['pins', 'frame'],
  ['gtt', 'lane'], // entry index
  ['hazards', 'arg'],
  ['iommu', 'arg'], // recorded: iova
  ['iommu', 'arg'], // recorded: dma address of a mapped buffer
  ['iommu', 'arg'], // recorded: dma address of coherent memory
  ['rings', 'track'], // the newest push
  ['rings', 'track'], // the newest pull
] as const satisfies readonly (readonly [LiveGroup, Form])[];
type Form = 'grant' | 'pair' | 'lane' | 'frame' | 'arg' | 'track';
const IOMMU = 4;
const STALE = 5;
const REC_IOMMU = 10;

/** `replace`: of two entries with one key the second ends the first. */
type Act = 'make' | 'end' | 'replace' | 'unmap' | 'invalidate' | 'unmap recorded';

/** What each kind does in which space; no other event changes what stands. */
const RULES: readonly (readonly [kind: number, act: Act, space: number])[] = [
  [K.grantAccess, 'make', 0],
  [K.grantEnd, 'end', 0],
  [K.grantMap, 'make', 1],
  [K.grantUnmap, 'end', 1],
  [K.grantReplace, 'end', 1],
  [K.grantLightMap, 'make', 2],
  [K.grantLightExpire, 'end', 2],
  [K.p2mSet, 'make', 3],
  [K.p2mClear, 'end', 3],
  [K.iommuMap, 'make', IOMMU],
  [K.iommuUnmap, 'unmap', IOMMU],
  [K.iotlbInv, 'invalidate', STALE],
  [K.swiotlbMap, 'make', 6],
  [K.swiotlbUnmap, 'end', 6],
  [K.pin, 'make', 7],
  [K.unpin, 'end', 7],
  [K.gttWrite, 'replace', 8],
  [K.hazardOpen, 'make', 9],
  [K.hazardClose, 'end', 9],
  [K.recIommuMap, 'replace', REC_IOMMU],
  [K.recIommuUnmap, 'unmap recorded', REC_IOMMU],
  // That the end of the first is missing is what a second one with its address means.
  [K.recDmaMap, 'replace', 11],
  [K.recDmaUnmap, 'end', 11],
  [K.recDmaAlloc, 'replace', 12],
  [K.recDmaFree, 'end', 12],
  [K.ringPush, 'replace', 13],
  [K.ringPull, 'replace', 14],
];
/** Kinds that change what stands. */
export const LIVE_KINDS: readonly number[] = RULES.map(([kind]) => kind);

const actOf: (Act | undefined)[] = [];
const spaceOf: number[] = [];
for (const [kind, act, space] of RULES) {
  actOf[kind] = act;
  spaceOf[kind] = space;
}

/** Entries kept at most: a recording may map for ever. Beyond, the oldest are forgotten. */
export const MAX_LIVE = 1 << 18;

const TWO_31 = 2 ** 31;
const LANES = 64;

/** Stands for NULL. */
const NONE = -Number.MAX_SAFE_INTEGER;

/** A walk over the keys of a space, oldest first, and where it is. */
interface Oldest {
  keys: IterableIterator<number> | null;
  key: number;
}

/** Called with the id of the event that made an entry, when it ends. */
export type OnEnd = (made: number) => void;

export class LiveEntries {
  readonly #spaces = SPACES.map(() => new Map<number, number | number[]>());
  readonly #lanes: readonly number[];
  readonly #onEnd: OnEnd;
  /** Bytes of recorded IOMMU mappings by iova: one unmap may end several that lie end to end. */
  readonly #bytes = new Map<number, number>();
  #count = 0;
  /** Where the oldest of each space is looked for: from the first key each time would be a long way over deleted ones. */
  readonly #oldest = SPACES.map((): Oldest => ({ keys: null, key: NaN }));

  /**
   * @param lanes by track: a number shared by the tracks of one guest, backend or device
   * @param onEnd called for each entry that ends
   */
  constructor(lanes: readonly number[], onEnd: OnEnd = () => undefined) {
    this.#lanes = lanes;
    this.#onEnd = onEnd;
  }

  /**
   * Takes the next event in id order. Columns that are NULL are `-Number.MAX_SAFE_INTEGER`. Values
   * beyond 2^53 may be rounded: they are only compared.
   */
  apply(
    id: number,
    kind: number,
    track: number,
    frame: number,
    bytes: number,
    n: number,
    status: number,
    arg: number,
  ): void {
    const act = actOf[kind];
    if (act === undefined) return;
    // What failed changes nothing.
    if (status !== NONE && status !== 0) return;
    if (act === 'invalidate') return this.#invalidate(arg, n === NONE ? 1 : n);
    if (act === 'unmap recorded') return this.#unmapRecorded(arg, bytes);
    const space = spaceOf[kind] as number;
    // Without a frame it is an entry of a table that only a VMM reads.
    if (space === IOMMU && frame < 0) return;
    const key = keyOf(space, frame, arg, track, (this.#lanes[track] ?? 0) % LANES);
    if (act === 'make') return this.#make(space, key, id);
    this.#end(space, key);
    if (act === 'replace') {
      this.#make(space, key, id);
      if (space === REC_IOMMU) this.#bytes.set(key, bytes);
    }
    if (act === 'unmap') this.#make(STALE, key, id);
  }

  /** Ids of the events whose entries stand now, by group. */
  *standing(): Generator<[group: LiveGroup, made: number, live: boolean]> {
    for (const [space, entries] of this.#spaces.entries()) {
      const group: LiveGroup = (SPACES[space] as (typeof SPACES)[number])[0];
      for (const made of entries.values()) {
        if (typeof made === 'number') yield [group, made, space !== STALE];
        else for (const each of made) yield [group, each, space !== STALE];
      }
    }
  }

  #make(space: number, key: number, id: number): void {
    const entries = this.#spaces[space] as Map<number, number | number[]>;
    const before = entries.get(key);
    if (before === undefined) entries.set(key, id);
    else if (typeof before === 'number') entries.set(key, [before, id]);
    else before.push(id);
    this.#count += 1;
    if (this.#count > MAX_LIVE) this.#forget(space);
  }

  #end(space: number, key: number): void {
    const entries = this.#spaces[space] as Map<number, number | number[]>;
    const made = entries.get(key);
    if (made === undefined) return;
    let ended: number;
    if (typeof made === 'number') ended = made;
    else ended = made.pop() as number;
    if (typeof made === 'number' || made.length === 0) {
      entries.delete(key);
      const oldest = this.#oldest[space] as Oldest;
      if (oldest.key === key) oldest.key = NaN;
    }
    if (space === REC_IOMMU) this.#bytes.delete(key);
    this.#count -= 1;
    this.#onEnd(ended);
  }

  /** The oldest of a space goes, as if it had ended. */
  #forget(space: number): void {
    const entries = this.#spaces[space] as Map<number, number | number[]>;
    const oldest = this.#oldest[space] as Oldest;
    // One key may stand for several entries.
    while (!entries.has(oldest.key)) {
      // Keys that come while it is under way are met by it, and there is one: the entry just made.
      const next = (oldest.keys ??= entries.keys()).next();
      if (next.done === true) oldest.keys = null;
      else oldest.key = next.value;
    }
    this.#end(space, oldest.key);
  }

  /** `first` -1 is a whole domain. */
  #invalidate(first: number, pages: number): void {
    const entries = this.#spaces[STALE] as Map<number, number | number[]>;
    for (const key of [...entries.keys()]) {
      const dfn = key % TWO_31;
      if (first < 0 || (dfn >= first % TWO_31 && dfn < (first % TWO_31) + pages)) {
        this.#end(STALE, key);
      }
    }
  }

  #unmapRecorded(iova: number, bytes: number): void {
    const end = iova + Math.max(bytes, 1);
    for (let at = iova; at < end;) {
      const length = this.#bytes.get(at) ?? 0;
      this.#end(REC_IOMMU, at);
      if (length <= 0) return;
      at += length;
    }
  }
}

/** Numbers below 2^53 as long as machines have 2^22 frames; of a dfn, the lower 31 bits count. */
function keyOf(space: number, frame: number, arg: number, track: number, lane: number): number {
  const [, form] = SPACES[space] as (typeof SPACES)[number];
  switch (form) {
    case 'grant':
      return frame * 2 ** 26 + arg * LANES + lane;
    case 'pair':
      return frame * TWO_31 + (((arg % TWO_31) + TWO_31) % TWO_31);
    case 'lane':
      return arg * LANES + lane;
    case 'frame':
      return frame;
    case 'arg':
      return arg;
    case 'track':
      return track;
  }
}

/** For each track, a number shared by the tracks of one guest, backend or device. */
export function lanesOf(
  tracks: Iterable<{ readonly id: number; readonly actor: number; readonly name: string }>,
): number[] {
  const numbers = new Map<string, number>();
  const lanes: number[] = [];
  for (const { id, actor, name } of tracks) {
    const owner = `${actor} ${name}`;
    const lane = numbers.get(owner) ?? numbers.size;
    numbers.set(owner, lane);
    lanes[id] = lane;
  }
  return lanes;
}
