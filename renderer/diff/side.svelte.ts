/** One of the two traces of a diff: what is drawn of it, and what is selected in it. */
import {
  type CATEGORIES,
  toErrorData,
  type EventDetail,
  type HazardRow,
  type KindInfo,
  type LabErrorData,
  type RequestDetail,
  type TraceInfo,
} from '../../core/contract/index.ts';
import type { Lab } from '../app/lab.svelte.ts';
import type { Goal } from './figures.ts';
import { layoutOf } from '../replay/layout.ts';
import { eventWindows, openTrace } from '../replay/opening.ts';
import type { EventWindows } from '../replay/window-cache.ts';
import type { KindTable } from '../replay/window-data.ts';

/** Events looked at for one of a kind: pages of this many, so many at most. */
const PAGE = 1000;
const PAGES = 100;

export class TraceSide {
  phase = $state<'none' | 'loading' | 'ready' | 'failed'>('none');
  error = $state.raw<LabErrorData | null>(null);
  id = $state<string | null>(null);
  info = $state.raw<TraceInfo | null>(null);
  hazards = $state.raw<readonly HazardRow[]>([]);
  detail = $state.raw<EventDetail | null>(null);
  /** The request that is drawn bright. */
  request = $state.raw<RequestDetail | null>(null);
  /** A kind whose events are drawn bright instead. */
  kind = $state<number | null>(null);
  /** Grows when data arrived that should be drawn. */
  arrivals = $state(0);
  windows: EventWindows | null = null;
  /** Width of the timeline in pixels. */
  pixels = 1200;

  /** Tracks on which nothing happens are left out: two traces share the height of one. */
  readonly tracks = $derived((this.info?.tracks ?? []).filter(({ events }) => events > 0));
  readonly layout = $derived(layoutOf(this.tracks, []));
  readonly kinds = $derived(new Map((this.info?.kinds ?? []).map((kind) => [kind.code, kind])));
  readonly followed = $derived(new Set(this.request?.events.map(({ id }) => id) ?? []));
  readonly #lab: Lab;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  async open(trace: string): Promise<void> {
    if (this.id === trace && this.phase === 'ready') return;
    this.phase = 'loading';
    this.id = trace;
    this.error = null;
    this.info = null;
    this.windows = null;
    this.clear();
    try {
      const { info, hazards, table } = await openTrace(this.#lab, trace);
      if (this.id !== trace) return;
      this.info = info;
      this.hazards = hazards;
      this.windows = eventWindows(
        this.#lab,
        trace,
        shownOnly(table, info),
        () => this.pixels,
        () => {
          this.arrivals += 1;
        },
      );
      this.phase = 'ready';
    } catch (thrown) {
      if (this.id !== trace) return;
      this.phase = 'failed';
      this.error = toErrorData(thrown);
    }
  }

  close(): void {
    this.phase = 'none';
    this.id = null;
    this.info = null;
    this.windows = null;
    this.clear();
  }

  clear(): void {
    this.detail = null;
    this.request = null;
    this.kind = null;
  }

  readonly nameOf = (code: number): string => this.kinds.get(code)?.name ?? `kind ${code}`;

  kindOf(code: number): KindInfo | undefined {
    return this.kinds.get(code);
  }

  categoryOf(code: number): (typeof CATEGORIES)[number] {
    return this.kinds.get(code)?.category ?? 'other';
  }

  /** Selects an event and follows its request; null clears the selection. */
  async select(event: number | null): Promise<void> {
    const trace = this.id;
    if (trace === null) return;
    const detail =
      event === null
        ? null
        : await this.#lab.call('trace.event', { trace, event }).catch(() => null);
    if (this.id !== trace) return;
    this.detail = detail;
    if (detail?.event.request != null) await this.follow(detail.event.request);
  }

  /** Draws one request bright; null draws all alike. */
  async follow(request: number | null): Promise<void> {
    const trace = this.id;
    if (trace === null || this.request?.request.id === request) return;
    const found =
      request === null
        ? null
        : await this.#lab.call('trace.request', { trace, request }).catch(() => null);
    if (this.id === trace) this.request = found;
  }

  /** The first event of a kind or of an actor from event `first` on, then from the beginning; null where none is near. */
  async find(goal: Goal, first: number): Promise<number | null> {
    const trace = this.id;
    const last = this.info?.events ?? 0;
    const tracks = new Set(
      this.tracks
        .filter(({ actor }) => 'actor' in goal && actor === goal.actor)
        .map(({ id }) => id),
    );
    const none =
      'kind' in goal ? (this.kinds.get(goal.kind)?.events ?? 0) === 0 : tracks.size === 0;
    if (trace === null || none) return null;
    let at = Math.max(1, Math.min(first, last));
    for (let page = 0; page < PAGES; page += 1) {
      const rows = await this.#lab.call('trace.events', { trace, first: at, limit: PAGE });
      const found = rows.find((row) =>
        'kind' in goal ? row.kind === goal.kind : tracks.has(row.track),
      );
      if (found !== undefined) return found.id;
      at += PAGE;
      if (at > last) at = 1;
    }
    return null;
  }

  /** The first event at or after a time; null after the last. */
  async eventAt(ts: number): Promise<number | null> {
    const trace = this.id;
    if (trace === null) return null;
    const { event } = await this.#lab.call('trace.at', { trace, ts });
    return event === 0 ? null : event;
  }
}

/** The same table for the tracks that are shown. */
function shownOnly(table: KindTable, { tracks }: TraceInfo): KindTable {
  const shown = tracks.filter(({ events }) => events > 0);
  const rowOfTrack = new Map(shown.map(({ id }, row) => [id, row]));
  const usualDepth = new Map(
    [...table.usualDepth].flatMap(([key, depth]) => {
      const track = tracks[Math.floor(key / 1024)];
      const row = track === undefined ? undefined : rowOfTrack.get(track.id);
      return row === undefined ? [] : [[row * 1024 + (key % 1024), depth] as const];
    }),
  );
  return { ...table, rowOfTrack, usualDepth };
}
