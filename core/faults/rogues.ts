/** Devices and domains that do what they should not. */
import { K } from '../contract/kinds.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import { PAGE_SIZE } from '../base/brand.ts';
import { TRANSLATION, type Iommu } from '../primitives/iommu.ts';
import type { World } from '../primitives/world.ts';

/** Mean time between two trespasses: 20 us. */
const PERIOD_PS = 20_000_000;

/**
 * A device that goes back to addresses it was given before, to read and to write there: whether it
 * gets through is up to the tables and to what the IOTLB still holds.
 */
export function* rogueDevice(world: World, iommu: Iommu): Steps {
  const { oracle, recorder, tracks, costs, recentDma } = world;
  const random = world.random.stream('rogue device');
  for (;;) {
    yield random.exponential(PERIOD_PS);
    const known = recentDma.pick(random.below(recentDma.size));
    if (known === null) continue;
    const { context, dfn, mfn } = known;
    const write = random.below(2) === 0;
    const found = iommu.translate(context, dfn, write);
    const blocked = found.mfn === -1;
    const kind = blocked ? K.fault : write ? K.dmaWrite : K.dmaRead;
    const track = blocked ? tracks.iommu : write ? tracks.dmaEngineIn : tracks.dmaEngine;
    const dur = blocked ? 0 : Math.round(64 * costs.dmaRate);
    const arg = blocked ? found.reason : found.how;
    const bytes = blocked ? NONE : 64;
    const event = recorder.leaf(kind, track, dur, NONE, dfn, bytes, NONE, NONE, arg);
    const outcome = blocked ? 'blocked' : found.how === TRANSLATION.stale ? 'stale' : 'done';
    const reached = blocked ? mfn : found.mfn;
    if (write && !blocked) world.dirty?.written(reached);
    oracle.access('device', reached, { request: NONE, event, write, outcome });
    yield dur;
  }
}

/** A backend that changes payload of the guest's that it can reach, after it was checked. */
export function* rogueBackend(world: World): Steps {
  const random = world.random.stream('rogue backend');
  for (;;) {
    yield random.exponential(PERIOD_PS);
    const mfn = world.oracle.state.recent(random.below(256));
    const cpu = world.backends[0]?.cpus[0];
    if (mfn === -1 || cpu === undefined || !world.oracle.reaches('backend', mfn)) continue;
    cpu.interrupt(() => tamper(world, cpu, 'backend', mfn));
  }
}

/** A frontend that rewrites its payload while the other side works on it. */
export function* rogueFrontend(world: World): Steps {
  const { oracle } = world;
  const random = world.random.stream('rogue frontend');
  for (;;) {
    yield random.exponential(PERIOD_PS);
    const mfn = oracle.state.recent(random.below(256));
    const cpu = world.guests[0]?.cpus[0];
    if (mfn === -1 || cpu === undefined) continue;
    if (oracle.state.authorised[mfn - oracle.state.first] === 0) continue;
    cpu.interrupt(() => tamper(world, cpu, 'frontend', mfn));
  }
}

function* tamper(world: World, cpu: Cpu, actor: 'frontend' | 'backend', mfn: number): Steps {
  const { recorder, costs, oracle } = world;
  const dur = Math.round(64 * costs.copyWarmRate);
  recorder.leaf(K.cpuZero, cpu.track, dur, NONE, mfn, Math.min(64, PAGE_SIZE));
  // What nobody but its owner can reach any more has been taken away in the meantime.
  const shared = oracle.reaches('backend', mfn) || oracle.reaches('device', mfn);
  if (shared) oracle.changed(actor, mfn);
  yield cpu.charge(ACTOR[actor], dur);
}
