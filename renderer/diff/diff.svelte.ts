/** What the Diff room shows of two traces: their diff, both timelines, and how they are aligned. */
import { createContext } from 'svelte';
import type { TraceDiff } from '../../core/contract/diff.ts';
import { toErrorData, type LabErrorData } from '../../core/contract/index.ts';
import type { Lab } from '../app/lab.svelte.ts';
import type { Router } from '../app/router.svelte.ts';
import { clamp, pan, wholeOf, zoomAt, type Viewport } from '../replay/viewport.ts';
import { linkToPair, type PairView } from './address.ts';
import { aroundAligned, axisOf, besideAligned, toTick, type Side } from './axis.ts';
import type { Goal } from './figures.ts';
import { leaveAt, remember } from './recents.ts';
import { TraceSide } from './side.svelte.ts';

export type SideIndex = 0 | 1;
/** A view that has rested this long becomes a step to go back to. */
const REST_MS = 350;

/** What stands at zero of the axis, as it was found in the traces. */
interface Anchor {
  readonly key: string;
  /** First tick and length in each; null where a trace has no such thing. */
  readonly places: readonly [Place | null, Place | null];
  /** Name of zero; null when it is the start of the traces. */
  readonly zero: string | null;
}

interface Place {
  readonly origin: number;
  readonly length: number;
}

export class Diff {
  readonly a: TraceSide;
  readonly b: TraceSide;
  readonly #lab: Lab;
  readonly #router: Router;
  phase = $state<'none' | 'comparing' | 'ready' | 'failed'>('none');
  /** Share of the events that have been read. */
  progress = $state(0);
  result = $state.raw<TraceDiff | null>(null);
  error = $state.raw<LabErrorData | null>(null);
  /** Name of the file that the diff was read from; null when it was made here. */
  file = $state<string | null>(null);
  view = $state.raw<PairView | null>(null);
  anchor = $state.raw<Anchor | null>(null);
  ranges = $state.raw<readonly [Viewport, Viewport]>([
    { from: 0, to: 1 },
    { from: 0, to: 1 },
  ]);
  locked = $state(true);

  #abort: AbortController | null = null;
  #rest: ReturnType<typeof setTimeout> | undefined;
  /** The difference that was gone to last: place among all. */
  #difference = -1;
  /** Which following of an address is the latest. */
  #turn = 0;

  constructor(lab: Lab, router: Router) {
    this.#lab = lab;
    this.#router = router;
    this.a = new TraceSide(lab);
    this.b = new TraceSide(lab);
  }

  readonly places = $derived.by((): readonly [Side, Side] => {
    const side = ({ info }: TraceSide, place: Place | null | undefined): Side => {
      const { tickPs = 1, firstTick = 0, lastTick = 1 } = info ?? {};
      const whole = { origin: firstTick, length: lastTick - firstTick };
      return { tickPs, firstTick, lastTick, ...(place ?? whole) };
    };
    return [side(this.a, this.anchor?.places[0]), side(this.b, this.anchor?.places[1])];
  });
  readonly axis = $derived(axisOf(this.places, this.view?.normalise ?? false));
  readonly timelines = $derived.by(
    () => this.a.phase === 'ready' && this.b.phase === 'ready' && this.anchor !== null,
  );

  side(index: SideIndex): TraceSide {
    return index === 0 ? this.a : this.b;
  }

  // Opening.

