/** What Replay shows: the open trace, the visible range, the selection and what follows from it. */
import { createContext } from 'svelte';
import {
  CATEGORIES,
  toErrorData,
  type EventDetail,
  type HazardRow,
  type KindInfo,
  type LabErrorData,
  type RequestDetail,
  type TraceInfo,
} from '../../core/contract/index.ts';
import type { Lab } from '../app/lab.svelte.ts';
import type { CounterWindow } from './draw-counters.ts';
import type { OverviewColumns } from './draw-overview.ts';
import { Finder } from './find/finder.svelte.ts';
import { Marks } from './find/marks.svelte.ts';
import { layoutOf } from './layout.ts';
import type { LinkedView } from './link.ts';
import { counterWindows, eventWindows, openTrace } from './opening.ts';
import { Playback } from './play/playback.svelte.ts';
import { ViewHistory } from './view-history.ts';
import {
  around,
  clamp,
  pan,
  reveal,
  wholeOf,
  zoomAt,
  type Bounds,
  type Viewport,
} from './viewport.ts';
import { OTHER, type KindTable } from './window-data.ts';
import type { EventWindows, WindowCache } from './window-cache.ts';

const LAST_KEY = 'mapcopy.lastTrace';
const ZOOM_MS = 160;

export class Replay {
  phase = $state<'none' | 'loading' | 'ready' | 'failed'>('none');
  error = $state.raw<LabErrorData | null>(null);
  id = $state<string | null>(null);
  info = $state.raw<TraceInfo | null>(null);
  hazards = $state.raw<readonly HazardRow[]>([]);
  overview = $state.raw<OverviewColumns | null>(null);
  view = $state.raw<Viewport>({ from: 0, to: 1 });
  /** The moment that is looked at: every panel of states shows it. */
  playhead = $state(0);
  /** A part of the trace that was chosen, for its statistics and for loops. */
  range = $state.raw<Viewport | null>(null);
  selectedId = $state<number | null>(null);
  detail = $state.raw<EventDetail | null>(null);
  request = $state.raw<RequestDetail | null>(null);
  /** The followed request is shown in lanes, otherwise as a list. */
  lanes = $state(true);
  /** Grows when data arrived that should be drawn. */
  arrivals = $state(0);

  readonly bounds = $derived<Bounds>({
    first: this.info?.firstTick ?? 0,
    last: this.info?.lastTick ?? 1,
  });
  readonly layout = $derived(layoutOf(this.info?.tracks ?? [], this.info?.counters ?? []));
  readonly kinds = $derived(new Map((this.info?.kinds ?? []).map((kind) => [kind.code, kind])));
  readonly followed = $derived(new Set(this.request?.events.map((event) => event.id) ?? []));
  readonly tickPs = $derived(this.info?.tickPs ?? 1);
  readonly spanPs = $derived((this.bounds.last - this.bounds.first) * this.tickPs);

  windows: EventWindows | null = null;
  counters: WindowCache<CounterWindow> | null = null;
  readonly playback = new Playback(this);
  readonly history = new ViewHistory();
  readonly marks: Marks;
  readonly finder: Finder;
  readonly #lab: Lab;
  #kindTable: KindTable | null = null;
  #animation = 0;
  #pixels = 1200;

  constructor(lab: Lab) {
    this.#lab = lab;
    this.marks = new Marks(lab, this);
    this.finder = new Finder(lab, this);
  }

  static lastTrace(): string | null {
    return localStorage.getItem(LAST_KEY);
  }

  /** Width of the timeline, from which the number of buckets follows. */
  set pixels(width: number) {
    this.#pixels = Math.max(200, width);
  }

  async open(trace: string, view: LinkedView | null): Promise<void> {
    if (this.id !== trace || this.phase !== 'ready') await this.#load(trace);
    if (this.phase !== 'ready' || view === null) return;
    const { from, to, event, at, range } = view;
    if (from !== null && to !== null && to > from) {
      this.view = clamp({ from, to }, this.bounds);
    }
    this.range = range ?? this.range;
    if (event !== null && event !== this.selectedId) await this.select(event, from === null);
    if (at !== null) this.movePlayhead(at);
  }

