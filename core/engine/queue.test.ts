import { describe, expect, it } from 'vitest';
import { InvariantError } from '../base/assert.ts';
import { EventQueue } from './queue.ts';
import { RandomStream } from './random.ts';

describe('the event queue', () => {
  it('refuses to pop what is not there', () => {
    expect(() => new EventQueue().pop()).toThrow(InvariantError);
  });

  it('keeps the order of arrival among equal times', () => {
    const queue = new EventQueue();
    for (let i = 0; i < 100; i++) queue.push(5, i);
    expect(Array.from({ length: 100 }, () => queue.pop())).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    );
  });

  it('tells what was pushed before a moment from what came later, at equal times too', () => {
    const queue = new EventQueue();
    expect(queue.isBefore(5, queue.newest)).toBe(false);
    queue.push(5, 1);
    const { newest } = queue;
    queue.push(5, 2);
    expect(queue.isBefore(5, newest)).toBe(true);
    expect(queue.isBefore(4, newest)).toBe(false);
    queue.pop();
    expect(queue.isBefore(5, newest)).toBe(false);
    expect(queue.isBefore(6, newest)).toBe(true);
  });

  it('agrees with a stable sort on random holds, seed after seed', () => {
    for (let seed = 0; seed < 50; seed++) {
      const random = new RandomStream(seed, 'queue test');
      const queue = new EventQueue();
      let model: { time: number; payload: number }[] = [];
      let now = 0;
      for (let step = 0; step < 400; step++) {
        if (model.length === 0 || random.below(5) < 3) {
          // Few distinct times, so that ties are common.
          const time = now + random.below(8);
          queue.push(time, step);
          model = [...model, { time, payload: step }].sort((a, b) => a.time - b.time);
        } else {
          const expected = model.shift();
          expect(queue.minTime, `seed ${seed} step ${step}`).toBe(expected?.time);
          expect(queue.pop(), `seed ${seed} step ${step}`).toBe(expected?.payload);
          now = queue.poppedTime;
        }
      }
    }
  });
});
