/**
 * Grant table version 1 and maptrack, with Xen's limits, checks and status codes.
 *
 * Source: Xen `public/grant_table.h` and `common/grant_table.c`. A shared entry is 8 bytes, 512 to a
 * frame; entries 0 to 7 are reserved. An active entry counts four kinds of pin, each up to 128.
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

const ENTRIES_PER_FRAME = 512;
const MAPPINGS_PER_FRAME = 256;
const RESERVED_ENTRIES = 8;
const PIN_MAX = 128;

/** One domain's grants: the shared table and, behind it, Xen's active entries. */
export class GrantTable {
  readonly limit: number;
  readonly #maxFrames: number;
  #frames = 1;
  #flags: Uint16Array;
  #domid: Uint16Array;
  #gfn: Int32Array;
  #pins: Uint16Array;
  #writers: Uint16Array;
  #mfn: Int32Array;
  readonly #free: number[] = [];
  #inUse = 0;

  /** @param maxFrames `gnttab_max_frames` of the domain */
  constructor(maxFrames: number) {
    this.#maxFrames = maxFrames;
    this.limit = maxFrames * ENTRIES_PER_FRAME;
    const size = ENTRIES_PER_FRAME;
    this.#flags = new Uint16Array(size);
    this.#domid = new Uint16Array(size);
    this.#gfn = new Int32Array(size);
    this.#pins = new Uint16Array(size);
    this.#writers = new Uint16Array(size);
    this.#mfn = new Int32Array(size);
    for (let ref = size - 1; ref >= RESERVED_ENTRIES; ref--) this.#free.push(ref);
  }

  /** Entries that the owner has handed out. */
  get inUse(): number {
    return this.#inUse;
  }

  /** The owner grants `domid` access to a frame. Returns the reference, or -1 when all are in use. */
  grant(domid: number, gfn: number, readonly: boolean): number {
    if (this.#free.length === 0 && !this.#grow()) return -1;
    const ref = this.#free.pop() as number;
    this.#domid[ref] = domid;
    this.#gfn[ref] = gfn;
    this.#flags[ref] = GTF.permit_access | (readonly ? GTF.readonly : 0);
    this.#inUse++;
    return ref;
  }

  /** The owner revokes. False while Xen has the entry pinned: the owner cannot force it. */
  tryEnd(ref: number): boolean {
    const flags = this.#flags[ref] as number;
    assert((flags & GTF.permit_access) !== 0, 'a grant was ended that was never given');
    if ((flags & (GTF.reading | GTF.writing)) !== 0) return false;
    this.#flags[ref] = 0;
    this.#free.push(ref);
    this.#inUse--;
    return true;
  }

  gfnOf(ref: number): number {
    return this.#gfn[ref] as number;
  }

  /**
   * Xen pins an entry for `domid`; `GNTST.okay` or why not. After the first pin the frame that was
   * found then is the entry's frame, whatever the owner writes into it.
   */
  pin(ref: number, domid: number, readonly: boolean, mfn: number): number {
    if (ref < 0 || ref >= this.#flags.length) return GNTST.bad_gntref;
    const flags = this.#flags[ref] as number;
    if ((flags & 3) !== GTF.permit_access || this.#domid[ref] !== domid) return GNTST.general_error;
    if (!readonly && (flags & GTF.readonly) !== 0) return GNTST.general_error;
    const pins = this.#pins[ref] as number;
    if (pins >= PIN_MAX) return GNTST.general_error;
    if (pins === 0) this.#mfn[ref] = mfn;
    this.#pins[ref] = pins + 1;
    if (!readonly) this.#writers[ref] = (this.#writers[ref] as number) + 1;
    this.#flags[ref] = flags | GTF.reading | (readonly ? 0 : GTF.writing);
    return GNTST.okay;
  }

  unpin(ref: number, readonly: boolean): void {
    const pins = (this.#pins[ref] as number) - 1;
    assert(pins >= 0, 'a grant has fewer than no pins');
    this.#pins[ref] = pins;
    if (!readonly) this.#writers[ref] = (this.#writers[ref] as number) - 1;
    let flags = this.#flags[ref] as number;
    if (this.#writers[ref] === 0) flags &= ~GTF.writing;
    if (pins === 0) flags &= ~(GTF.reading | GTF.writing);
    this.#flags[ref] = flags;
  }

  pinsOf(ref: number): number {
    return this.#pins[ref] as number;
  }

  /** Checks what must hold between operations. */
  check(): void {
    for (let ref = 0; ref < this.#flags.length; ref++) {
      const busy = ((this.#flags[ref] as number) & (GTF.reading | GTF.writing)) !== 0;
      assert(busy === (this.#pins[ref] as number) > 0, 'GTF_reading is set exactly while pinned');
    }
  }

  #grow(): boolean {
    if (this.#frames >= this.#maxFrames) return false;
    const from = this.#frames * ENTRIES_PER_FRAME;
    const frames = Math.min(this.#frames * 2, this.#maxFrames);
    const size = frames * ENTRIES_PER_FRAME;
    const grown = <T extends Uint16Array | Int32Array>(old: T, next: T): T => {
      next.set(old);
      return next;
    };
    this.#flags = grown(this.#flags, new Uint16Array(size));
    this.#domid = grown(this.#domid, new Uint16Array(size));
    this.#gfn = grown(this.#gfn, new Int32Array(size));
    this.#pins = grown(this.#pins, new Uint16Array(size));
    this.#writers = grown(this.#writers, new Uint16Array(size));
    this.#mfn = grown(this.#mfn, new Int32Array(size));
    for (let ref = size - 1; ref >= from; ref--) this.#free.push(ref);
    this.#frames = frames;
    return true;
  }
}

/** One mapper's maptrack: what it has mapped of others, by handle. */
export class Maptrack {
  readonly limit: number;
  readonly #ref: Int32Array;
  readonly #mfn: Int32Array;
  readonly #readonly: Uint8Array;
  readonly #free: Int32Array;
  #freeCount = 0;

  /** @param maxFrames `gnttab_max_maptrack_frames` of the mapper */
  constructor(maxFrames: number) {
    this.limit = maxFrames * MAPPINGS_PER_FRAME;
    this.#ref = new Int32Array(this.limit).fill(-1);
    this.#mfn = new Int32Array(this.limit);
    this.#readonly = new Uint8Array(this.limit);
    this.#free = new Int32Array(this.limit);
    for (let handle = this.limit - 1; handle >= 0; handle--) this.#free[this.#freeCount++] = handle;
  }

  get inUse(): number {
    return this.limit - this.#freeCount;
  }

  /** Takes a handle, or returns -1 when none is left (`GNTST_no_space` since Xen 4.16). */
  take(ref: number, mfn: number, readonly: boolean): number {
    if (this.#freeCount === 0) return -1;
    const handle = this.#free[--this.#freeCount] as number;
    this.#ref[handle] = ref;
    this.#mfn[handle] = mfn;
    this.#readonly[handle] = readonly ? 1 : 0;
    return handle;
  }

  /** Gives a handle back. False when it is free already (`GNTST_bad_handle`). */
  give(handle: number): boolean {
    if (handle < 0 || handle >= this.limit || this.#ref[handle] === -1) return false;
    this.#ref[handle] = -1;
    this.#free[this.#freeCount++] = handle;
    return true;
  }

  refOf(handle: number): number {
    return this.#ref[handle] ?? -1;
  }
  mfnOf(handle: number): number {
    return this.#mfn[handle] as number;
  }
  isReadonly(handle: number): boolean {
    return this.#readonly[handle] === 1;
  }
}
