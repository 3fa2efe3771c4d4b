/** Cache maintenance for a NIC that does not see the CPUs' caches; called where that is so. */
import { PAGE_SIZE } from '../../base/brand.ts';
import { K } from '../../contract/kinds.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import type { Steps } from '../../engine/engine.ts';
import { NONE } from '../../engine/recording.ts';
import type { NicBuffer } from '../../devices/nic-queue.ts';
import { bytesInFrame, cacheClean, framesOf, type Extent } from '../../primitives/copies.ts';
import { hypercall } from '../../primitives/hypercall.ts';
import type { World } from '../../primitives/world.ts';
import type { NetPacket } from './packet.ts';

/** Before the device reads: lines of each page written back. */
export function* cleanForDevice(world: World, cpu: Cpu, driver: number, packet: NetPacket): Steps {
  for (const extent of packet.device) {
    for (let i = 0; i < framesOf(extent); i++) {
      const mfn = extent.mfn + i;
      const bytes = bytesInFrame(extent, i);
      yield* onPage(world, cpu, driver, mfn, packet.request, (track, actor) =>
        cacheClean(world, cpu, actor, track, mfn, bytes, packet.request),
      );
    }
  }
}

/** After the device has written: lines of each page dropped, so that CPUs see what has come. */
export function* invalidateArrived(
  world: World,
  cpu: Cpu,
  driver: number,
  buffers: readonly NicBuffer[],
  packet: NetPacket,
): Steps {
  let left = packet.bytes;
  for (const { mapping } of buffers) {
    const { mfn, bytes } = mapping.extent;
    const part = Math.min(left, bytes);
    left -= part;
    yield* onPage(world, cpu, driver, mfn, packet.request, (track, actor) =>
      invalidate(world, cpu, actor, track, { mfn, offset: 0, bytes: part }, packet.request),
    );
  }
}

/** Under Xen it takes a backend a hypercall where the page is another domain's. */
function* onPage(
  world: World,
  cpu: Cpu,
  driver: number,
  mfn: number,
  request: number,
  work: (track: number, actor: number) => Steps,
): Steps {
  const xen = world.hypervisor.notification === 'event-channel';
  if (xen && driver === ACTOR.backend && world.oracle.watches(mfn)) {
    const inside = returningNone(work(cpu.hypervisorTrack, ACTOR.hypervisor));
    yield* hypercall(world, cpu, K.cacheFlush, 1, request, inside);
  } else {
    yield* work(cpu.track, driver);
  }
}

function* invalidate(
  { costs, recorder }: World,
  cpu: Cpu,
  actor: number,
  track: number,
  { mfn, bytes }: Extent,
  request: number,
): Steps {
  const lines = Math.ceil(Math.min(bytes, PAGE_SIZE) / costs.cacheLineBytes);
  const dur = lines * costs.cacheMaintenancePerLine;
  recorder.leaf(K.cacheInvalidate, track, dur, request, mfn, NONE, 1);
  if (!cpu.passes(actor, dur)) yield dur;
}

function* returningNone(work: Steps): Steps<number> {
  yield* work;
  return NONE;
}