  async #load(trace: string): Promise<void> {
    this.phase = 'loading';
    this.id = trace;
    this.error = null;
    this.info = null;
    this.hazards = [];
    this.overview = null;
    this.windows = null;
    this.counters = null;
    this.range = null;
    this.clear();
    try {
      const opened = await openTrace(this.#lab, trace);
      if (this.id !== trace) return;
      const { info, view, table } = opened;
      this.info = info;
      this.hazards = opened.hazards;
      this.overview = opened.overview;
      this.#kindTable = table;
      const pixels = () => this.#pixels;
      const arrived = () => {
        this.arrivals += 1;
      };
      this.windows = eventWindows(this.#lab, trace, table, pixels, arrived);
      this.counters = counterWindows(this.#lab, trace, pixels, arrived);
      this.view = view;
      this.playhead = Math.max(info.firstTick, view.from + (view.to - view.from) * 0.4);
      this.playback.opened((view.to - view.from) * info.tickPs);
      this.history.clear();
      void this.marks.load(trace);
      this.finder.reset();
      this.phase = 'ready';
      localStorage.setItem(LAST_KEY, trace);
    } catch (thrown) {
      if (this.id !== trace) return;
      this.phase = 'failed';
      this.error = toErrorData(thrown);
    }
  }

  /** How many hazards there are; the list is cut where they are very many. */
  get hazardsToList(): number {
    return this.info?.hazardsTotal ?? 0;
  }

  kindOf(code: number): KindInfo | undefined {
    return this.kinds.get(code);
  }

  readonly nameOf = (code: number): string => this.kinds.get(code)?.name ?? `kind ${code}`;

  categoryOf(code: number): (typeof CATEGORIES)[number] {
    return CATEGORIES[this.#kindTable?.category[code] ?? OTHER] ?? 'other';
  }

  trackName(id: number): string {
    const track = this.info?.tracks.find((each) => each.id === id);
    return track === undefined ? `track ${id}` : `${track.name} ${track.detail}`.trim();
  }

  // Moving.

  zoom(factor: number, anchor = (this.view.from + this.view.to) / 2): void {
    cancelAnimationFrame(this.#animation);
    this.view = zoomAt(this.view, factor, anchor, this.bounds);
  }

  pan(ticks: number): void {
    cancelAnimationFrame(this.#animation);
    this.view = pan(this.view, ticks, this.bounds);
  }

  show(view: Viewport): void {
    cancelAnimationFrame(this.#animation);
    this.view = clamp(view, this.bounds);
  }

  /** Moves to a range in one short movement, or at once where the user wants no motion. */
  glide(target: Viewport): void {
    cancelAnimationFrame(this.#animation);
    const start = this.view;
    const end = clamp(target, this.bounds);
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      this.view = end;
      return;
    }
    const began = performance.now();
    const step = (now: number) => {
      const t = Math.min(1, (now - began) / ZOOM_MS);
      const eased = 1 - (1 - t) ** 3;
      this.view = {
        from: start.from + (end.from - start.from) * eased,
        to: start.to + (end.to - start.to) * eased,
      };
      if (t < 1) this.#animation = requestAnimationFrame(step);
    };
    this.#animation = requestAnimationFrame(step);
  }

  fitAll(): void {
    this.glide(wholeOf(this.bounds));
  }

  /** The selected event, then its request, then the whole run. */
  fit(): void {
    const event = this.detail?.event;
    const request = this.request?.request;
    const near = (target: Viewport) =>
      Math.abs(target.from - this.view.from) + Math.abs(target.to - this.view.to) <
      (target.to - target.from) * 0.02;
    const targets: Viewport[] = [];
    if (event !== undefined) targets.push(around(event.ts, event.dur, this.bounds));
    if (request !== undefined) targets.push(this.#aroundRequest(request));
    targets.push(wholeOf(this.bounds));
    const at = targets.findIndex(near);
    this.glide(targets[(at + 1) % targets.length] ?? wholeOf(this.bounds));
  }

  #aroundRequest(request: RequestDetail['request']): Viewport {
    const end = request.completed ?? this.bounds.last;
    const margin = (end - request.submitted) * 0.08;
    return clamp({ from: request.submitted - margin, to: end + margin }, this.bounds);
  }

  fitRequest(): void {
    if (this.request !== null) this.glide(this.#aroundRequest(this.request.request));
  }

  /** The view of one step back (-1) or forth (1); false where there is none. */
  travel(step: 1 | -1): boolean {
    const place = this.history.go(step);
    if (place !== undefined) this.glide(place);
    return place !== undefined;
  }

  /** Takes back (-1) or does again (1) a change of the marks; where there is none the view goes, which shows. */
  async change(step: 1 | -1): Promise<string | null> {
    const { history } = this.marks;
    const what = await (step === -1 ? history.undo() : history.redo());
    return what ?? (this.travel(step) ? '' : null);
  }

  movePlayhead(tick: number): void {
    this.playhead = Math.max(this.bounds.first, Math.min(this.bounds.last, tick));
  }

  /** Shows a moment, or a part that begins there, and puts the playhead on it. */
  bring(ts: number, length = 0): void {
    this.movePlayhead(ts);
    this.view = reveal(this.view, ts, length, this.bounds);
  }

  // Selecting.

  clear(): void {
    this.selectedId = null;
    this.detail = null;
    this.request = null;
  }

  /** One step back: the range goes before the selection does. */
  stepOut(): void {
    if (this.range !== null) this.clearRange();
    else this.clear();
  }

  clearRange(): void {
    this.range = null;
    this.playback.looping = false;
  }

  /** The range becomes the selected event, or the whole of what is shown. */
  selectRange(): void {
    const event = this.detail?.event;
    const { first, last } = this.bounds;
    this.range =
      event !== undefined && event.dur > 0
        ? { from: event.ts, to: event.ts + event.dur }
        : { from: Math.max(first, this.view.from), to: Math.min(last, this.view.to) };
  }

  /** One edge of the range goes to the playhead; the other stays, or is that of the view. */
  setRangeEdge(edge: 'from' | 'to'): void {
    const { from, to } = this.range ?? this.view;
    const at = this.playhead;
    if (edge === 'from')
      this.range = { from: at, to: Math.max(at + 1, to > at ? to : this.view.to) };
    else this.range = { from: Math.min(at - 1, from < at ? from : this.view.from), to: at };
  }

  /**
   * Selects an event, and puts the playhead on it.
   *
   * @param bring moves the view as far as is needed to see it
   * @param carry false leaves the playhead: what was made earlier is looked at from where one is
   */
  async select(id: number, bring = true, carry = true): Promise<void> {
    const trace = this.id;
    if (trace === null || id < 1 || id > (this.info?.events ?? 0)) return;
    this.selectedId = id;
    const detail = await this.#lab.call('trace.event', { trace, event: id }).catch(() => null);
    if (this.selectedId !== id || detail === null) return;
    this.detail = detail;
    if (carry) this.playhead = detail.event.ts;
    if (bring) this.view = reveal(this.view, detail.event.ts, detail.event.dur, this.bounds);
    await this.follow(detail.event.request);
  }

  /** Lists the events of a frame. */
  findFrame(frame: number): void {
    this.finder.listFrame(frame);
  }

  async follow(request: number | null): Promise<void> {
    const trace = this.id;
    if (trace === null || request === null) {
      this.request = null;
      return;
    }
    if (this.request?.request.id === request) return;
    const found = await this.#lab.call('trace.request', { trace, request }).catch(() => null);
    if (this.id === trace) this.request = found;
  }

  /** The next (1) or previous (-1) request. */
  async stepRequest(step: 1 | -1): Promise<void> {
    const trace = this.id;
    if (trace === null) return;
    const total = this.info?.requests ?? 0;
    if (total === 0) return;
    const from = this.request?.request.id ?? (await this.#requestAt(trace)) - (step === 1 ? 1 : 0);
    const id = Math.max(1, Math.min(total, from + step));
    const found = await this.#lab.call('trace.request', { trace, request: id }).catch(() => null);
    const first = found?.events[0];
    if (found === null || first === undefined) return;
    this.request = found;
    await this.select(first.id, false);
    // Where it begins: most of a long one is waiting.
    this.view = reveal(this.view, found.request.submitted, 0, this.bounds);
  }

  /** The request that is next served from the playhead on; the first one where none is near. */
  async #requestAt(trace: string): Promise<number> {
    const { event } = await this.#lab.call('trace.at', { trace, ts: this.playhead });
    const rows = await this.#lab.call('trace.events', { trace, first: event, limit: 400 });
    const request = rows.find((row) => row.request !== null)?.request;
    return request ?? 1;
  }

  /** The first event at or after the playhead, or the last one of the trace. */
  async #selectAtPlayhead(trace: string): Promise<void> {
    const { event } = await this.#lab.call('trace.at', { trace, ts: this.playhead });
    await this.select(event);
  }

  /** The next (1) or previous (-1) event in time, on whatever track. */
  async stepTime(step: 1 | -1): Promise<void> {
    if (this.id === null) return;
    // Played on, or moved by hand: the step begins where the playhead is.
    const away = this.detail !== null && this.playhead !== this.detail.event.ts;
    if (this.selectedId === null || away) await this.#selectAtPlayhead(this.id);
    else await this.select(this.selectedId + step);
  }

  /** The next (1) or previous (-1) event on the track of the selection. */
  async stepEvent(step: 1 | -1): Promise<void> {
    const trace = this.id;
    const info = this.info;
    if (trace === null || info === null) return;
    if (this.selectedId === null) {
      await this.#selectAtPlayhead(trace);
      return;
    }
    const track = this.detail?.event.track;
    const size = 400;
    let edge = this.selectedId;
    for (let page = 0; page < 20; page += 1) {
      const first = step === 1 ? edge + 1 : Math.max(1, edge - size);
      const limit = step === 1 ? size : Math.min(size, edge - first);
      if (limit <= 0 || first > info.events) return;
      const rows = await this.#lab.call('trace.events', { trace, first, limit });
      const same = rows.filter((row) => row.track === track);
      const found = step === 1 ? same[0] : same.at(-1);
      if (found !== undefined) {
        await this.select(found.id);
        return;
      }
      edge = step === 1 ? first + limit - 1 : first;
    }
  }
}

export const [useReplay, provideReplay] = createContext<Replay>();
