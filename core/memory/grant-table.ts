/**
 * Grant table version 1, with Xen's limits, checks and status codes.
 *
 * Source: Xen `public/grant_table.h` and `common/grant_table.c`. A shared entry is 8 bytes, 512 to a
 * frame; entries 0 to 7 are reserved. An active entry counts four kinds of pin in eight bits each.
 */
import { assert } from '../base/assert.ts';

export const GNTST = {
  okay: 0,
  general_error: -1,
  bad_domain: -2,
  bad_gntref: -3,
  bad_handle: -4,
  bad_dev_addr: -6,
  permission_denied: -8,
  bad_page: -9,
  bad_copy_arg: -10,
  eagain: -12,
  no_space: -13,
} as const;

export const GTF = { permit_access: 1, readonly: 4, reading: 8, writing: 16 } as const;

/** Kinds of pin: one of each in its own byte (`GNTPIN_devr` and so on). */
export const GNTPIN = { devr: 1, devw: 1 << 8, hstr: 1 << 16, hstw: 1 << 24 } as const;

const WRITERS = 0xff00_ff00 | 0;
/** A counter has reached 128: no more pins of any kind. */
const OVERFLOW = 0x8080_8080 | 0;

/** Entries of version 1, of 8 bytes each, in a frame. */
export const ENTRIES_PER_FRAME = 512;
/** Entries at the start of a table that the tools use. */
export const RESERVED_ENTRIES = 8;

/** The pin that an access takes: by the device alone or not, reading or writing. */
export function pinKind(readonly: boolean, kind: 'host' | 'device'): number {
  if (kind === 'device') return readonly ? GNTPIN.devr : GNTPIN.devw;
  return readonly ? GNTPIN.hstr : GNTPIN.hstw;
}

/** One domain's grants: the shared table and, behind it, Xen's active entries. */
export class GrantTable {
  readonly limit: number;
  readonly #maxFrames: number;
  #frames = 1;
  #flags: Uint16Array;
  #domid: Uint16Array;
  #gfn: Int32Array;
  /** Active entries: counters of pins, and the frame that the first of them found. */
  #pins: Int32Array;
  #mfn: Int32Array;
  /** References that are free, the one given back last on top; some may have been taken in a row. */
  readonly #free: number[] = [];
  #isListed: Uint8Array;
  /** Where the search for references in a row goes on. */
  #nextRun = RESERVED_ENTRIES;
  #inUse = 0;

  /** @param maxFrames `gnttab_max_frames` of the domain */
  constructor(maxFrames: number) {
    this.#maxFrames = maxFrames;
    this.limit = maxFrames * ENTRIES_PER_FRAME;
    const size = ENTRIES_PER_FRAME;
    this.#flags = new Uint16Array(size);
    this.#domid = new Uint16Array(size);
    this.#gfn = new Int32Array(size);
    this.#pins = new Int32Array(size);
    this.#mfn = new Int32Array(size);
    this.#isListed = new Uint8Array(size);
    this.#listFree(RESERVED_ENTRIES, size);
  }

  /** Entries that the owner has handed out. */
  get inUse(): number {
    return this.#inUse;
  }