  /** Shows what an address says. */
  async follow(view: PairView): Promise<void> {
    const turn = ++this.#turn;
    const other = this.view?.a !== view.a || this.view.b !== view.b || this.file !== null;
    clearTimeout(this.#rest);
    this.view = view;
    leaveAt(linkToPair(view));
    if (other || this.phase === 'failed') {
      this.file = null;
      this.anchor = null;
      void this.#compare(view.a, view.b);
    }
    await Promise.all([this.a.open(view.a), this.b.open(view.b)]);
    if (turn !== this.#turn || this.a.phase !== 'ready' || this.b.phase !== 'ready') return;
    if (view.align === null) {
      const align = this.#usualAlign();
      this.view = { ...view, align, request: align === 'request' ? 1 : null };
    }
    await this.#place(turn);
  }

  /** A diff from a file; the timelines are there when the library holds both traces. */
  show(diff: TraceDiff, name: string): void {
    this.cancel();
    this.#turn += 1;
    this.a.close();
    this.b.close();
    this.view = null;
    this.anchor = null;
    this.result = diff;
    this.file = name;
    this.phase = 'ready';
  }

  async retry(): Promise<void> {
    if (this.view === null) return;
    this.phase = 'failed';
    await this.follow(this.view);
  }

  cancel(): void {
    this.#abort?.abort();
  }

  async #compare(a: string, b: string): Promise<void> {
    this.cancel();
    const abort = new AbortController();
    this.#abort = abort;
    this.phase = 'comparing';
    this.progress = 0;
    this.result = null;
    this.error = null;
    this.#difference = -1;
    try {
      const found = await this.#lab.call(
        'diff.run',
        { a, b },
        {
          signal: abort.signal,
          onProgress: ({ done, total }) => {
            if (this.#abort === abort) this.progress = total === 0 ? 0 : done / total;
          },
        },
      );
      if (this.#abort !== abort) return;
      this.result = found;
      this.phase = 'ready';
      remember({ a, b });
    } catch (thrown) {
      if (this.#abort !== abort) return;
      this.error = toErrorData(thrown);
      this.phase = 'failed';
    }
  }

  /** Requests of one workload are laid over each other; anything else begins at its beginning. */
  #usualAlign(): 'request' | 'time' {
    const [inA, inB] = [this.a.info, this.b.info];
    const requests = Math.min(inA?.requests ?? 0, inB?.requests ?? 0);
    const same =
      inA?.scenario != null &&
      inB?.scenario != null &&
      inA.scenario.workload === inB.scenario.workload;
    return requests > 0 && same ? 'request' : 'time';
  }

  /** Finds what the view aligns, then the visible range. */
  async #place(turn: number): Promise<void> {
    const view = this.view;
    if (view === null) return;
    const key = JSON.stringify([view.a, view.b, view.align, view.request, view.events]);
    if (this.anchor?.key !== key) {
      const found = await this.#find(view, key);
      if (turn !== this.#turn) return;
      this.anchor = found;
    }
    const range = clamp(view.range ?? this.#first(view.align), this.axis.bounds);
    this.locked = view.own === null;
    this.ranges = [range, view.own === null ? range : clamp(view.own, this.axis.bounds)];
  }

  async #find(view: PairView, key: string): Promise<Anchor> {
    const sides = [this.a, this.b] as const;
    if (view.align === 'request' && view.request !== null) {
      await Promise.all(sides.map((side) => side.follow(view.request)));
      const places = sides.map(({ request, info }): Place | null => {
        if (request?.request.id !== view.request) return null;
        const { submitted, completed } = request.request;
        return {
          origin: submitted,
          length: (completed ?? info?.lastTick ?? submitted) - submitted,
        };
      }) as [Place | null, Place | null];
      return { key, places, zero: `#${view.request} submitted` };
    }
    if (view.align === 'event') {
      await Promise.all(sides.map((side, i) => side.select(view.events[i] ?? null)));
      const places = sides.map(({ detail }): Place | null =>
        detail === null ? null : { origin: detail.event.ts, length: detail.event.dur },
      ) as [Place | null, Place | null];
      const names = sides.map(({ detail }) => detail?.event.name).filter(Boolean);
      return { key, places, zero: names[0] ?? 'event' };
    }
    return { key, places: [null, null], zero: null };
  }

  /** What is shown of an alignment at first. */
  #first(align: PairView['align']): Viewport {
    if (align === 'request') return aroundAligned(this.axis, this.places);
    if (align === 'event') return besideAligned(this.axis, this.places);
    return wholeOf(this.axis.bounds);
  }

  // Moving.

  /** A change of the view that one can go back from. */
  go(change: Partial<PairView>): void {
    if (this.view === null) return;
    this.#router.go(linkToPair({ ...this.#restingView(this.view), ...change }));
  }

  #restingView(view: PairView): PairView {
    return { ...view, range: this.ranges[0], own: this.locked ? null : this.ranges[1] };
  }

