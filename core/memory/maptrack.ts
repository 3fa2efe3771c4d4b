/**
 * Maptrack: what one domain has mapped of others', by handle, with Xen's free list for each vCPU.
 *
 * Source: Xen `common/grant_table.c`. An entry is 16 bytes, 256 to a frame. A vCPU takes from the head of
 * its own list and never its last entry, so that others can add to the tail without meeting it. When it
 * has no more, a frame is added for it; when there are as many frames as there may be, it takes an entry
 * from another vCPU. A handle goes back to the list of the vCPU that had it last.
 */

const MAPPINGS_PER_FRAME = 256;
const TAIL = -1;

export class Maptrack {
  /** Entries at most. Each vCPU that maps keeps one of them in its list. */
  readonly limit: number;
  readonly #maxFrames: number;
  #frames = 0;
  /** Of an entry in use its reference; of a free one the next in its list. */
  #ref = new Int32Array(0);
  #vcpu = new Uint16Array(0);
  #isUsed = new Uint8Array(0);
  readonly #head: number[];
  readonly #tail: number[];
  #inUse = 0;
  /** Frames that were added, and entries that were taken from another vCPU's list. */
  grown = 0;
  stolen = 0;

  /**
   * @param maxFrames `gnttab_max_maptrack_frames` of the mapper
   * @param vcpus vCPUs of the mapper
   */
  constructor(maxFrames: number, vcpus: number) {
    this.limit = maxFrames * MAPPINGS_PER_FRAME;
    this.#maxFrames = maxFrames;
    this.#head = Array.from({ length: vcpus }, () => TAIL);
    this.#tail = Array.from({ length: vcpus }, () => TAIL);
  }

  get inUse(): number {
    return this.#inUse;
  }

  /** Takes a handle for a vCPU, or returns -1 when none is left (`GNTST_no_space` since Xen 4.16). */
  take(ref: number, vcpu: number): number {
    const own = this.takeOwn(ref, vcpu);
    if (own !== -1) return own;
    return this.#use(this.#frames < this.#maxFrames ? this.#grow(vcpu) : this.#steal(vcpu), ref);
  }

  /** Takes a handle of the vCPU's own list, or returns -1: then there may be others still. */
  takeOwn(ref: number, vcpu: number): number {
    return this.#use(this.#pop(vcpu), ref);
  }

  #use(handle: number, ref: number): number {
    if (handle === TAIL) return -1;
    this.#ref[handle] = ref;
    this.#isUsed[handle] = 1;
    this.#inUse++;
    return handle;
  }

  /** Gives a handle back. False when it is free already, or never was one (`GNTST_bad_handle`). */
  give(handle: number): boolean {
    if (this.#isUsed[handle] !== 1) return false;
    this.#isUsed[handle] = 0;
    this.#inUse--;
    this.#append(this.#vcpu[handle] as number, handle);
    return true;
  }

  /** The reference that a handle in use was made for; -1 for any other. */
  refOf(handle: number): number {
    return this.#isUsed[handle] === 1 ? (this.#ref[handle] as number) : -1;
  }

  /** The head of a list, unless it is all there is. */
  #pop(vcpu: number): number {
    const handle = this.#head[vcpu] as number;
    if (handle === TAIL) return TAIL;
    const next = this.#ref[handle] as number;
    if (next === TAIL) return TAIL;
    this.#head[vcpu] = next;
    return handle;
  }

  #append(vcpu: number, handle: number): void {
    this.#ref[handle] = TAIL;
    const last = this.#tail[vcpu] as number;
    if (last === TAIL) this.#head[vcpu] = handle;
    else this.#ref[last] = handle;
    this.#tail[vcpu] = handle;
  }

  /** A frame of entries for a vCPU: the first is taken at once, the others go in front of its list. */
  #grow(vcpu: number): number {
    const first = this.#frames * MAPPINGS_PER_FRAME;
    this.#frames++;
    this.grown++;
    this.#reserve(first + MAPPINGS_PER_FRAME);
    const last = first + MAPPINGS_PER_FRAME - 1;
    for (let handle = first; handle <= last; handle++) {
      this.#ref[handle] = handle + 1;
      this.#vcpu[handle] = vcpu;
    }
    this.#ref[last] = this.#head[vcpu] as number;
    if (this.#tail[vcpu] === TAIL) this.#tail[vcpu] = last;
    this.#head[vcpu] = first + 1;
    return first;
  }

  /** An entry of another vCPU's list, and at first one more to stay in the list of this one. */
  #steal(vcpu: number): number {
    if (this.#tail[vcpu] === TAIL) {
      const kept = this.#stealOne(vcpu);
      if (kept === TAIL) return TAIL;
      this.#append(vcpu, kept);
    }
    return this.#stealOne(vcpu);
  }

  #stealOne(vcpu: number): number {
    const vcpus = this.#head.length;
    for (let i = 1; i <= vcpus; i++) {
      const handle = this.#pop((vcpu + i) % vcpus);
      if (handle === TAIL) continue;
      this.#vcpu[handle] = vcpu;
      this.stolen++;
      return handle;
    }
    return TAIL;
  }

  /** Arrays of Xen's grow by whole pages; these double, which nobody can tell. */
  #reserve(entries: number): void {
    if (entries <= this.#ref.length) return;
    const size = Math.min(this.limit, Math.max(entries, 2 * this.#ref.length));
    const [ref, vcpu, isUsed] = [this.#ref, this.#vcpu, this.#isUsed];
    this.#ref = new Int32Array(size);
    this.#vcpu = new Uint16Array(size);
    this.#isUsed = new Uint8Array(size);
    this.#ref.set(ref);
    this.#vcpu.set(vcpu);
    this.#isUsed.set(isUsed);
  }
}
