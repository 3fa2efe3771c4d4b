/**
 * Which events are about one frame of memory. A frame has several names: its machine frame number, the
 * number that its guest knows it by, and the device frame number (an iova page) that leads to it as long
 * as an IOMMU entry, or a cached copy of one, does. An event's kind says which name it uses.
 *
 * A device frame number belongs to the frame that an `IOMMU.map` gave it last. What comes before that,
 * the range taken from the allocator and the call around the entry, belongs to the frame mapped next.
 * One that reaches memory without ever having been mapped is the machine frame number itself.
 */
import { K, KINDS } from '../../core/contract/kinds.ts';
import { startOf } from './keyframe.ts';
import { readLanes, standing } from './state.ts';
import { int, intOrNull, text, type TraceStore } from './store.ts';

/** Events read back for entries that were removed before the part that is looked through. */
const LOOK_BACK = 16_384;
/** Events read ahead for the entry that a range was taken for. */
const LOOK_AHEAD = 4096;
const MAX_GUESTS = 1024;
const PAGE = 4096;

const namedBy = (space: string) =>
  KINDS.filter((kind) => kind.frame === space).map((kind) => kind.code);
const MFN_KINDS = namedBy('mfn');
const GFN_KINDS = namedBy('gfn');
const BYTE_KINDS = namedBy('byte address');
/** Kinds of which `n` counts pages from `frame` on. */
const PAGES_OF_FRAME = [
  ...[K.cacheClean, K.cacheInvalidate, K.virtioIommuMap, K.dirtyMark],
  ...[K.hazardOpen, K.hazardClose],
];
/** A device frame number in `frame`. */
const DFN_KINDS = namedBy('dfn');
const REACHED_KINDS = [K.dmaRead, K.dmaWrite, K.iotlbWalk];
/** `n` device frame numbers from `arg` on; those that come before the entries they are for. */
const BEFORE_KINDS = [K.iovaAlloc, K.vfioMapDma, K.virtioIommuMap];
const BY_OWNER_KINDS = [K.virtioIommuUnmap, K.vfioUnmapDma, K.iovaFree];
const AFTER_KINDS = [K.iotlbInv, ...BY_OWNER_KINDS];

/** Recorded kinds that give an iova to a physical address, and those that name it by that. */
const RECORDED_MAPS = [K.recIommuMap, K.recDmaMap];
const RECORDED_BY_IOVA = [
  ...[K.recIommuUnmap, K.recIotlbFlush, K.recDmaUnmap, K.recDmaSync, K.recBounce, K.recFault],
];

/** Frames that an event's `frame` stands for; bytes may begin anywhere in the first of them. */
const FRAMES = `max(1, (coalesce(bytes, 0) + ${PAGE - 1}) / ${PAGE},
  CASE WHEN kind IN (${PAGES_OF_FRAME.join(', ')}) THEN coalesce(n, 1) ELSE 1 END)`;

/** Ids of events about a frame, for one part of a trace after the other. */
export class AboutFrame {
  readonly #store: TraceStore;
  readonly #frame: number;
  readonly #gfn: { readonly gfn: number; readonly tracks: readonly number[] } | null;
  readonly #recorded: boolean;
  readonly #lanes: readonly number[];

  /** @param frame an mfn; of a recording, a page of physical memory */
  constructor(store: TraceStore, frame: number) {
    this.#store = store;
    this.#frame = frame;
    this.#gfn = gfnOf(store, frame);
    this.#lanes = readLanes(store);
    this.#recorded = store.meta.get('status') === 'imported';
  }