  #move(index: SideIndex, move: (range: Viewport) => Viewport): void {
    const moved = move(this.ranges[index]);
    this.ranges = this.locked
      ? [moved, moved]
      : index === 0
        ? [moved, this.ranges[1]]
        : [this.ranges[0], moved];
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.go({}), REST_MS);
  }

  /** @param factor below one zooms in @param anchor stays where it is on screen */
  zoom(factor: number, index: SideIndex = 0, anchor?: number): void {
    this.#move(index, (range) =>
      zoomAt(range, factor, anchor ?? (range.from + range.to) / 2, this.axis.bounds),
    );
  }

  pan(units: number, index: SideIndex = 0): void {
    this.#move(index, (range) => pan(range, units, this.axis.bounds));
  }

  /** What is aligned, then all of both traces. */
  fit(): void {
    const aligned = this.#first(this.view?.align ?? null);
    const range = this.ranges[0];
    const near =
      Math.abs(aligned.from - range.from) + Math.abs(aligned.to - range.to) <
      (aligned.to - aligned.from) * 0.02;
    this.go({ range: near ? wholeOf(this.axis.bounds) : aligned, own: null });
  }

  /** From requests to time and back. */
  turnAlign(): void {
    if (this.view?.align === 'time') this.toRequest(this.a.request?.request.id ?? 1);
    else this.go({ align: 'time', range: null, own: null });
  }

  toggleLock(): void {
    this.go({ own: this.locked ? this.ranges[1] : null });
  }

  swap(): void {
    const view = this.view;
    if (view === null) return;
    const [eventA, eventB] = view.events;
    this.go({ a: view.b, b: view.a, events: [eventB, eventA] });
  }

  /** Selects an event of one trace; its request is drawn bright in both. */
  async selectIn(index: SideIndex, event: number | null): Promise<void> {
    const [side, other] = index === 0 ? [this.a, this.b] : [this.b, this.a];
    side.kind = null;
    other.kind = null;
    await side.select(event);
    await other.select(null);
    const request = side.detail?.event.request ?? null;
    const followed = event === null && this.view?.align === 'request' ? this.view.request : request;
    await Promise.all([side.follow(followed), other.follow(followed)]);
  }

  // Jumping.

  /** Lays a request of A over the same one of B. */
  toRequest(request: number): void {
    if (request < 1) return;
    this.go({ align: 'request', request, range: null, own: null });
  }

  /** The next (1) or previous (-1) request. */
  stepRequest(step: 1 | -1): void {
    const most = Math.max(this.a.info?.requests ?? 0, this.b.info?.requests ?? 0);
    const at = this.view?.align === 'request' ? (this.view.request ?? 0) : 0;
    const wanted = Math.max(1, Math.min(most, at + step));
    if (most > 0 && wanted !== at) this.toRequest(wanted);
  }

  /** The first divergence, then the requests that changed most, one after the other. */
  nextDifference(): void {
    const { firstDivergence, mostChanged = [] } = this.result ?? {};
    const requests = mostChanged.map(({ request }) => request);
    const all = firstDivergence == null ? requests : [null, ...requests];
    if (all.length === 0) return;
    this.#difference = (this.#difference + 1) % all.length;
    const request = all[this.#difference] ?? null;
    if (request === null) this.toDivergence();
    else this.toRequest(request);
  }

  toDivergence(): void {
    const found = this.result?.firstDivergence;
    if (found == null) return;
    void this.toEvents(found.a?.event ?? null, found.b?.event ?? null, found.request);
  }

  /**
   * Lays an event of A over one of B. Where one trace has no such event its request is laid over the
   * same request, and where there is none, start over start.
   */
  async toEvents(
    inA: number | null,
    inB: number | null,
    request: number | null = null,
  ): Promise<void> {
    if (inA === null && inB === null) return;
    if (inA !== null && inB !== null) {
      this.go({ align: 'event', events: [inA, inB], request: null, range: null, own: null });
      return;
    }
    const [side, event] = inA === null ? [this.b, inB] : [this.a, inA];
    await side.select(event);
    const own = request ?? side.detail?.event.request ?? null;
    if (own !== null) this.toRequest(own);
    else if (side.detail !== null && side.info !== null) {
      const at = (side.detail.event.ts - side.info.firstTick) * side.info.tickPs;
      const span = Math.max(2e6, side.detail.event.dur * side.info.tickPs * 4);
      this.go({
        align: 'time',
        normalise: false,
        range: { from: at - span, to: at + span },
        own: null,
      });
    }
  }

  /** Goes to the next event of a kind, which is marked in both, or of an actor, from where the view begins. */
  async toGoal(goal: Goal): Promise<void> {
    const found = await Promise.all(
      ([0, 1] as const).map(async (index) => {
        const side = this.side(index);
        side.kind = 'kind' in goal ? goal.kind : null;
        const tick = toTick(this.axis.scales[index], this.ranges[index].from);
        return await side.find(goal, (await side.eventAt(tick)) ?? 1);
      }),
    );
    await this.toEvents(found[0] ?? null, found[1] ?? null);
  }

  /** Goes to where a hazard begins first in each. */
  async toHazard(code: string): Promise<void> {
    const found = await Promise.all(
      [this.a, this.b].map(async (side) => {
        const hazard = side.hazards.find((each) => each.code === code);
        if (hazard === undefined) return null;
        return hazard.causes.at(-1) ?? (await side.eventAt(hazard.opened));
      }),
    );
    await this.toEvents(found[0] ?? null, found[1] ?? null);
  }
}

export const [useDiff, provideDiff] = createContext<Diff>();
