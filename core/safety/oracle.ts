/**
 * The ground truth about a guest's memory: which bytes each actor needs, which it can reach, and
 * which accesses were authorised when they happened. Told by primitives, never asked by them.
 *
 * Watches the guest's frames only: pages of the backend's own are not the guest's to protect. Checks
 * H1, H3, H4 and H7; the other hazards need situations that this version cannot bring about, and are
 * reported as not checked.
 */
import { assert } from '../base/assert.ts';
import { PAGE_SIZE } from '../base/brand.ts';
import { HAZARD_IDS, type ActorId, type HazardId } from '../contract/ids.ts';
import type { Exposure } from '../contract/result.ts';
import { COUNTERS, type Counters } from '../engine/counters.ts';
import type { Engine } from '../engine/engine.ts';
import { Histogram } from '../engine/histogram.ts';
import { ActorExposure } from './exposure.ts';
import type { HazardLog } from './hazards.ts';

/** Actors whose reach is watched. */
export const REACHERS = ['backend', 'device'] as const;
export type Reacher = (typeof REACHERS)[number];

/** Hazards that every run checks. */
export const CHECKED: readonly HazardId[] = ['H1', 'H3', 'H4', 'H6', 'H7'];

/** One access to memory. */
export interface Access {
  readonly request: number;
  readonly event: number;
  readonly write: boolean;
  /**
   * `blocked`: a translation was missing and the access refused; `stale`: it went through a cached
   * translation that should have been gone.
   */
  readonly outcome: 'done' | 'stale' | 'blocked';
}

interface Standing {
  readonly actor: Reacher;
  readonly first: number;
  readonly frames: number;
  /** Was the range set aside for I/O, so that reaching all of it is no wider than meant? */
  readonly dedicated: boolean;
  readonly note: string;
}

export class Oracle {
  readonly #engine: Engine;
  readonly #hazards: HazardLog;
  readonly #counters: Counters;
  readonly #first: number;
  readonly #frames: number;
  readonly #pageExclusive: boolean;
  readonly #exposure: Record<Reacher, ActorExposure>;
  readonly #needed: Uint16Array;
  readonly #authorised: Uint16Array;
  readonly #named: Uint8Array;
  /** When someone but the owner began to reach a frame; -1 while nobody does. */
  readonly #reachedSince: Float64Array;
  readonly #standing: Standing[] = [];
  readonly windows = new Histogram();

