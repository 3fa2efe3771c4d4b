/**
 * The backend's side of one queue: blkback's thread, vhost's worker or a process. Takes requests from the
 * ring, has the strategy make them ready, makes bios of them, and answers when the strategy says so.
 */
import { PAGE_SIZE } from '../../base/brand.ts';
import { K } from '../../contract/kinds.ts';
import { type Disk, type DiskCommand } from '../../devices/disk.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import type { Steps } from '../../engine/engine.ts';
import { NONE } from '../../engine/recording.ts';
import type { Channel } from '../../primitives/channels.ts';
import { bytesInFrame, cpuCopy, framesOf } from '../../primitives/copies.ts';
import type { DmaApi, DmaMapping } from '../../primitives/dma-api.ts';
import type { World } from '../../primitives/world.ts';
import type { Carrier } from '../../strategies/types.ts';
import { pushResponses } from '../net/backend-tx.ts';
import { Wakeup, wakeThread } from '../net/threads.ts';
import type { SharedRing } from '../shared-ring.ts';
import { type Tally } from '../tally.ts';
import type { BlkTransfer } from './frontend.ts';
import { merged } from './requests.ts';

const BATCH = 64;

/** A request at the disk. */
interface Bio {
  readonly transfer: BlkTransfer;
  readonly segments: readonly DmaMapping[];
}

export interface BlkBackendParts {
  readonly cpu: Cpu;
  readonly carrier: Carrier;
  readonly ring: SharedRing<BlkTransfer>;
  readonly dma: DmaApi;
  readonly disk: Disk;
  readonly toFrontend: () => Channel;
  /** The backend has nothing of the transfer any more. */
  readonly letGo: (transfer: BlkTransfer) => void;
  readonly polls: Tally;
}

export class BlkBackend {
  readonly #world: World;
  readonly #in: BlkBackendParts;
  readonly #requested: Wakeup;
  readonly #finished: Wakeup;
  readonly #done: Bio[] = [];
  #undelivered: BlkTransfer[] = [];
  dropped = 0;

  constructor(world: World, parts: BlkBackendParts) {
    this.#world = world;
    this.#in = parts;
    this.#requested = new Wakeup(world.engine);
    this.#finished = new Wakeup(world.engine);
  }

  start(): void {
    this.#world.engine.spawn(this.#thread());
    this.#world.engine.spawn(this.#completions());
  }

  /** The frontend has notified: there are requests, or room for replies. */
  notified(): void {
    this.#requested.ring();
  }

  /** Are there replies for which the frontend's area has no room? */
  readonly waitsForRoom = (): boolean => this.#undelivered.length > 0;

  *#thread(): Steps {
    const world = this.#world;
    const { cpu, ring, polls } = this.#in;
    for (;;) {
      yield* this.#requested.wait();
      yield* wakeThread(world, cpu);
      for (;;) {
        const span = world.recorder.begin(K.blkback, cpu.track, NONE);
        const batch = ring.pull(BATCH);
        if (batch.length > 0) polls.add(batch.length);
        yield* this.#take(cpu, batch);
        recordEnd(world, span, cpu, batch.length);
        if (batch.length < BATCH) {
          this.#requested.want();
          if (!ring.finalCheckRequests()) {
            yield* this.#deliverWaiting(cpu);
            if (this.#requested.isWanted) break;
          }
        }
        if (cpu.isWanted) yield* cpu.relax();
      }
      yield* cpu.release();
    }
  }

