/**
 * A time axis on which long waits take little room. Everything else keeps one scale, so that two
 * lengths of work can be compared.
 */

/** A part of the axis. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  readonly left: number;
  readonly width: number;
  /** Nothing happens here, and it is drawn shorter than it is. */
  readonly wait: boolean;
}

/** Width of a wait that is shortened. */
export const WAIT_PX = 44;

interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * @param busy spans of work in any order
 * @param width room for the whole axis in pixels
 */
export function piecesOf(
  busy: readonly Span[],
  from: number,
  to: number,
  width: number,
): readonly Piece[] {
  const waits = new Set(gapsOf(busy, from, to));
  const total = to - from;
  let scale = 0;
  // A wait that is short anyway is left as it is; that changes the scale, and with it what is short.
  for (;;) {
    // Ends at the latest when there is no wait left to give back.
    const left = total - [...waits].reduce((sum, gap) => sum + gap.to - gap.from, 0);
    const room = width - waits.size * WAIT_PX;
    scale = left > 0 ? Math.max(0, room) / left : 0;
    const short = [...waits].filter((gap) => (gap.to - gap.from) * scale <= WAIT_PX);
    if (waits.size === 0 || (room > 0 && short.length === 0)) break;
    for (const gap of room > 0 ? short : waits) waits.delete(gap);
  }
  const pieces: Piece[] = [];
  let at = from;
  let x = 0;
  const add = (end: number, wait: boolean) => {
    if (end <= at) return;
    const wide = wait ? WAIT_PX : (end - at) * scale;
    pieces.push({ from: at, to: end, left: x, width: wide, wait });
    at = end;
    x += wide;
  };
  for (const gap of waits) {
    add(gap.from, false);
    add(gap.to, true);
  }
  add(to, false);
  return pieces;
}

/** Parts in which no span is, in order. */
function gapsOf(busy: readonly Span[], from: number, to: number): Span[] {
  const gaps: Span[] = [];
  let reach = from;
  for (const span of [...busy].sort((a, b) => a.from - b.from)) {
    if (span.from > reach && reach < to) gaps.push({ from: reach, to: Math.min(to, span.from) });
    reach = Math.max(reach, span.to);
  }
  if (reach < to) gaps.push({ from: reach, to });
  return gaps;
}

/** Place of a moment on the axis; moments outside are at its ends. */
export function placeOf(pieces: readonly Piece[], tick: number): number {
  const piece = pieces.find((each) => tick <= each.to) ?? pieces.at(-1);
  if (piece === undefined) return 0;
  const share = (tick - piece.from) / Math.max(1, piece.to - piece.from);
  return piece.left + Math.max(0, Math.min(1, share)) * piece.width;
}
