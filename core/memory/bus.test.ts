import { describe, expect, it } from 'vitest';
import { MemoryBus } from './bus.ts';

describe('a memory bus', () => {
  it('makes who comes second wait for the first', () => {
    const bus = new MemoryBus(10);
    expect(bus.draw(0, 100)).toBe(0);
    expect(bus.draw(400, 100)).toBe(600);
    expect(bus.draw(5000, 100)).toBe(0);
  });

  it('does not make one copy wait for its own earlier parts when these take longer elsewhere', () => {
    const bus = new MemoryBus(10);
    let done = 0;
    for (let part = 0; part < 8; part++) {
      expect(bus.draw(0, 100, done)).toBe(0);
      done += 4000;
    }
  });

  it('is busy for what it has moved, and no wait grows by itself', () => {
    const bus = new MemoryBus(10);
    for (let now = 0; now < 1_000_000; now += 1000) {
      expect(bus.draw(now, 90, 100_000)).toBe(0);
    }
    expect(bus.busyPs).toBe(900_000);
  });
});
