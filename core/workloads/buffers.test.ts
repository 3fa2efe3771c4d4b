import { describe, expect, it } from 'vitest';
import { exists } from '../base/assert.ts';
import { parseScenario } from '../contract/scenario.ts';
import { assemble } from '../experiment/assemble.ts';
import { strategyOf } from '../strategies/index.ts';
import { BufferArena } from './buffers.ts';

/** An arena over `frames` pages of a guest. */
function arena(frames: number) {
  const strategy = exists(strategyOf('grant-copy'), 'a strategy of this version');
  const world = assemble(parseScenario({ strategy: 'grant-copy' }), strategy, null);
  const guest = exists(world.guests[0], 'one guest');
  const made = new BufferArena(world, guest, frames, world.random.stream('placement'));
  return { world, guest, made };
}

describe('memory for payloads', () => {
  it('is handed out again, the buffer freed last first', () => {
    const { made } = arena(64);
    const [one, other] = [made.take(4), made.take(4)];
    made.give(one, 4);
    made.give(other, 4);
    expect([made.take(4), made.take(4)]).toEqual([other, one]);
  });

  it('is none that the guest has given back, used before or not', () => {
    const { world, guest, made } = arena(16);
    const used = made.take(8);
    made.give(used, 8);
    world.frames.surrender(used + 3);
    const other = made.take(8);
    expect(other).not.toBe(used);
    made.give(other, 8);
    expect(made.take(8)).toBe(other);

    const fresh = arena(16);
    fresh.world.frames.surrender(guest.memory.first + 2);
    expect(fresh.made.take(8)).toBe(guest.memory.first + 8);
  });

  it('of a guest that has given all of it back is what it had', () => {
    const { world, guest, made } = arena(16);
    const used = made.take(8);
    made.give(used, 8);
    for (let i = 0; i < 16; i++) world.frames.surrender(guest.memory.first + i);
    expect(made.take(8)).toBe(used);
    expect(made.take(8)).not.toBe(used);
    expect(() => made.take(8)).toThrow(/too little memory/);
  });
});
