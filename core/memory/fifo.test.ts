import { describe, expect, it } from 'vitest';
import { RandomStream } from '../engine/random.ts';
import { FIFO_SLOT_BYTES, PayloadFifo, type FifoRecord } from './fifo.ts';

describe('a payload FIFO', () => {
  it('refuses sizes that are none, and a record that was given back', () => {
    expect(() => new PayloadFifo(16)).toThrow(/2 to 32768/);
    expect(() => new PayloadFifo(513 * 1024)).toThrow(/2 to 32768/);
    const fifo = new PayloadFifo(1024);
    const record = fifo.take(10) as FifoRecord;
    fifo.give(record);
    expect(() => fifo.give(record)).toThrow(/twice/);
  });

  it('says what can never fit, and what does not fit now', () => {
    const fifo = new PayloadFifo(1024);
    expect(fifo.canHold(1024 - FIFO_SLOT_BYTES)).toBe(true);
    expect(fifo.canHold(1024)).toBe(false);
    expect(fifo.take(1000)).not.toBeNull();
    expect(fifo.take(1)).toBeNull();
  });

  it('gives space back in order: an old record holds up those behind it', () => {
    const fifo = new PayloadFifo(1024);
    const first = fifo.take(400) as FifoRecord;
    const second = fifo.take(400) as FifoRecord;
    fifo.give(second);
    expect(fifo.take(400)).toBeNull();
    fifo.give(first);
    expect(fifo.used).toBe(0);
    expect(fifo.take(900)).not.toBeNull();
  });

  it('never lays records over one another or beyond its end, whatever is asked of it', () => {
    const random = new RandomStream(7, 'fifo');
    const fifo = new PayloadFifo(4096);
    const live: { record: FifoRecord; from: number; to: number }[] = [];
    for (let i = 0; i < 20_000; i++) {
      const bytes = random.below(700);
      const record = random.below(3) === 0 ? null : fifo.take(bytes);
      if (record !== null) {
        const from = record.slot;
        const to = from + PayloadFifo.slotsFor(bytes);
        expect(to).toBeLessThanOrEqual(fifo.slots);
        for (const other of live) expect(to <= other.from || from >= other.to).toBe(true);
        live.push({ record, from, to });
      } else if (live.length > 0) {
        const [done] = live.splice(random.below(live.length), 1);
        fifo.give((done as (typeof live)[0]).record);
      }
      expect(fifo.used).toBeLessThanOrEqual(fifo.slots);
      // Space of records that wait for an older one is not free, so those count as live.
      for (const each of live) expect(each.record.done).toBe(false);
    }
    expect(fifo.usedBytesMax).toBeLessThanOrEqual(4096);
  });
});
