import { describe, expect, it } from 'vitest';
import { RandomStream } from '../engine/random.ts';
import { ARGO_PENDING_MAX, ArgoRing } from './argo-ring.ts';

describe('an Argo ring', () => {
  it('refuses sizes that the interface does not have, and reading what was not written', () => {
    for (const bytes of [0, 40, 100, 16 * 2 ** 20 + 16]) {
      expect(() => new ArgoRing(bytes)).toThrow(/48 bytes to 16 MiB/);
    }
    expect(() => new ArgoRing(4096).read(1)).toThrow(/more was read/);
  });

  it('lets 32 senders wait, and no more', () => {
    const ring = new ArgoRing(4096);
    for (let sender = 0; sender < ARGO_PENDING_MAX; sender++) expect(ring.wait(sender)).toBe(true);
    expect(ring.wait(99)).toBe(false);
    expect(ring.wait(3)).toBe(true);
    expect(ring.takePending().length).toBe(ARGO_PENDING_MAX);
    expect(ring.hasPending).toBe(false);
  });

  it('holds a message with its header, rounded to 16, and is never quite full', () => {
    const ring = new ArgoRing(128);
    expect(ring.canHold(96)).toBe(true);
    expect(ring.canHold(97)).toBe(false);
    expect(ring.write(17)).toBe(16);
    expect(ring.used).toBe(48);
    expect(ring.write(49)).toBe(-1);
    expect(ring.write(48)).toBe(64);
    expect(ring.used).toBe(112);
  });

  it('never exceeds its size, whatever is written and read', () => {
    const random = new RandomStream(3, 'argo');
    const ring = new ArgoRing(4096);
    const queue: number[] = [];
    for (let i = 0; i < 10_000; i++) {
      const bytes = random.below(600);
      if (random.below(2) === 0 && ring.write(bytes) !== -1) queue.push(bytes);
      else if (queue.length > 0) ring.read(queue.shift() as number);
      const sum = queue.reduce((total, each) => total + ArgoRing.sizeOf(each), 0);
      expect(ring.used).toBe(sum);
      expect(ring.usedMax).toBeLessThan(4096);
    }
  });
});