  /** The owner grants `domid` access to a frame. Returns the reference, or -1 when all are in use. */
  grant(domid: number, gfn: number, readonly: boolean): number {
    for (;;) {
      if (this.#free.length === 0 && !this.#grow()) return -1;
      const ref = this.#free.pop() as number;
      this.#isListed[ref] = 0;
      if (this.#flags[ref] !== 0) continue;
      this.#write(ref, domid, gfn, readonly);
      return ref;
    }
  }

  /**
   * The owner grants frames by references in a row (`gnttab_alloc_grant_reference_seq`). Returns the
   * first, or -1 when there are not so many in a row.
   */
  grantRun(domid: number, gfns: readonly number[], readonly: boolean): number {
    for (;;) {
      const first = this.#findRun(gfns.length);
      if (first === -1) {
        if (this.#grow()) continue;
        return -1;
      }
      gfns.forEach((gfn, i) => this.#write(first + i, domid, gfn, readonly));
      this.#nextRun = first + gfns.length;
      return first;
    }
  }

  /** The owner revokes. False while Xen has the entry pinned: the owner cannot force it. */
  tryEnd(ref: number): boolean {
    const flags = this.#flags[ref] as number;
    assert((flags & GTF.permit_access) !== 0, 'a grant was ended that was never given');
    if ((flags & (GTF.reading | GTF.writing)) !== 0) return false;
    this.#flags[ref] = 0;
    if (this.#isListed[ref] === 0) {
      this.#isListed[ref] = 1;
      this.#free.push(ref);
    }
    this.#inUse--;
    return true;
  }

  /** The frame number in a shared entry; 0 beyond the table. */
  gfnOf(ref: number): number {
    return this.#gfn[ref] ?? 0;
  }

  /**
   * Xen pins an entry for `domid`; `GNTST.okay` or why not. After the first pin the frame that was
   * found then is the entry's frame, whatever the owner writes into it.
   *
   * @param kind one of `GNTPIN`
   */
  pin(ref: number, domid: number, kind: number, mfn: number): number {
    if (ref < 0 || ref >= this.#flags.length) return GNTST.bad_gntref;
    const pins = this.#pins[ref] as number;
    if ((pins & OVERFLOW) !== 0) return GNTST.general_error;
    const flags = this.#flags[ref] as number;
    if ((flags & 3) !== GTF.permit_access || this.#domid[ref] !== domid) return GNTST.general_error;
    const writes = (kind & WRITERS) !== 0;
    if (writes && (flags & GTF.readonly) !== 0) return GNTST.general_error;
    if (pins === 0) this.#mfn[ref] = mfn;
    this.#pins[ref] = pins + kind;
    this.#flags[ref] = flags | GTF.reading | (writes ? GTF.writing : 0);
    return GNTST.okay;
  }

  unpin(ref: number, kind: number): void {
    const before = this.#pins[ref] as number;
    assert((before & (kind * 0xff)) !== 0, 'a pin was taken away that was never made');
    const pins = before - kind;
    this.#pins[ref] = pins;
    if ((pins & WRITERS) !== 0) return;
    const flags = (this.#flags[ref] as number) & ~GTF.writing;
    this.#flags[ref] = pins === 0 ? flags & ~GTF.reading : flags;
  }

  isPinned(ref: number): boolean {
    return (this.#pins[ref] ?? 0) !== 0;
  }

  /** The frame that a pinned entry stands for. */
  pinnedFrame(ref: number): number {
    return this.#mfn[ref] as number;
  }

  /** Checks what must hold between operations. */
  check(): void {
    for (let ref = 0; ref < this.#flags.length; ref++) {
      const flags = this.#flags[ref] as number;
      const pins = this.#pins[ref] as number;
      assert(((flags & GTF.reading) !== 0) === (pins !== 0), 'GTF_reading is set while pinned');
      const writes = (pins & WRITERS) !== 0;
      assert(
        ((flags & GTF.writing) !== 0) === writes,
        'GTF_writing is set while pinned for writing',
      );
    }
  }

  #write(ref: number, domid: number, gfn: number, readonly: boolean): void {
    this.#domid[ref] = domid;
    this.#gfn[ref] = gfn;
    this.#flags[ref] = GTF.permit_access | (readonly ? GTF.readonly : 0);
    this.#inUse++;
  }

  /** First of `count` free references in a row, from where the last search ended, then from the start. */
  #findRun(count: number): number {
    return this.#runIn(this.#nextRun, count) ?? this.#runIn(RESERVED_ENTRIES, count) ?? -1;
  }

  #runIn(from: number, count: number): number | null {
    let length = 0;
    for (let ref = from; ref < this.#flags.length; ref++) {
      length = this.#flags[ref] === 0 ? length + 1 : 0;
      if (length === count) return ref - count + 1;
    }
    return null;
  }

  #listFree(from: number, end: number): void {
    for (let ref = end - 1; ref >= from; ref--) {
      this.#free.push(ref);
      this.#isListed[ref] = 1;
    }
  }

  #grow(): boolean {
    if (this.#frames >= this.#maxFrames) return false;
    const from = this.#frames * ENTRIES_PER_FRAME;
    const frames = Math.min(this.#frames * 2, this.#maxFrames);
    const size = frames * ENTRIES_PER_FRAME;
    const grown = <T extends Uint8Array | Uint16Array | Int32Array>(old: T, next: T): T => {
      next.set(old);
      return next;
    };
    this.#flags = grown(this.#flags, new Uint16Array(size));
    this.#domid = grown(this.#domid, new Uint16Array(size));
    this.#gfn = grown(this.#gfn, new Int32Array(size));
    this.#pins = grown(this.#pins, new Int32Array(size));
    this.#mfn = grown(this.#mfn, new Int32Array(size));
    this.#isListed = grown(this.#isListed, new Uint8Array(size));
    this.#listFree(from, size);
    this.#frames = frames;
    return true;
  }
}
