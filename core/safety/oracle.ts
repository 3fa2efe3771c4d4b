/**
 * The ground truth about guests' memory: which bytes each actor needs, which it can reach, and which
 * accesses were authorised when they happened. Told by primitives, never asked by them.
 *
 * Watches the guests' frames only: pages of the backend's own are not theirs to protect.
 */
import { assert } from '../base/assert.ts';
import { PAGE_SIZE } from '../base/brand.ts';
import { HAZARD_IDS, type ActorId, type HazardId } from '../contract/ids.ts';
import type { Exposure } from '../contract/result.ts';
import { COUNTERS, type Counters } from '../engine/counters.ts';
import type { Engine } from '../engine/engine.ts';
import { Histogram } from '../engine/histogram.ts';
import { Answers } from './answers.ts';
import { ActorExposure } from './exposure.ts';
import { FrameState } from './frame-state.ts';
import type { HazardLog } from './hazards.ts';
import { Holds } from './holds.ts';
import { Orphans } from './orphans.ts';
import { PATIENCE_PS } from './patience.ts';
import type { ReachLog } from './reach-log.ts';
import { REACHERS, type Access, type Reacher, type Standing, type Watched } from './watched.ts';

export { REACHERS, type Reacher } from './watched.ts';

/** Hazards that every run checks. */
export const CHECKED: readonly HazardId[] = HAZARD_IDS;

export class Oracle {
  readonly #engine: Engine;
  readonly #hazards: HazardLog;
  readonly #counters: Counters;
  readonly #watched: Watched;
  readonly #log: ReachLog | null;
  readonly state: FrameState;
  readonly #exposure: Record<Reacher, ActorExposure>;
  /** The same, for what concerns both. */
  readonly #exposures: readonly ActorExposure[];
  /** When someone but the owner began to reach a frame; -1 while nobody does. */
  readonly #reachedSince: Float64Array;
  readonly #standing: Standing[] = [];
  /** Has a page been shared for a request? */
  #sharesJudged = false;
  readonly answers: Answers;
  readonly orphans: Orphans;
  readonly holds: Holds;
  readonly windows = new Histogram();
  readonly #notes = new Array<string | undefined>(PAGE_SIZE);
  #finished = false;
  /** Frames whose bytes left the machine after they had become something else. */
  wrongDataOnWire = 0;

