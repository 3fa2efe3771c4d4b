import { describe, expect, it } from 'vitest';
import { K } from '../../core/contract/kinds.ts';
import { seededNumbers } from '../testing/imported.ts';
import { LiveEntries, MAX_LIVE } from './live.ts';

const NONE = -Number.MAX_SAFE_INTEGER;

/** Coherent memory at an address comes, or goes. */
function dma(live: LiveEntries, id: number, kind: number, address: number): void {
  live.apply(id, kind, 1, NONE, 4096, NONE, NONE, address);
}

describe('more entries than are kept', () => {
  it('the oldest are forgotten first, also when others end or begin again meanwhile', () => {
    const ended: number[] = [];
    const live = new LiveEntries([], (made) => ended.push(made));
    const random = seededNumbers(3);
    // By address, in the order in which they came.
    const model = new Map<number, number>();
    const wanted: number[] = [];
    const end = (address: number) => {
      const made = model.get(address);
      if (made === undefined) return;
      wanted.push(made);
      model.delete(address);
    };
    const addresses = MAX_LIVE * 1.5;
    for (let id = 1; id <= 3 * MAX_LIVE; id++) {
      const address = random(addresses);
      const goes = random(8) === 0;
      dma(live, id, goes ? K.recDmaFree : K.recDmaAlloc, address);
      end(address);
      if (goes) continue;
      model.set(address, id);
      if (model.size > MAX_LIVE) end(model.keys().next().value as number);
    }
    expect(ended.length).toBeGreaterThan(MAX_LIVE);
    expect(ended).toEqual(wanted);
    expect([...live.standing()].map(([, made]) => made)).toEqual([...model.values()]);
  });

  it('of several with one key, one is forgotten at a time', () => {
    const ended: number[] = [];
    const live = new LiveEntries([], (made) => ended.push(made));
    const map = (id: number, frame: number) =>
      live.apply(id, K.grantMap, 1, frame, NONE, NONE, 0, 5);
    for (let id = 1; id <= MAX_LIVE; id++) map(id, id <= 3 ? 7 : id + 100);
    expect(ended).toEqual([]);
    for (let id = MAX_LIVE + 1; id <= MAX_LIVE + 4; id++) map(id, id + 100);
    // Of one key the latest ends first, as an unmap would end it.
    expect(ended).toEqual([3, 2, 1, 4]);
  });
});
