import { describe, expect, it } from 'vitest';
import { ViewHistory } from './view-history.ts';

const place = (from: number) => ({ from, to: from + 100 });

describe('the history of views', () => {
  it('has nowhere to go at first', () => {
    const history = new ViewHistory();
    expect(history.go(-1)).toBeUndefined();
    history.rest(place(0));
    expect(history.canGoBack).toBe(false);
    expect(history.go(-1)).toBeUndefined();
    expect(history.go(1)).toBeUndefined();
  });

  it('goes back and forth', () => {
    const history = new ViewHistory();
    for (const from of [0, 10, 20]) history.rest(place(from));
    expect(history.go(-1)).toEqual(place(10));
    expect(history.go(-1)).toEqual(place(0));
    expect(history.go(1)).toEqual(place(10));
    expect(history.canGoForth).toBe(true);
  });

  it('does not take a place that was gone back to for a new one', () => {
    const history = new ViewHistory();
    for (const from of [0, 10]) history.rest(place(from));
    history.rest(history.go(-1) ?? place(-1));
    expect(history.go(1)).toEqual(place(10));
  });

  it('forgets what was ahead when the view moves on from an earlier place', () => {
    const history = new ViewHistory();
    for (const from of [0, 10, 20]) history.rest(place(from));
    history.go(-1);
    history.rest(place(50));
    expect(history.canGoForth).toBe(false);
    expect(history.go(-1)).toEqual(place(10));
  });
});
