import { describe, expect, it } from 'vitest';
import { Orders } from './orders.ts';

const ENTRY = new URL('../testing/obedient.ts', import.meta.url);

describe('a thread that fails', () => {
  it('says what went wrong first, once', async () => {
    const orders = new Orders<string>(ENTRY);
    for (const order of ['work', 'refuse', 'work']) orders.give(order);
    await expect(orders.end('work')).rejects.toThrow('refused');
    await expect(orders.ready()).rejects.toThrow('refused');
    expect(await orders.end('work')).toBeNull();
  });

  it('says why it ended, has ended by then, and is not used again', async () => {
    const waiting = new Orders<string>(ENTRY);
    for (let i = 0; i < 20; i++) waiting.give(i === 0 ? 'die' : 'work');
    await expect(waiting.ready()).rejects.toThrow('out of memory');
    await expect(waiting.end('work')).rejects.toThrow('out of memory');
    const dying = new Orders<string>(ENTRY);
    await expect(dying.end('die')).rejects.toThrow('out of memory');
    // A new thread: it has counted nothing before.
    expect(await new Orders<string>(ENTRY).end('work')).toBe(1);
  });

  it('is not waited for because of an order that cannot be handed over', async () => {
    const orders = new Orders<unknown>(ENTRY);
    expect(() => orders.give(() => 1)).toThrow('could not be cloned');
    expect(await orders.end('work')).toBeGreaterThan(0);
  });
});

describe('a thread', () => {
  it('carries out orders in order, and is kept for the next', async () => {
    const first = new Orders<string>(ENTRY);
    for (let i = 0; i < 20; i++) first.give('work');
    expect(first.ready()).toBeInstanceOf(Promise);
    await first.ready();
    expect(first.ready()).toBeNull();
    const last = (await first.end('work')) as number;
    expect(await new Orders<string>(ENTRY).end('work')).toBe(last + 1);
  });

  it('works for one at a time: two at once have two', async () => {
    const [one, other] = [new Orders<string>(ENTRY), new Orders<string>(ENTRY)];
    for (let i = 0; i < 5; i++) other.give('refuse');
    const ends = await Promise.allSettled([one.end('work'), other.end('work')]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });
});
