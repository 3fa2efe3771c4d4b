/**
 * A guest that gives memory back while I/O goes on (`XENMEM_decrease_reservation`): every other page
 * is one that a recent request named. The frame returns to the heap with its last reference, and
 * another domain is given it at once; while someone holds a reference it stays where it is, without a
 * gfn.
 */
import { K } from '../contract/kinds.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import type { RandomStream } from '../engine/random.ts';
import { hypercall } from '../primitives/hypercall.ts';
import { gfnOf, guestOf, type Guest, type World } from '../primitives/world.ts';
import type { Strategy } from '../strategies/types.ts';
import { reallocate } from './reallocate.ts';

const PS_PER_S = 1e12;

export function* balloon(world: World, strategy: Strategy): Steps {
  // Without a guest there is no balloon; a host does not free what its own drivers use.
  if (world.scenario.topology === 'native') return;
  const random = world.random.stream('balloon');
  const period = Math.round(PS_PER_S / world.scenario.faults.balloonPerSecond);
  reallocate(world);
  for (;;) {
    yield random.exponential(period);
    const mfn = choose(world, random);
    if (mfn === -1 || !isFreeToGo(world, strategy, mfn)) continue;
    const guest = guestOf(world, mfn) as Guest;
    const cpu = guest.cpus[guest.cpus.length - 1] as Cpu;
    cpu.interrupt(() => giveBack(world, cpu, guest, mfn));
  }
}

/** A frame that a guest still owns: one in use by turns, else any. */
function choose(world: World, random: RandomStream): number {
  const { state } = world.oracle;
  const recent = random.below(2) === 0;
  const mfn = recent ? state.recent(random.below(256)) : state.first + random.below(state.count);
  if (mfn === -1) return -1;
  const guest = guestOf(world, mfn);
  if (guest === undefined || world.frames.ownerOf(mfn) !== guest.domain) return -1;
  // Reserved regions are not the balloon's to take.
  for (const { first, frames, dedicated } of world.oracle.standingOfBackend()) {
    if (dedicated && mfn >= first && mfn < first + frames) return -1;
  }
  return mfn;
}

/**
 * A host kernel does not free a page that a native backend of its own is using: it holds a reference
 * for the time of the I/O (get_user_pages).
 */
function isFreeToGo(world: World, strategy: Strategy, mfn: number): boolean {
  const { hypervisor, soc, scenario, oracle } = world;
  if (hypervisor.notification !== 'eventfd') return true;
  if (strategy.judge({ hypervisor, soc, scenario }).status !== 'native') return true;
  return oracle.state.needed[mfn - oracle.state.first] === 0;
}

/** The balloon driver of a guest, on its CPU. */
function* giveBack(world: World, cpu: Cpu, guest: Guest, mfn: number): Steps {
  const { recorder, frames, costs } = world;
  // Several may have been under way for the same frame.
  if (frames.ownerOf(mfn) !== guest.domain || frames.isSurrendered(mfn)) return;
  const span = recorder.begin(K.hardirq, cpu.track, NONE);
  const work = (function* (): Steps<number> {
    if (!cpu.passes(ACTOR.hypervisor, costs.memoryOpPage)) yield costs.memoryOpPage;
    const held = frames.referencesOf(mfn) > 1;
    const status = held ? 1 : NONE;
    const gfn = gfnOf(guest, mfn);
    const track = cpu.hypervisorTrack;
    const event = recorder.leaf(K.frameFree, track, 0, NONE, mfn, NONE, NONE, status, gfn);
    if (held) world.oracle.orphans.add(mfn, event);
    frames.surrender(mfn);
    return NONE;
  })();
  yield* hypercall(world, cpu, K.decreaseReservation, 1, NONE, work);
  recorder.end(span, cpu.track);
}