  /** @param log where there is somebody to read it */
  constructor(
    engine: Engine,
    hazards: HazardLog,
    counters: Counters,
    watched: Watched,
    log: ReachLog | null = null,
  ) {
    const { first, frames } = watched;
    this.#engine = engine;
    this.#hazards = hazards;
    this.#counters = counters;
    this.#watched = watched;
    this.#log = log;
    this.state = new FrameState(first, frames);
    this.answers = new Answers(engine, hazards);
    this.orphans = new Orphans(engine, hazards);
    this.holds = new Holds(engine, hazards, this.state);
    this.#exposure = {
      backend: new ActorExposure(first, frames),
      device: new ActorExposure(first, frames),
    };
    this.#exposures = REACHERS.map((actor) => this.#exposure[actor]);
    this.#reachedSince = new Float64Array(frames).fill(-1);
  }

  /** Is this frame a guest's, and so watched? */
  watches(mfn: number): boolean {
    return this.state.holds(mfn);
  }

  /** Can an actor reach a frame now, rightly or not? */
  reaches(actor: Reacher, mfn: number): boolean {
    return this.watches(mfn) && this.#exposure[actor].reaches(mfn);
  }

  /** `actor` may map anything of the guests if it chooses. */
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
    if (meant.dedicated) this.state.dedicate(first, frames);
    this.#standing.push({ actor, first, frames, ...meant });
    this.#log?.standing(actor, first, frames, meant.note);
  }

  /** Ranges that the backend has mapped for good. */
  *standingOfBackend(): Generator<Pick<Standing, 'first' | 'frames' | 'dedicated' | 'note'>> {
    for (const range of [...this.#standing]) if (range.actor === 'backend') yield range;
  }

  /** A request needs `bytes` bytes of a frame from now on. */
  need(mfn: number, bytes: number): void {
    if (!this.watches(mfn)) return;
    this.state.need(mfn - this.state.first, bytes);
    this.#needChanged(mfn);
  }

  /** The last access that the request needs has happened. */
  needless(mfn: number, bytes: number): void {
    if (!this.watches(mfn)) return;
    this.state.needless(mfn - this.state.first, bytes, this.#engine.now);
    this.#needChanged(mfn);
  }

  /** The owner lets the other side use a frame, by a grant, a mapping or a bounce slot. */
  authorise(mfn: number): void {
    if (!this.watches(mfn)) return;
    this.state.authorise(mfn - this.state.first);
  }

  /** The owner has taken that back and may reuse the frame: nobody may reach it any more. */
  reclaim(mfn: number, causes: readonly number[]): void {
    if (!this.watches(mfn)) return;
    const at = mfn - this.state.first;
    const { authorised } = this.state;
    assert((authorised[at] as number) > 0, 'a frame was reclaimed that was not given');
    authorised[at] = (authorised[at] as number) - 1;
    this.#hazards.close('H9a', 'backend', mfn);
    // Another use of the same page goes on: it is not free yet.
    if (authorised[at] > 0) return;
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

  /** The owner wanted a frame back and could not have it: the other side still holds it. */
  refused(mfn: number, request: number, event: number): void {
    if (!this.watches(mfn)) return;
    this.#hazards.open({
      code: 'H9a',
      actor: 'backend',
      frame: mfn,
      request,
      causes: [event],
      note: 'the owner asked for the page and the other side still held it',
    });
  }

  /** Access by the device is permitted without a mapping of the backend, or (`delta` -1) no longer. */
  lease(mfn: number, delta: 1 | -1): void {
    if (!this.watches(mfn)) return;
    const { leases, first } = this.state;
    leases[mfn - first] = (leases[mfn - first] as number) + delta;
    if (delta === -1) this.state.letGo(mfn - first);
  }

  /** All mappings of an actor are gone at once: its domain or its process has died. */
  gone(actor: Reacher): void {
    const exposure = this.#exposure[actor];
    const { first, count, needed } = this.state;
    for (let mfn = first; mfn < first + count; mfn++) {
      while (exposure.isMapped(mfn)) {
        exposure.map(mfn, -1, needed[mfn - first] as number, this.#engine.now);
        if (!exposure.isMapped(mfn)) this.#unreached(actor, mfn);
      }
      if (!exposure.isStale(mfn)) this.#log?.gone(actor, mfn);
    }
  }

  /** References to these frames have lost who knew of them: their owner cannot have them back. */
  leaked(isLeaked: (mfn: number) => boolean): void {
    const { first, count } = this.state;
    for (let mfn = first; mfn < first + count; mfn++) {
      if (!isLeaked(mfn)) continue;
      const note = 'a reference that nobody knows of any more';
      this.#hazards.open({ code: 'H9a', actor: 'backend', frame: mfn, note });
    }
  }

  /** A reference went before the invalidation that should precede it: the frame may go to others. */
  freeBeforeFlush(mfn: number): void {
    if (!this.watches(mfn) || !this.#exposure.device.isStale(mfn)) return;
    const note = 'the reference was dropped while a cached translation still led to the frame';
    this.#hazards.open({ code: 'H4', actor: 'device', frame: mfn, note });
  }

  /** A frame number was translated for someone who will use it later. */
  translated(mfn: number): void {
    if (!this.watches(mfn)) return;
    const { translated, generation, first } = this.state;
    translated[mfn - first] = generation[mfn - first] as number;
  }

  /** A frame has been given to another owner. */
  given(mfn: number): void {
    if (!this.watches(mfn)) return;
    const { generation, first } = this.state;
    generation[mfn - first] = ((generation[mfn - first] as number) + 1) % 65_536;
  }

  /** A hostile side has changed a frame that the other side relies on. */
  changed(actor: 'frontend' | 'backend', mfn: number): void {
    if (!this.watches(mfn)) return;
    this.state.changedBy[mfn - this.state.first] = actor === 'frontend' ? 1 : 2;
  }

  /** A mapping begins to lead `actor` to a frame, to write there if `write`. */
  map(actor: Reacher, mfn: number, request: number, event: number, write = true): void {
    if (!this.watches(mfn)) return;
    const at = mfn - this.state.first;
    const exposure = this.#exposure[actor];
    exposure.map(mfn, 1, this.state.needed[at] as number, this.#engine.now);
    this.#log?.mapped(actor, mfn, write);
    if (this.#reachedSince[at] === -1) this.#reachedSince[at] = this.#engine.now;
    this.#count();
    const needed = this.state.needed[at] as number;
    if (!exposure.isStanding(mfn)) this.#sharesJudged = true;
    if (needed < PAGE_SIZE && !this.#watched.pageExclusive && !exposure.isStanding(mfn)) {
      this.#hazards.open({
        code: 'H3',
        actor,
        frame: mfn,
        request,
        causes: [event],
        note: this.#noteOf(needed),
      });
    }
  }

  /** A mapping is gone; with `cached`, a cached translation may still lead `actor` to the frame. */
  unmap(actor: Reacher, mfn: number, cached: boolean): void {
    if (!this.watches(mfn)) return;
    const needed = this.state.needed[mfn - this.state.first] as number;
    const exposure = this.#exposure[actor];
    exposure.map(mfn, -1, needed, this.#engine.now);
    this.#count();
    this.state.letGo(mfn - this.state.first);
    if (exposure.isMapped(mfn)) return;
    if (cached) {
      exposure.setStale(mfn, true, needed, this.#engine.now);
      this.#log?.stale(actor, mfn);
      return;
    }
    if (!exposure.isStale(mfn)) this.#log?.gone(actor, mfn);
    this.#unreached(actor, mfn);
  }

  /** Cached translations of a frame are gone. */
  flushed(actor: Reacher, mfn: number): void {
    if (!this.watches(mfn)) return;
    const exposure = this.#exposure[actor];
    if (exposure.isStale(mfn)) {
      exposure.setStale(
        mfn,
        false,
        this.state.needed[mfn - this.state.first] as number,
        this.#engine.now,
      );
      this.#hazards.close('H4', actor, mfn);
    }
    this.#count();
    if (exposure.isMapped(mfn)) return;
    this.#log?.gone(actor, mfn);
    this.#unreached(actor, mfn);
  }

  /** `actor` accesses a frame on behalf of a request. */
  access(actor: Reacher, mfn: number, access: Access): void {
    const { outcome, request, event, write } = access;
    this.answers.served(request);
    if (!this.watches(mfn)) return;
    const at = mfn - this.state.first;
    const report = { actor, frame: mfn, request, causes: [event] };
    if (outcome === 'blocked') {
      this.#hazards.occur({ ...report, code: 'H1', note: 'the mapping was gone; access refused' });
      return;
    }
    this.#checkChange(actor, mfn, request, event);
    const moved = this.state.hasMoved(at);
    if (moved) {
      const note = 'the frame has another owner than when it was translated';
      this.#hazards.occur({ ...report, code: 'H5', note });
    }
    const rightful = !moved && outcome === 'done' && this.#isRightful(mfn);
    if (rightful) return;
    if (!moved) {
      const note = 'the mapping was gone; access went through';
      this.#hazards.occur({ ...report, code: 'H1', note });
    }
    // Whatever is in such a region is there for the device.
    if (!moved && this.state.dedicated[at] === 1) return;
    const reused = moved || this.state.isReused(at);
    if (write) {
      if (reused) {
        const note = 'a device write into memory that has another use by now';
        this.#hazards.occur({ ...report, code: 'H10', note });
      }
      return;
    }
    // While the invalidation is under way the owner waits for it: what was to be sent is sent.
    if (outcome === 'stale' && !reused) return;
    const note = 'read for sending while nothing permitted it';
    this.#hazards.occur({ ...report, code: 'H2', note });
    if (reused) this.wrongDataOnWire++;
  }

  /**
   * Bytes of a frame leave the machine by a CPU's work (a retransmission that is checksummed or
   * copied): judged as a device read is.
   */
  egress(mfn: number, request: number, event: number, by: Reacher): void {
    this.access(by, mfn, { request, event, write: false, outcome: 'done' });
  }

  /** The other side uses a frame: was it changed behind its back since it was checked? */
  #checkChange(actor: Reacher, mfn: number, request: number, event: number): void {
    const { changedBy, first } = this.state;
    const by = changedBy[mfn - first] as number;
    if (by === 0) return;
    changedBy[mfn - first] = 0;
    this.#hazards.occur({
      code: 'H8',
      actor,
      frame: mfn,
      request,
      causes: [event],
      note: `changed by the ${by === 1 ? 'frontend' : 'backend'} between check and use`,
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
    this.#finished = true;
    for (const exposure of this.#exposures) exposure.advance(this.#engine.now);
    for (const { actor, first, frames, dedicated, note } of this.#standing) {
      const named = this.state.namedOf(first, frames);
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
    const reachedSince = this.#reachedSince;
    for (let at = 0; at < reachedSince.length; at++) {
      const since = reachedSince[at] as number;
      if (since === -1) continue;
      this.windows.add(this.#engine.now - since);
      const mfn = at + this.state.first;
      if (this.#exposure.backend.isMapped(mfn)) this.#judgeHold(mfn);
    }
    this.orphans.finish();
    this.holds.finish();
    this.#hazards.finish();
    this.#log?.finish();
  }

  exposure(): Record<Reacher, Exposure> {
    return { backend: this.#exposure.backend.result(), device: this.#exposure.device.result() };
  }

  /**
   * Occurrences by hazard; null for those not checked. A page that is reached all the time is not judged
   * as one that was shared for a request: where all are, H3 is null.
   */
  hazards(): Record<HazardId, number | null> {
    const counts = Object.fromEntries(
      HAZARD_IDS.map((id) => [id, CHECKED.includes(id) ? this.#hazards.countOf(id) : null]),
    ) as Record<HazardId, number | null>;
    const { ownDevice } = this.#watched;
    const isOpen = this.#standing.some(
      ({ actor, dedicated }) => !dedicated && (actor === 'backend' || ownDevice),
    );
    if (isOpen && !this.#sharesJudged) counts.H3 = null;
    return counts;
  }

  /**
   * The owner has let the frame be used, and what was made for that is still there: the backend's
   * mapping, a lease for the device, or the driver's own mapping where the guest drives the device. A
   * region set aside for I/O is let for good.
   */
  #isRightful(mfn: number): boolean {
    const { backend, device } = this.#exposure;
    const at = mfn - this.state.first;
    if (this.state.dedicated[at] === 1) return true;
    if (this.state.authorised[at] === 0) return false;
    if (this.#watched.ownDevice) return device.isMapped(mfn) || device.isStanding(mfn);
    return (
      backend.isMapped(mfn) || backend.isStanding(mfn) || (this.state.leases[at] as number) > 0
    );
  }

  /** Has the backend held a page long after it was last needed, or since it was mapped for nothing? */
  #judgeHold(mfn: number): void {
    const { needed, first } = this.state;
    const at = mfn - first;
    const reached = this.#reachedSince[at] as number;
    const since = needed[at] === 0 ? Math.max(this.state.neededUntil(at), reached) : reached;
    if (since === -1 || this.#engine.now - since <= PATIENCE_PS) return;
    if (needed[at] !== 0 && !this.#finished) return;
    this.#hazards.open({
      code: 'H9a',
      actor: 'backend',
      frame: mfn,
      sincePs: since,
      note: 'held for more than 5 ms after its last use',
    });
  }

  /** Of a page that is shared for a part of it; made once for each size. */
  #noteOf(needed: number): string {
    return (this.#notes[needed] ??= `page shared for ${needed} of its ${PAGE_SIZE} bytes`);
  }

  /** Bytes beyond need that both reach now, standing reach apart, as a counter. */
  #count(): void {
    const { backend, device } = this.#exposure;
    const bytes = backend.beyondNeedBytes + device.beyondNeedBytes;
    this.#counters.set(COUNTERS.exposureKiB, Math.round(bytes / 1024));
  }

  #needChanged(mfn: number): void {
    const needed = this.state.needed[mfn - this.state.first] as number;
    this.#log?.need(mfn, needed > 0);
    for (const exposure of this.#exposures) {
      if (exposure.reaches(mfn)) exposure.needChanged(mfn, needed, this.#engine.now);
    }
  }

  #unreached(actor: ActorId, mfn: number): void {
    this.#hazards.close('H3', actor, mfn);
    if (actor === 'backend') {
      this.#judgeHold(mfn);
      this.#hazards.close('H9a', 'backend', mfn);
    }
    const at = mfn - this.state.first;
    for (const exposure of this.#exposures) {
      if (exposure.isMapped(mfn) || exposure.isStale(mfn)) return;
    }
    const since = this.#reachedSince[at] as number;
    if (since === -1) return;
    this.windows.add(this.#engine.now - since);
    this.#reachedSince[at] = -1;
  }
}
