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
  const { recorder, tracks, costs, oracle, cache, engine, recentDma } = world;
  const { context, dfn, extent } = segment;
  const write = segment.direction === 'in';
  let ps = 0;
  let faulted = false;
  const part = bytes === extent.bytes ? extent : { ...extent, bytes };
  if (world.scenario.faults.rogueDevice) recentDma.add({ context, dfn, mfn: extent.mfn });
  for (let i = 0; i < framesOf(part); i++) {
    const inFrame = bytesInFrame(part, i);
    const page = dfn + i;
    const { mfn, how, levels, reason } = iommu.translate(context, page, write);
    const walk = levels * costs.walkPerLevel;
    if (levels > 0) {
      recorder.leaf(K.iotlbWalk, tracks.iommu, walk, request, page, NONE, NONE, NONE, levels);
    }
    if (mfn === -1) {
      const event = recorder.leaf(
        K.fault,
        tracks.iommu,
        0,
        request,
        page,
        NONE,
        NONE,
        NONE,
        reason,
      );
      oracle.access('device', extent.mfn + i, { request, event, write, outcome: 'blocked' });
      faulted = true;
      continue;
    }
    const share = Math.round((costs.dmaPerPage * inFrame) / 4096) + walk;
    const cached = write ? cache.deviceWrite(mfn, inFrame) : cache.deviceRead(mfn);
    const wait = cached ? 0 : busOf(world, nodeOf(world, mfn)).draw(engine.now, inFrame);
    const dur = Math.max(Math.round(inFrame * costs.dmaRate), share) + wait;
    const kind = write ? K.dmaWrite : K.dmaRead;
    const event = recorder.leaf(
      kind,
      write ? tracks.dmaEngineIn : tracks.dmaEngine,
      dur,
      request,
      page,
      inFrame,
      NONE,
      NONE,
      how,
    );
    if (write) world.dirty?.written(mfn);
    const outcome = how === TRANSLATION.stale ? 'stale' : 'done';
    oracle.access('device', mfn, { request, event, write, outcome });
    ps += dur;
    yield dur;
  }
  return { ps, faulted };
}
