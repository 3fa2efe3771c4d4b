/**
 * Which events are about one frame of memory. A frame has several names: its machine frame number, the
 * number that its guest knows it by, and the device frame number (an iova page) that leads to it as long
 * as an IOMMU entry, or a cached copy of one, does. An event's kind says which name it uses.
 *
 * A device frame number belongs to the frame that an `IOMMU.map` gave it last. What comes before that,
 * the range taken from the allocator and the call around the entry, belongs to the frame mapped next.
 */
import { K, KINDS } from '../../core/contract/kinds.ts';
import { startOf } from './keyframe.ts';
import { standing } from './state.ts';
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
/** `n` device frame numbers from `arg` on; those that come before the entries they are for. */
const BEFORE_KINDS = [K.iovaAlloc, K.vfioMapDma, K.virtioIommuMap];
const AFTER_KINDS = [K.iotlbInv, K.virtioIommuUnmap, K.vfioUnmapDma, K.iovaFree];

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

  /** @param frame an mfn; of a recording, a page of physical memory */
  constructor(store: TraceStore, frame: number) {
    this.#store = store;
    this.#frame = frame;
    this.#gfn = gfnOf(store, frame);
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

  /** By device frame number: what it led to is followed from some way before. */
  #deviceIds(low: number, high: number): number[] {
    const before = Math.max(0, low - 1 - LOOK_BACK);
    const own = new Set(
      standing(this.#store, startOf(this.#store, before), before, null)
        .filter(({ group, entry }) => group === 'iommu' && Number(entry.frame) === this.#frame)
        .map(({ entry }) => Number(entry.key)),
    );
    const dfns = new Set(own);
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
      for (const id of this.#idsOf(dfn, own.has(dfn), before + 1, high)) {
        if (id >= low) found.push(id);
      }
    }
    return found;
  }

  /** @param isOwn does the device frame number lead to the frame before event `from`? */
  #idsOf(dfn: number, isOwn: boolean, from: number, high: number): number[] {
    const found: number[] = [];
    let own = isOwn;
    let waiting: number[] = [];
    for (const [id, kind, frame] of this.#store.rows(
      `SELECT id, kind, frame FROM events WHERE id BETWEEN ? AND ? AND (
         kind IN (${DFN_KINDS.join(', ')}) AND frame = ?
         OR kind IN (${[...BEFORE_KINDS, ...AFTER_KINDS].join(', ')})
           AND arg BETWEEN 0 AND ? AND arg + coalesce(n, 1) > ?
         OR kind = ${K.iommuMap} AND arg = ?
       ) ORDER BY id`,
      from,
      high + LOOK_AHEAD,
      ...[dfn, dfn, dfn, dfn],
    )) {
      const event = int(id);
      if (int(kind) === K.iommuMap) {
        own = intOrNull(frame) === this.#frame;
        if (own) found.push(...waiting);
        waiting = [];
      } else if (BEFORE_KINDS.includes(int(kind))) waiting.push(event);
      else if (own) found.push(event);
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
