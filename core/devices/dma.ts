/** One segment moved by a device: translated page by page, each page a transaction burst. */
import { K } from '../contract/kinds.ts';
import type { Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import { bytesInFrame, framesOf } from '../primitives/copies.ts';
import type { DmaMapping } from '../primitives/dma-api.ts';
import { TRANSLATION, type Iommu } from '../primitives/iommu.ts';
import { busOf, nodeOf, type World } from '../primitives/world.ts';

/** What became of a segment. */
export interface Moved {
  /** Picoseconds that the engine was busy with it. */
  readonly ps: number;
  /** A page could not be reached. */
  readonly faulted: boolean;
}

/** What moving a page returns when the IOMMU has refused it. */
const REFUSED = -1;

/**
 * `DMA.rd` or `DMA.wr` of the first `bytes` bytes of a segment, by its direction. A page that the
 * IOMMU refuses is a FAULT and takes no time.
 */
export function* moveSegment(
  world: World,
  iommu: Iommu,
  segment: DmaMapping,
  request: number,
  bytes: number,
): Steps<Moved> {
  const { extent } = segment;
  const part = bytes === extent.bytes ? extent : { ...extent, bytes };
  if (world.scenario.faults.rogueDevice) {
    world.recentDma.add({ context: segment.context, dfn: segment.dfn, mfn: extent.mfn });
  }
  let ps = 0;
  let faulted = false;
  for (let i = 0; i < framesOf(part); i++) {
    const dur = movePage(world, iommu, segment, request, i, bytesInFrame(part, i));
    if (dur === REFUSED) faulted = true;
    else {
      ps += dur;
      yield dur;
    }
  }
  return { ps, faulted };
}

/** `bytes` bytes of the `index`-th page of a segment: how long that takes, picoseconds, or `REFUSED`. */
function movePage(
  world: World,
  iommu: Iommu,
  { context, dfn, extent, direction }: DmaMapping,
  request: number,
  index: number,
  bytes: number,
): number {
  const { recorder, tracks, costs, oracle, cache, engine } = world;
  const write = direction === 'in';
  const page = dfn + index;
  const { mfn, how, levels, reason } = iommu.translate(context, page, write);
  const walk = levels * costs.walkPerLevel;
  if (levels > 0) {
    recorder.leaf(K.iotlbWalk, tracks.iommu, walk, request, page, NONE, NONE, NONE, levels);
  }
  if (mfn === -1) {
    const event = recorder.leaf(K.fault, tracks.iommu, 0, request, page, NONE, NONE, NONE, reason);
    oracle.access('device', extent.mfn + index, { request, event, write, outcome: 'blocked' });
    return REFUSED;
  }
  const share = Math.round((costs.dmaPerPage * bytes) / 4096) + walk;
  const cached = write ? cache.deviceWrite(mfn, bytes) : cache.deviceRead(mfn);
  const wait = cached ? 0 : busOf(world, nodeOf(world, mfn)).draw(engine.now, bytes);
  const dur = Math.max(Math.round(bytes * costs.dmaRate), share) + wait;
  const kind = write ? K.dmaWrite : K.dmaRead;
  const track = write ? tracks.dmaEngineIn : tracks.dmaEngine;
  const event = recorder.leaf(kind, track, dur, request, page, bytes, NONE, NONE, how);
  if (write) world.dirty?.written(mfn);
  const outcome = how === TRANSLATION.stale ? 'stale' : 'done';
  oracle.access('device', mfn, { request, event, write, outcome });
  return dur;
}
