/** CPU work on payload: copies, and cache maintenance for devices that are not coherent. */
import { PAGE_SIZE } from '../base/brand.ts';
import { K } from '../contract/kinds.ts';
import type { Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import { pieces } from './pieces.ts';
import { busOf, nodeOf, type World } from './world.ts';

/**
 * Picoseconds to copy `bytes` bytes from one frame to another, starting `laterPs` from now; both
 * frames are touched. Half of each byte's cost goes by whether the source is in the cache, half by
 * whether the destination is; what is not draws on its node's memory, and waits there for others (a
 * destination is read before it is written). Between nodes no cache is shared.
 */
export function copyDuration(
  world: World,
  source: number,
  target: number,
  bytes: number,
  laterPs = 0,
): number {
  const { cache, costs, engine } = world;
  const from = nodeOf(world, source);
  const to = nodeOf(world, target);
  const apart = from !== to;
  const readsMemory = apart || !cache.isWarm(source);
  const writesMemory = apart || !cache.isWarm(target);
  const cold = apart ? costs.copyRemoteRate : costs.copyColdRate;
  const perByte =
    ((readsMemory ? cold : costs.copyWarmRate) + (writesMemory ? cold : costs.copyWarmRate)) / 2;
  cache.touch(source, bytes);
  cache.touch(target, bytes);
  let wait = 0;
  if (readsMemory) wait += busOf(world, from).draw(engine.now, bytes, laterPs);
  if (writesMemory) wait += busOf(world, to).draw(engine.now, 2 * bytes, laterPs);
  return Math.round(bytes * perByte) + wait;
}

/** A run of bytes that is contiguous in memory, from the start of frame `mfn`. */
export interface Extent {
  readonly mfn: number;
  readonly offset: number;
  readonly bytes: number;
}

/** Frames that an extent touches. */
export function framesOf(extent: Extent): number {
  return Math.ceil((extent.offset + extent.bytes) / PAGE_SIZE);
}

/** Bytes of an extent that lie in its `index`-th frame. */
export function bytesInFrame(extent: Extent, index: number): number {
  const from = index === 0 ? extent.offset : 0;
  const end = Math.min(PAGE_SIZE, extent.offset + extent.bytes - index * PAGE_SIZE);
  return end - from;
}

/**
 * `CPU.copy`: one contiguous copy, each frame of it cold or warm.
 *
 * @param targets frames that the copy fills, in order
 */
export function* cpuCopy(
  world: World,
  cpu: Cpu,
  actor: number,
  source: Extent,
  targets: readonly number[],
  request: number,
): Steps {
  let dur = world.costs.copyFixed;
  const frames = framesOf(source);
  for (let i = 0; i < frames; i++) {
    // Where source and target straddle frames differently, the target frame at the same distance
    // stands for both parts.
    const target = targets[Math.min(i, targets.length - 1)] as number;
    dur += copyDuration(world, source.mfn + i, target, bytesInFrame(source, i), dur);
  }
  world.recorder.leaf(K.cpuCopy, cpu.track, dur, request, source.mfn, source.bytes);
  if (!cpu.passes(actor, dur)) yield dur;
}

/**
 * `bytes` bytes from some extents to others, one CPU.copy for each extent of the source.
 *
 * @param actor index in ACTOR of who copies
 */
export function* copyExtents(
  world: World,
  cpu: Cpu,
  actor: number,
  from: readonly Extent[],
  to: readonly Extent[],
  bytes: number,
  request: number,
): Steps {
  const targets: number[] = [];
  for (const piece of pieces(from, to, bytes)) {
    if (targets.at(-1) !== piece.to) targets.push(piece.to);
  }
  let left = bytes;
  let next = 0;
  for (const extent of from) {
    if (left === 0) return;
    const part = Math.min(left, extent.bytes);
    const source = part === extent.bytes ? extent : { ...extent, bytes: part };
    const count = Math.max(1, Math.ceil(part / PAGE_SIZE));
    const own = targets.slice(next, next + count + 1);
    yield* cpuCopy(world, cpu, actor, source, own, request);
    next += count;
    left -= part;
  }
}

/** `CACHE.clean` of one page before a device that is not coherent reads it. */
export function* cacheClean(
  world: World,
  cpu: Cpu,
  actor: number,
  track: number,
  mfn: number,
  bytes: number,
  request: number,
): Steps {
  const lines = Math.ceil(bytes / world.costs.cacheLineBytes);
  const dur = lines * world.costs.cacheMaintenancePerLine;
  world.recorder.leaf(K.cacheClean, track, dur, request, mfn, NONE, 1);
  if (!cpu.passes(actor, dur)) yield dur;
}
