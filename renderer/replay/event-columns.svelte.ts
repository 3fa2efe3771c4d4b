/** Columns of the events table and how wide each is; widths are kept over restarts. */

export const EVENT_COLUMNS = [
  { id: 'event', name: 'event', width: 76, number: true },
  { id: 'time', name: 'time', width: 132, number: true },
  { id: 'name', name: 'name', width: 190, number: false },
  { id: 'duration', name: 'duration', width: 72, number: true },
  { id: 'track', name: 'track', width: 150, number: false },
  { id: 'request', name: 'request', width: 68, number: true },
  { id: 'bytes', name: 'bytes', width: 68, number: true },
  { id: 'n', name: 'n', width: 40, number: true },
  { id: 'frame', name: 'frame', width: 96, number: false },
  { id: 'arg', name: 'argument', width: 110, number: false },
  { id: 'status', name: 'status', width: 120, number: false },
] as const;
export type EventColumn = (typeof EVENT_COLUMNS)[number]['id'];

/** Room around the text of a cell, both sides together. */
const PADDING = 12;
const LEAST = 32;
const MOST = 600;
const KEY = 'mapcopy.replay.columns';

export class EventColumns {
  #widths = $state.raw(new Map<string, number>(kept()));

  widthOf(id: EventColumn): number {
    const own = EVENT_COLUMNS.find((column) => column.id === id)?.width ?? LEAST;
    return this.#widths.get(id) ?? own;
  }

  #cell(id: EventColumn): number {
    return this.widthOf(id) + PADDING;
  }

  /** What the table needs, pixels. */
  get total(): number {
    return EVENT_COLUMNS.reduce((sum, { id }) => sum + this.#cell(id), PADDING);
  }

  /** Where the second and the third column begin: they stay in sight while the others are scrolled. */
  get second(): number {
    return this.#cell('event');
  }
  get third(): number {
    return this.second + this.#cell('time');
  }

  /** `grid-template-columns`; what is left over goes to names and tracks. */
  get template(): string {
    return EVENT_COLUMNS.map(({ id }) =>
      id === 'name' || id === 'track' ? `minmax(${this.#cell(id)}px, 1fr)` : `${this.#cell(id)}px`,
    ).join(' ');
  }

  resize(id: EventColumn, width: number): void {
    const next = Math.round(Math.max(LEAST, Math.min(MOST, width)));
    this.#keep(new Map(this.#widths).set(id, next));
  }

  /** The width that the column has of itself. */
  reset(id: EventColumn): void {
    const next = new Map(this.#widths);
    next.delete(id);
    this.#keep(next);
  }

  #keep(widths: Map<string, number>): void {
    this.#widths = widths;
    localStorage.setItem(KEY, JSON.stringify([...widths]));
  }
}

function kept(): [string, number][] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    const isWidth = (each: unknown): each is [string, number] =>
      Array.isArray(each) && typeof each[0] === 'string' && typeof each[1] === 'number';
    return Array.isArray(list) ? list.filter(isWidth) : [];
  } catch {
    return [];
  }
}
