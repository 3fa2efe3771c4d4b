/**
 * Which pages of a guest a live migration must send again, told from what its virtual IOMMU sees: for a
 * device of the guest's behind an IOMMU that marks no dirty entries itself.
 *
 * exact  a page is WRITABLE from the moment that an entry lets the device write to it, and DIRTY when
 *        nothing cached of the last such entry is left: no write can come after that
 * naive  a page is DIRTY when an entry for it is taken away, read-only ones too
 *
 * A DIRTY page is sent at once and CLEAN then. When the guest is stopped, pages that are still WRITABLE
 * are sent with the rest, the naive way too: receive rings with page reuse see no invalidation for
 * minutes.
 *
 * For comparison: VFIO type 1 without a dirty scope takes every page that is pinned as dirty; hardware
 * with dirty bits, each entry that was written (a 2 MiB entry is 512 pages).
 *
 * State only: no time passes here and nothing is recorded.
 */
import { assert } from '../base/assert.ts';

/** What became of a page: not taken as dirty, sent with what was written, or sent for nothing. */
export const MARK = { none: -1, written: 0, needless: 1 } as const;
export type Mark = (typeof MARK)[keyof typeof MARK];

export type DirtyMode = 'naive' | 'exact';

export interface DirtySummary {
  /** Pages taken as dirty and sent, a page as often as that happened. */
  readonly dirty: number;
  /** Pages whose last write the other side never gets. */
  readonly missed: number;
  /** Pages sent although nothing had been written since they were last sent. */
  readonly needless: number;
}

/** Pages side by side that were sent when the guest was stopped. */
export interface SentRun {
  readonly first: number;
  readonly pages: number;
  readonly mark: Mark;
}

export class DirtyLog {
  readonly #mode: DirtyMode;
  readonly #first: number;
  /** Entries that let the device write, by page; exact: those included that caches may still hold. */
  readonly #writable: Uint16Array;
  /** Has the device written since the page was last sent? */
  readonly #written: Uint8Array;
  /** 1 where all of memory stays writable. */
  readonly #always: Uint8Array;
  #stopped = false;
  #dirty = 0;
  #needless = 0;

  /** @param first first of `pages` pages that are watched */
  constructor(mode: DirtyMode, first: number, pages: number) {
    this.#mode = mode;
    this.#first = first;
    this.#writable = new Uint16Array(pages);
    this.#written = new Uint8Array(pages);
    this.#always = new Uint8Array(pages);
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  watches(page: number): boolean {
    return page >= this.#first && page < this.#first + this.#writable.length;
  }

  /** An entry lets the device write. */
  writable(page: number): void {
    if (!this.watches(page)) return;
    const at = page - this.#first;
    this.#writable[at] = (this.#writable[at] as number) + 1;
  }

  /** Pages that are writable whatever happens; those outside of what is watched do not count. */
  alwaysWritable(first: number, pages: number): void {
    this.#always.fill(
      1,
      Math.max(0, first - this.#first),
      Math.max(0, first + pages - this.#first),
    );
  }

  /** An entry has been taken from the table; caches may still hold it. */
  unmapped(page: number, writable: boolean): Mark {
    if (this.#mode === 'exact' || !this.watches(page)) return MARK.none;
    if (writable) this.#close(page);
    return this.#mark(page);
  }

  /** Nothing is left of an entry that was writable. */
  flushed(page: number): Mark {
    if (this.#mode === 'naive' || !this.watches(page)) return MARK.none;
    return this.#close(page) === 0 ? this.#mark(page) : MARK.none;
  }

  /** One entry less that lets the device write. Returns how many are left. */
  #close(page: number): number {
    const at = page - this.#first;
    assert((this.#writable[at] as number) > 0, 'an entry was taken away that was not writable');
    const left = (this.#writable[at] as number) - 1;
    this.#writable[at] = left;
    return left;
  }

  /** The device has written. */
  written(page: number): void {
    if (this.watches(page) && !this.#stopped) this.#written[page - this.#first] = 1;
  }

  /**
   * The guest is stopped: what may have been written since it was sent is sent, in runs of pages with
   * the same mark.
   */
  stop(): readonly SentRun[] {
    const sent: { first: number; pages: number; mark: Mark }[] = [];
    for (let at = 0; at < this.#writable.length; at++) {
      if (!this.#mayBeWritten(at)) continue;
      const page = at + this.#first;
      const mark = this.#mark(page);
      const last = sent[sent.length - 1];
      if (last?.mark === mark && last.first + last.pages === page) last.pages++;
      else sent.push({ first: page, pages: 1, mark });
    }
    this.#stopped = true;
    return sent;
  }

  summary(): DirtySummary {
    let missed = 0;
    for (let at = 0; at < this.#written.length; at++) {
      if (this.#written[at] === 1 && !this.#mayBeWritten(at)) missed++;
    }
    return { dirty: this.#dirty, missed, needless: this.#needless };
  }

  /** Will the page be sent when the guest is stopped? */
  #mayBeWritten(at: number): boolean {
    return !this.#stopped && ((this.#writable[at] as number) > 0 || this.#always[at] === 1);
  }

  /** Dirty, sent, clean. */
  #mark(page: number): Mark {
    if (!this.watches(page) || this.#stopped) return MARK.none;
    const at = page - this.#first;
    const mark = this.#written[at] === 1 ? MARK.written : MARK.needless;
    this.#dirty++;
    if (mark === MARK.needless) this.#needless++;
    this.#written[at] = 0;
    return mark;
  }
}