  *#take(cpu: Cpu, batch: readonly BlkTransfer[]): Steps {
    const { costs, recorder, backendKind } = this.#world;
    if (batch.length === 0) return;
    const { carrier } = this.#in;
    for (const transfer of batch) {
      // A record or message of the strategy's own is read by the strategy.
      if (carrier.slotsOf(transfer) === 0) continue;
      recorder.leaf(K.ringPull, cpu.track, costs.ringEntry, transfer.request, NONE, NONE, 1);
      if (!cpu.passes(ACTOR.backend, costs.ringEntry)) yield costs.ringEntry;
    }
    yield* carrier.accept(cpu, batch);
    // A process hands its batch to the kernel with one call.
    if (backendKind === 'user') yield cpu.charge(ACTOR.backend, costs.syscall);
    for (const transfer of batch) {
      if (transfer.dropped) yield* this.#fail(cpu, transfer);
      else yield* this.#submit(cpu, transfer);
    }
  }

  /** A bio for each run of machine memory, checked and handed to the driver. */
  *#submit(cpu: Cpu, transfer: BlkTransfer): Steps {
    const world = this.#world;
    const { costs, recorder, scenario } = world;
    const { request, direction, bytes } = transfer;
    const runs = merged(transfer.device);
    const span = recorder.begin(K.submitBio, cpu.track, request);
    yield cpu.charge(ACTOR.backend, costs.bioSubmit + runs.length * costs.bioSegment);
    if (direction === 'out') yield* this.#touch(cpu, transfer);
    if (scenario.blk.device === 'ramdisk') {
      yield* this.#copyRam(cpu, transfer);
      recorder.end(span, cpu.track, NONE, bytes, runs.length);
      this.#complete({ transfer, segments: [] });
      return;
    }
    const segments = yield* this.#in.dma.mapAll(cpu, ACTOR.backend, runs, direction, request);
    yield cpu.charge(ACTOR.backend, costs.descriptorPost + costs.doorbell);
    recorder.end(span, cpu.track, NONE, bytes, runs.length);
    const command: DiskCommand = {
      segments,
      bytes,
      write: direction === 'out',
      sector: transfer.sector,
      request,
      faulted: false,
      done: () => {
        if (command.faulted) transfer.dropped = true;
        cpu.interrupt(() => this.#interrupt({ transfer, segments }));
      },
    };
    this.#in.disk.submit(command);
  }

  /** Checksum or encryption of the payload, where the scenario asks for it. */
  *#touch(cpu: Cpu, transfer: BlkTransfer): Steps {
    const { costs, recorder, scenario } = this.#world;
    const { touch } = scenario.blk;
    if (touch === 'none') return;
    const rate = touch === 'checksum' ? costs.checksumRate : costs.encryptRate;
    const { request, bytes, device } = transfer;
    const dur = Math.round(bytes * rate);
    const mfn = device[0]?.mfn ?? NONE;
    const arg = touch === 'checksum' ? 0 : 1;
    recorder.leaf(K.cpuTouch, cpu.track, dur, request, mfn, bytes, NONE, NONE, arg);
    if (!cpu.passes(ACTOR.backend, dur)) yield dur;
  }

  /** A disk in memory: the backend copies between the pages and the disk's own. */
  *#copyRam(cpu: Cpu, { device, direction, sector, request }: BlkTransfer): Steps {
    let page = Math.floor((sector * SECTOR_BYTES) / PAGE_SIZE);
    for (const extent of device) {
      const own = Array.from({ length: framesOf(extent) }, () => ramdiskFrame(page++));
      if (direction === 'out') {
        yield* cpuCopy(this.#world, cpu, ACTOR.backend, extent, own, request);
        continue;
      }
      for (const [i, mfn] of own.entries()) {
        const part = { mfn, offset: 0, bytes: bytesInFrame(extent, i) };
        yield* cpuCopy(this.#world, cpu, ACTOR.backend, part, [extent.mfn + i], request);
      }
    }
  }

  *#interrupt(bio: Bio): Steps {
    const { costs, recorder } = this.#world;
    const { cpu } = this.#in;
    recorder.leaf(K.hardirq, cpu.track, costs.hardirq);
    if (!cpu.passes(ACTOR.backend, costs.hardirq)) yield costs.hardirq;
    this.#complete(bio);
  }

  #complete(bio: Bio): void {
    this.#done.push(bio);
    this.#finished.ring();
  }

  /** Softirq: finishes bios, brings data to the frontend, answers. */
  *#completions(): Steps {
    const { recorder, costs, backendKind } = this.#world;
    const { cpu } = this.#in;
    for (;;) {
      const bios = this.#done.splice(0, BATCH);
      if (bios.length === 0) {
        yield* this.#finished.wait();
        continue;
      }
      yield* cpu.acquire();
      const span = recorder.begin(K.bioEnd, cpu.track, NONE);
      if (backendKind === 'user') {
        yield cpu.charge(ACTOR.backend, costs.syscall + costs.userWake);
      }
      for (const { transfer, segments } of bios) {
        yield* this.#in.dma.unmapAll(cpu, ACTOR.backend, segments, transfer.request);
        if (!cpu.passes(ACTOR.backend, costs.bioComplete)) yield costs.bioComplete;
        if (transfer.direction === 'in') yield* this.#touch(cpu, transfer);
      }
      const transfers = bios.map((each) => each.transfer);
      yield* this.#deliver(cpu, transfers);
      recordEnd(this.#world, span, cpu, bios.length);
      yield* cpu.release();
    }
  }

  /** What was read goes to the frontend, as far as there is room; then the answers. */
  *#deliver(cpu: Cpu, transfers: readonly BlkTransfer[]): Steps {
    // Before delivery, which may find that a page is gone.
    const written = transfers.filter((each) => each.direction === 'out' || each.dropped);
    const read = [
      ...this.#undelivered,
      ...transfers.filter((each) => each.direction === 'in' && !each.dropped),
    ];
    const delivered = read.length === 0 ? 0 : yield* this.#in.carrier.deliver(cpu, read);
    this.#undelivered = read.slice(delivered);
    yield* this.#finish(cpu, [...read.slice(0, delivered), ...written]);
  }

  /** A frontend that has taken replies out of its area has made room for more. */
  *#deliverWaiting(cpu: Cpu): Steps {
    if (this.#undelivered.length === 0) return;
    const span = this.#world.recorder.begin(K.bioEnd, cpu.track, NONE);
    yield* this.#deliver(cpu, []);
    recordEnd(this.#world, span, cpu, 0);
  }

  *#finish(cpu: Cpu, transfers: readonly BlkTransfer[]): Steps {
    const { carrier } = this.#in;
    const now: BlkTransfer[] = [];
    for (const transfer of transfers) {
      if (transfer.dropped) this.dropped++;
      yield* carrier.transmitted(cpu, transfer);
      if (carrier.respondAt(transfer) === 'released') {
        // Each unmaps when nobody else has its pages; one that waits holds up no other.
        this.#world.engine.spawn(this.#release(transfer));
      } else now.push(transfer);
    }
    if (now.length > 0) yield* this.#respond(cpu, now);
  }

  *#release(transfer: BlkTransfer): Steps {
    const { cpu, carrier } = this.#in;
    yield* cpu.acquire();
    const span = this.#world.recorder.begin(K.bioEnd, cpu.track, transfer.request);
    yield* carrier.release(cpu, [transfer]);
    yield* this.#respond(cpu, [transfer]);
    recordEnd(this.#world, span, cpu, 1);
    yield* cpu.release();
  }

  /** What could not be made ready is answered with an error. */
  *#fail(cpu: Cpu, transfer: BlkTransfer): Steps {
    yield* this.#finish(cpu, [transfer]);
  }

  *#respond(cpu: Cpu, transfers: readonly BlkTransfer[]): Steps {
    const { ring, carrier, toFrontend, letGo } = this.#in;
    yield* pushResponses(this.#world, cpu, carrier, transfers);
    const notify = ring.respond(transfers);
    for (const transfer of transfers) letGo(transfer);
    if (carrier.signalling === 'own') toFrontend().deliver();
    else if (notify) yield* toFrontend().send(cpu, ACTOR.backend);
  }
}

/**
 * Frames of the host where a disk in memory lies: 60 MiB of what is in use before the run. That is more
 * than a cache holds; a larger disk would be as cold.
 */
const RAMDISK_FIRST = 1024;
const RAMDISK_FRAMES = 15_360;
const SECTOR_BYTES = 512;

const ramdiskFrame = (page: number): number => RAMDISK_FIRST + (page % RAMDISK_FRAMES);

function recordEnd(world: World, span: number, cpu: Cpu, n: number): void {
  world.recorder.end(span, cpu.track, NONE, NONE, n);
}
