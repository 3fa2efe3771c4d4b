import { describe, expect, it } from 'vitest';
import { Fifo } from './fifo.ts';

describe('a queue', () => {
  it('has nothing at first', () => {
    const fifo = new Fifo<number>();
    expect(fifo.shift()).toBeUndefined();
    expect(fifo.first).toBeUndefined();
    expect(fifo.take(3)).toEqual([]);
    expect(fifo.length).toBe(0);
  });

  it('gives back in order, also when it is never quite empty', () => {
    const fifo = new Fifo<number>();
    let next = 0;
    for (let i = 0; i < 10_000; i++) {
      fifo.push(i);
      if (i % 3 === 0) continue;
      expect(fifo.first).toBe(next);
      expect(fifo.shift()).toBe(next++);
    }
    expect(fifo.peek(2)).toEqual([next, next + 1]);
    expect(fifo.peek(20_000)).toHaveLength(fifo.length);
    const left = 10_000 - next;
    expect(fifo.length).toBe(left);
    const rest = fifo.take(20_000);
    expect(rest).toEqual(Array.from({ length: left }, (_, i) => next + i));
    expect(fifo.length).toBe(0);
    expect(fifo.peek(1)).toEqual([]);
    expect(fifo.first).toBeUndefined();
    fifo.push(7);
    expect(fifo.take(2)).toEqual([7]);
  });
});
