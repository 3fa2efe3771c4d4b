/**
 * Who reaches which frame, as cells: the ranges of all chosen actors laid over each other, the worst
 * state winning.
 */
import { REACHES, type ReachState } from '../../../core/contract/index.ts';

/** States of a cell from best to worst; a cell of several frames shows the worst of them. */
export const CELLS = ['none', 'needed', 'mapped', 'needless', 'stale'] as const;
export type Cell = (typeof CELLS)[number];

/** Index into `CELLS` by index into `REACHES`. */
const CELL_OF_REACH = REACHES.map((how) => CELLS.indexOf(how));

export const CELLS_PER_ROW = 64;
/** As many cells as can be told apart on a screen. */
const MAX_ROWS = 4096 / CELLS_PER_ROW;
/** A map of reached frames only may be longer, for it scrolls. */
const MAX_REACHED_ROWS = 4096;

/** Frames in a row with one state. */
export interface Stretch {
  readonly first: number;
  readonly frames: number;
  /** Index into `CELLS`, never 0. */
  readonly cell: number;
}

/** Lays the ranges of actors over each other; the result is in order and does not overlap. */
export function worstOf(reach: ReachState, actor: string | null): readonly Stretch[] {
  const wanted = actor === null ? -1 : reach.actors.indexOf(actor);
  const edges: { at: number; cell: number; step: number }[] = [];
  reach.frame.forEach((first, i) => {
    if (wanted !== -1 && reach.actor[i] !== wanted) return;
    const cell = CELL_OF_REACH[reach.how[i] ?? -1] ?? 0;
    edges.push({ at: first, cell, step: 1 });
    edges.push({ at: first + (reach.frames[i] ?? 0), cell, step: -1 });
  });
  edges.sort((a, b) => a.at - b.at);
  const open = CELLS.map(() => 0);
  const found: Stretch[] = [];
  let from = 0;
  let current = 0;
  for (let i = 0; i < edges.length;) {
    const at = edges[i]?.at ?? 0;
    for (; i < edges.length && edges[i]?.at === at; i += 1) {
      const { cell, step } = edges[i] as (typeof edges)[number];
      open[cell] = (open[cell] ?? 0) + step;
    }
    const worst = open.findLastIndex((count) => count > 0);
    const next = Math.max(0, worst);
    if (next === current) continue;
    if (current > 0) found.push({ first: from, frames: at - from, cell: current });
    from = at;
    current = next;
  }
  return found;
}

/** Frames by state; `none` is what is left of all guest memory, null where its size is not known. */
export function countsOf(
  stretches: readonly Stretch[],
  guestFrames: number | null,
): Readonly<Record<Cell, number | null>> {
  const counts = CELLS.map(() => 0);
  for (const { cell, frames } of stretches) counts[cell] = (counts[cell] ?? 0) + frames;
  const reached = counts.reduce((sum, count) => sum + count, 0);
  return {
    none: guestFrames === null ? null : Math.max(0, guestFrames - reached),
    needed: counts[1] ?? 0,
    mapped: counts[2] ?? 0,
    needless: counts[3] ?? 0,
    stale: counts[4] ?? 0,
  };
}

/** 64 cells side by side. */
export interface CellRow {
  /** Frame of the first cell. */
  readonly first: number;
  readonly cells: Uint8Array;
}

export interface CellMap {
  readonly framesPerCell: number;
  readonly rows: readonly CellRow[];
}

/** Only rows in which something is reached, one frame to a cell as long as that is not too long. */
export function reachedMap(stretches: readonly Stretch[]): CellMap {
  for (let framesPerCell = 1; ; framesPerCell *= 2) {
    const rows = fill(stretches, framesPerCell, MAX_REACHED_ROWS);
    if (rows !== null) {
      const ordered = [...rows.values()].sort((a, b) => a.first - b.first);
      return { framesPerCell, rows: ordered };
    }
  }
}

/** All of a guest's memory, a cell standing for as many frames as it takes to show it at once. */
export function wholeMap(stretches: readonly Stretch[], first: number, frames: number): CellMap {
  let framesPerCell = 1;
  while (frames / framesPerCell > MAX_ROWS * CELLS_PER_ROW) framesPerCell *= 2;
  const inside = stretches.flatMap((stretch): Stretch[] => {
    const from = Math.max(first, stretch.first);
    const to = Math.min(first + frames, stretch.first + stretch.frames);
    return to > from ? [{ first: from - first, frames: to - from, cell: stretch.cell }] : [];
  });
  const filled = fill(inside, framesPerCell, Infinity) ?? new Map<number, CellRow>();
  const width = framesPerCell * CELLS_PER_ROW;
  const rows = Array.from({ length: Math.ceil(frames / width) }, (_, index) => ({
    first: first + index * width,
    cells: filled.get(index)?.cells ?? new Uint8Array(CELLS_PER_ROW),
  }));
  return { framesPerCell, rows };
}

/** Rows by number; null when there are more than `limit`. */
function fill(
  stretches: readonly Stretch[],
  framesPerCell: number,
  limit: number,
): Map<number, CellRow> | null {
  const rows = new Map<number, CellRow>();
  for (const { first, frames, cell } of stretches) {
    const last = Math.floor((first + frames - 1) / framesPerCell);
    for (let at = Math.floor(first / framesPerCell); at <= last; at += 1) {
      const number = Math.floor(at / CELLS_PER_ROW);
      let row = rows.get(number);
      if (row === undefined) {
        if (rows.size >= limit) return null;
        row = {
          first: number * CELLS_PER_ROW * framesPerCell,
          cells: new Uint8Array(CELLS_PER_ROW),
        };
        rows.set(number, row);
      }
      const place = at - number * CELLS_PER_ROW;
      row.cells[place] = Math.max(row.cells[place] ?? 0, cell);
    }
  }
  return rows;
}

/** The guest that a frame belongs to; null where it is none's. */
export function guestAt(
  guests: ReachState['guests'],
  frame: number,
): ReachState['guests'][number] | null {
  return guests.find((each) => frame >= each.first && frame < each.first + each.frames) ?? null;
}

/** One actor's way to a frame. */
export interface ReachedBy {
  readonly actor: string;
  readonly cell: Cell;
  readonly write: boolean | null;
}

/** Who reaches any of some frames. */
export function reachedBy(reach: ReachState, first: number, frames: number): readonly ReachedBy[] {
  const found = new Map<string, ReachedBy>();
  reach.frame.forEach((start, i) => {
    if (start >= first + frames || start + (reach.frames[i] ?? 0) <= first) return;
    const actor = reach.actors[reach.actor[i] ?? -1] ?? '';
    const cell = CELLS[CELL_OF_REACH[reach.how[i] ?? -1] ?? 0] ?? 'none';
    const write = reach.write[i] === 2 ? null : reach.write[i] === 1;
    const known = found.get(actor);
    if (known === undefined || CELLS.indexOf(cell) > CELLS.indexOf(known.cell)) {
      found.set(actor, { actor, cell, write });
    }
  });
  return [...found.values()];
}
