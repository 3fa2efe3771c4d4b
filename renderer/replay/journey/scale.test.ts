import { describe, expect, it } from 'vitest';
import { piecesOf, placeOf, WAIT_PX } from './scale.ts';

describe('a time axis that shortens waits', () => {
  it('is one piece where nothing waits, or where there is no room', () => {
    expect(piecesOf([{ from: 0, to: 100 }], 0, 100, 500)).toEqual([
      { from: 0, to: 100, left: 0, width: 500, wait: false },
    ]);
    expect(piecesOf([{ from: 50, to: 60 }], 0, 100, 10).some((piece) => piece.wait)).toBe(false);
    expect(piecesOf([], 0, 0, 500)).toEqual([]);
    expect(piecesOf([{ from: 50, to: 60 }], 0, 100, 0)).toHaveLength(1);
  });

  it('shortens a long wait, and keeps a short one', () => {
    const busy = [
      { from: 0, to: 100 },
      { from: 105, to: 200 },
      { from: 100_000, to: 100_100 },
    ];
    const pieces = piecesOf(busy, 0, 100_100, 1000);
    expect(pieces.map((piece) => [piece.from, piece.to, piece.wait])).toEqual([
      [0, 200, false],
      [200, 100_000, true],
      [100_000, 100_100, false],
    ]);
    expect(pieces.reduce((sum, piece) => sum + piece.width, 0)).toBeCloseTo(1000);
    expect(pieces[1]?.width).toBe(WAIT_PX);
  });

  it('places moments in order, and those outside at its ends', () => {
    const pieces = piecesOf(
      [
        { from: 10, to: 20 },
        { from: 9000, to: 9010 },
      ],
      0,
      10_000,
      400,
    );
    const places = [-5, 0, 15, 500, 9005, 10_000, 11_000].map((tick) => placeOf(pieces, tick));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBe(0);
    expect(places.at(-1)).toBeCloseTo(400);
  });
});
