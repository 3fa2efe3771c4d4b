/** The Diff room as a link: two traces and how they are shown, or a table of several. */
import type { Route, RouteInput } from '../app/route.ts';
import type { Viewport } from '../replay/viewport.ts';

export const ALIGNS = ['request', 'time', 'event'] as const;
export type Align = (typeof ALIGNS)[number];
export const TABS = ['events', 'requests', 'safety', 'scenario'] as const;
export type Tab = (typeof TABS)[number];
export const PERS = ['request', 'total'] as const;
export type Per = (typeof PERS)[number];

export interface PairView {
  readonly a: string;
  readonly b: string;
  /** What stands at zero of the axis in both; null is left to the room. */
  readonly align: Align | null;
  /** With `request`: which. */
  readonly request: number | null;
  /** With `event`: one of each trace. */
  readonly events: readonly [number | null, number | null];
  /** Each trace, or each request, is drawn as long as the other. */
  readonly normalise: boolean;
  /** Visible part of the axis; null shows all of what is aligned. */
  readonly range: Viewport | null;
  /** Visible part of B where it is scrolled on its own; null is locked to A. */
  readonly own: Viewport | null;
  readonly tab: Tab;
  readonly per: Per;
}

export interface TableView {
  readonly traces: readonly string[];
  /** The trace that the others are measured against; the first where it is left out. */
  readonly baseline: string | null;
  readonly sort: string | null;
  readonly descending: boolean;
  /** Traces across, figures down. */
  readonly turned: boolean;
}

export type DiffAddress =
  | { readonly page: 'pair'; readonly view: PairView }
  | { readonly page: 'table'; readonly view: TableView }
  /** A choice of traces, with those chosen already. */
  | { readonly page: 'choose'; readonly chosen: readonly string[] }
  /** A diff read from a file, which the address cannot hold. */
  | { readonly page: 'file' }
  /** Whatever was shown last. */
  | { readonly page: 'last' };

function oneOf<T extends string>(list: readonly T[], text: string | undefined): T | null {
  return list.find((each) => each === text) ?? null;
}

function whole(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** A range is written `FROM,TO`. */
function rangeIn(text: string | undefined): Viewport | null {
  const [from = NaN, to = NaN] = (text ?? '').split(',').map((part) => parseFloat(part));
  return to > from && Number.isFinite(to - from) ? { from, to } : null;
}

const rangeText = (range: Viewport | null): string | null =>
  range === null ? null : `${Math.round(range.from)},${Math.round(range.to)}`;

const listIn = (text: string): string[] => [...new Set(text.split(',').filter(Boolean))];

export function addressIn({ path, query }: Route): DiffAddress {
  const [a, b] = path;
  if (a !== undefined && b !== undefined) {
    const [eventA = '', eventB = ''] = (query['events'] ?? '').split(',');
    return {
      page: 'pair',
      view: {
        a,
        b,
        align: oneOf(ALIGNS, query['align']),
        request: whole(query['request']),
        events: [whole(eventA), whole(eventB)],
        normalise: query['normalise'] === '1',
        range: rangeIn(query['range']),
        own: rangeIn(query['own']),
        tab: oneOf(TABS, query['tab']) ?? 'events',
        per: oneOf(PERS, query['per']) ?? 'request',
      },
    };
  }
  const traces = query['traces'];
  if (traces !== undefined) {
    return {
      page: 'table',
      view: {
        traces: listIn(traces),
        baseline: query['baseline'] ?? null,
        sort: query['sort'] ?? null,
        descending: query['order'] === 'desc',
        turned: query['turned'] === '1',
      },
    };
  }
  const chosen = query['choose'];
  if (chosen !== undefined) return { page: 'choose', chosen: listIn(chosen.replace(/^-$/, '')) };
  return query['file'] === '1' ? { page: 'file' } : { page: 'last' };
}

/** The link to two traces. */
export function linkToPair(view: Pick<PairView, 'a' | 'b'> & Partial<PairView>): RouteInput {
  const { a, b, align, request, events, normalise, range, own, tab, per } = view;
  const eventsText = (events ?? []).map((event) => event ?? '').join(',');
  return {
    room: 'diff',
    path: [a, b],
    query: {
      align,
      request: align === 'request' ? request : null,
      events: align === 'event' ? eventsText : null,
      normalise: normalise === true ? 1 : null,
      range: rangeText(range ?? null),
      own: rangeText(own ?? null),
      tab: tab === 'events' ? null : tab,
      per: per === 'request' ? null : per,
    },
  };
}

export function linkToTable(view: Pick<TableView, 'traces'> & Partial<TableView>): RouteInput {
  return {
    room: 'diff',
    query: {
      traces: view.traces.join(','),
      baseline: view.baseline,
      sort: view.sort,
      order: view.descending === true ? 'desc' : null,
      turned: view.turned === true ? 1 : null,
    },
  };
}

/** The link to a choice; `-` stands for none chosen, as a link leaves empty parameters out. */
export function linkToChoice(chosen: readonly string[]): RouteInput {
  return { room: 'diff', query: { choose: chosen.join(',') || '-' } };
}

/** Compares traces: two side by side, more in a table, fewer by choosing more. */
export function linkToTraces(traces: readonly string[]): RouteInput {
  const [a, b] = traces;
  if (a === undefined || b === undefined) return linkToChoice(traces);
  return traces.length === 2 ? linkToPair({ a, b }) : linkToTable({ traces });
}