  /** In order, those of events `low` to `high`. */
  ids(low: number, high: number): number[] {
    const found = this.#recorded ? this.#recordedIds(low, high) : this.#namedIds(low, high);
    for (const id of this.#recorded ? [] : this.#deviceIds(low, high)) found.add(id);
    return [...found].sort((a, b) => a - b);
  }

  /** By mfn and gfn: the event's own columns say it. */
  #namedIds(low: number, high: number): Set<number> {
    const ids = (kinds: readonly number[], frame: number, more = ''): number[] =>
      this.#store
        .rows(
          `SELECT id FROM events WHERE id BETWEEN ? AND ? AND kind IN (${kinds.join(', ')})
           AND frame <= ? AND frame + ${FRAMES} > ? ${more}`,
          low,
          high,
          frame,
          frame,
        )
        .map(([id]) => int(id));
    const found = new Set(ids(MFN_KINDS, this.#frame));
    if (this.#gfn === null) return found;
    const { gfn, tracks } = this.#gfn;
    for (const id of ids(GFN_KINDS, gfn, `AND track NOT IN (${tracks.join(', ')})`)) found.add(id);
    return found;
  }

  /** By device frame number: what it leads to is followed from some way before. */
  #deviceIds(low: number, high: number): number[] {
    const before = Math.max(0, low - 1 - LOOK_BACK);
    const leadsTo = new Map<number, number>();
    for (const { group, entry } of standing(
      this.#store,
      startOf(this.#store, before),
      before,
      null,
    )) {
      if (group === 'iommu') leadsTo.set(Number(entry.key), Number(entry.frame));
    }
    const dfns = new Set([this.#frame]);
    for (const [dfn, frame] of leadsTo) if (frame === this.#frame) dfns.add(dfn);
    for (const [dfn] of this.#store.rows(
      `SELECT DISTINCT arg FROM events
       WHERE id BETWEEN ? AND ? AND kind = ${K.iommuMap} AND frame = ? AND arg IS NOT NULL`,
      before + 1,
      high + LOOK_AHEAD,
      this.#frame,
    )) {
      dfns.add(int(dfn));
    }
    const found: number[] = [];
    for (const dfn of dfns) {
      for (const id of this.#idsOf(dfn, leadsTo.get(dfn), before + 1, high)) {
        if (id >= low) found.push(id);
      }
    }
    return found;
  }

  /** @param target the frame that the device frame number leads to before event `from`, if any */
  #idsOf(dfn: number, target: number | undefined, from: number, high: number): number[] {
    const found: number[] = [];
    let frame = target;
    /** Whose range it is: a guest's and a host's may have the same numbers. */
    let owner: number | undefined;
    let waiting: { event: number; request: number | null; lane: number | undefined }[] = [];
    for (const row of this.#store.rows(
      `SELECT id, kind, frame, request, track FROM events WHERE id BETWEEN ? AND ? AND (
         kind IN (${DFN_KINDS.join(', ')}) AND frame = ?
         OR kind IN (${[...BEFORE_KINDS, ...AFTER_KINDS].join(', ')})
           AND arg BETWEEN 0 AND ? AND arg + coalesce(n, 1) > ?
         OR kind = ${K.iommuMap} AND arg = ?
       ) ORDER BY id`,
      from,
      high + LOOK_AHEAD,
      ...[dfn, dfn, dfn, dfn],
    )) {
      const [event, kind, request] = [int(row[0]), int(row[1]), intOrNull(row[3])];
      const lane = this.#lanes[int(row[4])];
      if (kind === K.iommuMap) {
        const own = waiting.filter((each) => each.request === request);
        frame = intOrNull(row[2]) ?? -1;
        owner = own[0]?.lane;
        if (frame === this.#frame) found.push(...own.map((each) => each.event));
        waiting = [];
      } else if (BEFORE_KINDS.includes(kind)) waiting.push({ event, request, lane });
      // No entry was made for it, and it was reached: passthrough, or a table shared with the CPUs'.
      else if ((frame ?? (REACHED_KINDS.includes(kind) ? dfn : -1)) === this.#frame) {
        const foreign = owner !== undefined && BY_OWNER_KINDS.includes(kind) && lane !== owner;
        if (!foreign) found.push(event);
      }
    }
    return found.filter((event) => event <= high);
  }

  /** Of a recording: by physical address, and by an iova after the event that mapped it there. */
  #recordedIds(low: number, high: number): Set<number> {
    const before = Math.max(1, low - LOOK_BACK);
    const [from, to] = [this.#frame * PAGE, (this.#frame + 1) * PAGE];
    const inFrame = 'frame < ? AND frame + max(1, coalesce(bytes, 1)) > ?';
    const maps = `kind IN (${RECORDED_MAPS.join(', ')})`;
    const rows = this.#store.rows(
      `SELECT id FROM events WHERE id BETWEEN ? AND ?
         AND kind IN (${BYTE_KINDS.join(', ')}) AND ${inFrame}
       UNION
       SELECT id FROM events AS e WHERE id BETWEEN ? AND ?
         AND kind IN (${RECORDED_BY_IOVA.join(', ')})
         AND arg IN (SELECT arg FROM events WHERE id BETWEEN ? AND ? AND ${maps} AND ${inFrame})
         AND (SELECT ${inFrame} FROM events AS m
              WHERE m.id BETWEEN ? AND e.id - 1 AND ${maps} AND m.arg = e.arg
              ORDER BY m.id DESC LIMIT 1)`,
      ...[low, high, to, from],
      ...[low, high, before, high, to, from, to, from, before],
    );
    return new Set(rows.map(([id]) => int(id)));
  }
}

/** The frame's number in its guest, and the tracks of other guests, where it may be another frame's. */
function gfnOf(store: TraceStore, frame: number) {
  const guests = store.rows(`SELECT id, frame, frames, gfn FROM guests LIMIT ${MAX_GUESTS}`);
  const guest = guests.find((row) => frame >= int(row[1]) && frame < int(row[1]) + int(row[2]));
  if (guest === undefined) return null;
  const own = int(guest[0]);
  const tracks = store
    .rows('SELECT id, substr(name, 1, 200), substr(detail, 1, 200) FROM tracks LIMIT 4096')
    .flatMap(([id, name, detail]) => {
      const of = /^Frontend (\d+)$/.exec(text(name)) ?? /^on guest (\d+),/.exec(text(detail));
      return of !== null && Number(of[1]) !== own ? [int(id)] : [];
    });
  return { gfn: frame - int(guest[1]) + int(guest[3]), tracks };
}