  constructor(
    engine: Engine,
    hazards: HazardLog,
    counters: Counters,
    guest: { readonly first: number; readonly frames: number; readonly pageExclusive: boolean },
  ) {
    this.#engine = engine;
    this.#hazards = hazards;
    this.#counters = counters;
    this.#first = guest.first;
    this.#frames = guest.frames;
    this.#pageExclusive = guest.pageExclusive;
    this.#exposure = {
      backend: new ActorExposure(guest.first, guest.frames),
      device: new ActorExposure(guest.first, guest.frames),
    };
    this.#needed = new Uint16Array(guest.frames);
    this.#authorised = new Uint16Array(guest.frames);
    this.#named = new Uint8Array(guest.frames);
    this.#reachedSince = new Float64Array(guest.frames).fill(-1);
  }

  /** Is this frame the guest's, and so watched? */
  watches(mfn: number): boolean {
    return mfn >= this.#first && mfn < this.#first + this.#frames;
  }

  /** `actor` may map anything of the guest if it chooses. */
  privileged(actor: Reacher): void {
    this.#exposure[actor].grantPrivilege();
  }

  /** `actor` reaches a range for the whole run. */
  standing(
    actor: Reacher,
    first: number,
    frames: number,
    meant: { readonly dedicated: boolean; readonly note: string },
  ): void {
    this.#exposure[actor].addStanding(first, frames);
    this.#standing.push({ actor, first, frames, ...meant });
  }

  /** A request needs `bytes` bytes of a frame from now on. */
  need(mfn: number, bytes: number): void {
    if (!this.watches(mfn)) return;
    const at = mfn - this.#first;
    this.#named[at] = 1;
    this.#needed[at] = Math.min(PAGE_SIZE, (this.#needed[at] as number) + bytes);
    this.#needChanged(mfn);
  }

  /** The last access that the request needs has happened. */
  needless(mfn: number, bytes: number): void {
    if (!this.watches(mfn)) return;
    const at = mfn - this.#first;
    this.#needed[at] = Math.max(0, (this.#needed[at] as number) - bytes);
    this.#needChanged(mfn);
  }

  /** The owner lets the other side use a frame, by a grant, a mapping or a bounce slot. */
  authorise(mfn: number): void {
    if (!this.watches(mfn)) return;
    this.#authorised[mfn - this.#first] = (this.#authorised[mfn - this.#first] as number) + 1;
  }

  /** The owner has taken that back and may reuse the frame: nobody may reach it any more. */
  reclaim(mfn: number, causes: readonly number[]): void {
    if (!this.watches(mfn)) return;
    const at = mfn - this.#first;
    assert((this.#authorised[at] as number) > 0, 'a frame was reclaimed that was not given');
    this.#authorised[at] = (this.#authorised[at] as number) - 1;
    for (const actor of REACHERS) {
      if (!this.#exposure[actor].isStale(mfn)) continue;
      this.#hazards.open({
        code: 'H4',
        actor,
        frame: mfn,
        causes,
        note: 'free for reuse while a cached translation still leads to it',
      });
    }
  }

  /** A mapping begins to lead `actor` to a frame. */
  map(actor: Reacher, mfn: number, request: number, event: number): void {
    if (!this.watches(mfn)) return;
    const at = mfn - this.#first;
    const exposure = this.#exposure[actor];
    exposure.map(mfn, 1, this.#needed[at] as number, this.#engine.now);
    if (this.#reachedSince[at] === -1) this.#reachedSince[at] = this.#engine.now;
    this.#count();
    const needed = this.#needed[at] as number;
    if (needed < PAGE_SIZE && !this.#pageExclusive && !exposure.isStanding(mfn)) {
      this.#hazards.open({
        code: 'H3',
        actor,
        frame: mfn,
        request,
        causes: [event],
        note: `page shared for ${needed} of its ${PAGE_SIZE} bytes`,
      });
    }
  }

  /** A mapping is gone; with `cached`, a cached translation may still lead `actor` to the frame. */
  unmap(actor: Reacher, mfn: number, cached: boolean): void {
    if (!this.watches(mfn)) return;
    const needed = this.#needed[mfn - this.#first] as number;
    const exposure = this.#exposure[actor];
    exposure.map(mfn, -1, needed, this.#engine.now);
    this.#count();
    if (exposure.isMapped(mfn)) return;
    if (cached) exposure.setStale(mfn, true, needed, this.#engine.now);
    else this.#unreached(actor, mfn);
  }

  /** Cached translations of a frame are gone. */
  flushed(actor: Reacher, mfn: number): void {
    if (!this.watches(mfn)) return;
    const exposure = this.#exposure[actor];
    if (exposure.isStale(mfn)) {
      exposure.setStale(mfn, false, this.#needed[mfn - this.#first] as number, this.#engine.now);
      this.#hazards.close('H4', actor, mfn);
    }
    this.#count();
    if (!exposure.isMapped(mfn)) this.#unreached(actor, mfn);
  }

  /** `actor` accesses a frame on behalf of a request. */
  access(actor: Reacher, mfn: number, access: Access): void {
    if (!this.watches(mfn)) return;
    const { outcome, request, event } = access;
    if (outcome === 'done' && this.#isRightful(mfn)) return;
    this.#hazards.occur({
      code: 'H1',
      actor,
      frame: mfn,
      request,
      causes: [event],
      note:
        outcome === 'blocked'
          ? 'the mapping was gone and the access was refused'
          : 'the mapping was gone and the access went through',
    });
  }

  /** A pool, table, ring or memory has run out; `resource` names it. */
  exhausted(actor: ActorId, resource: string, request: number): void {
    this.#hazards.open({ code: 'H6', actor, frame: 0, key: resource, request, note: resource });
  }

  /** There is room again in what had run out. */
  available(actor: ActorId, resource: string): void {
    this.#hazards.close('H6', actor, 0, resource);
  }

  /** Closes the books: integrals up to now, standing reach judged, open windows counted. */
  finish(): void {
    for (const actor of REACHERS) this.#exposure[actor].advance(this.#engine.now);
    for (const { actor, first, frames, dedicated, note } of this.#standing) {
      let named = 0;
      for (let mfn = first; mfn < first + frames; mfn++) {
        named += this.#named[mfn - this.#first] as number;
      }
      if (!dedicated && named < frames) {
        this.#hazards.open({
          code: 'H7',
          actor,
          frame: first,
          frames: frames - named,
          sincePs: 0,
          note: `${note}: frames that no request named`,
        });
      }
      for (let i = 0; i < named; i++) this.windows.add(this.#engine.now);
    }
    for (const since of this.#reachedSince) {
      if (since !== -1) this.windows.add(this.#engine.now - since);
    }
    this.#hazards.finish();
  }

  exposure(): Record<Reacher, Exposure> {
    return { backend: this.#exposure.backend.result(), device: this.#exposure.device.result() };
  }

  /** Occurrences by hazard; null for those not checked. */
  hazards(): Record<HazardId, number | null> {
    return Object.fromEntries(
      HAZARD_IDS.map((id) => [id, CHECKED.includes(id) ? this.#hazards.countOf(id) : null]),
    ) as Record<HazardId, number | null>;
  }

  /** The owner has let the frame be used, and the mapping made for that is still there. */
  #isRightful(mfn: number): boolean {
    const { backend } = this.#exposure;
    const authorised = (this.#authorised[mfn - this.#first] as number) > 0;
    return authorised && (backend.isMapped(mfn) || backend.isStanding(mfn));
  }

  /** Bytes beyond need that both reach now, standing reach apart, as a counter. */
  #count(): void {
    const { backend, device } = this.#exposure;
    const bytes = backend.beyondNeedBytes + device.beyondNeedBytes;
    this.#counters.set(COUNTERS.exposureKiB, Math.round(bytes / 1024));
  }

  #needChanged(mfn: number): void {
    const needed = this.#needed[mfn - this.#first] as number;
    for (const actor of REACHERS) {
      const exposure = this.#exposure[actor];
      if (exposure.reaches(mfn)) exposure.needChanged(mfn, needed, this.#engine.now);
    }
  }

  #unreached(actor: ActorId, mfn: number): void {
    this.#hazards.close('H3', actor, mfn);
    const at = mfn - this.#first;
    for (const other of REACHERS) {
      const exposure = this.#exposure[other];
      if (exposure.isMapped(mfn) || exposure.isStale(mfn)) return;
    }
    const since = this.#reachedSince[at] as number;
    if (since === -1) return;
    this.windows.add(this.#engine.now - since);
    this.#reachedSince[at] = -1;
  }
}
