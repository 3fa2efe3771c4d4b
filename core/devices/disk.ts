/**
 * Storage as its driver sees it: commands with segments, worked on side by side as far as the device
 * has channels, each with a latency, its DMA, and a share of the media's rate; done one by one.
 *
 * Network storage is a target over TCP: the data on the link, a round trip, and now and then an
 * acknowledgement that is lost, so that a copy of what was sent stays queued and is sent again.
 */
import { K } from '../contract/kinds.ts';
import type { Steps } from '../engine/engine.ts';
import type { RandomStream } from '../engine/random.ts';
import { NONE } from '../engine/recording.ts';
import type { DmaMapping } from '../primitives/dma-api.ts';
import type { Iommu } from '../primitives/iommu.ts';
import type { World } from '../primitives/world.ts';
import { moveSegment } from './dma.ts';
import { STORAGE } from './storage/profiles.ts';

/** What a driver hands over. */
export interface DiskCommand {
  readonly segments: readonly DmaMapping[];
  readonly bytes: number;
  readonly write: boolean;
  /** First sector of 512 bytes. */
  readonly sector: number;
  readonly request: number;
  /** A segment could not be reached. */
  faulted: boolean;
  /** Called when the device is done: its interrupt. */
  done(): void;
}

const SECTOR_BYTES = 512;
/** Headers of the frames that carry data to a target, for each 1448 bytes of it. */
const TCP_PAYLOAD = 1448;
const TCP_OVERHEAD = 78;

export class Disk {
  readonly #world: World;
  readonly #iommu: Iommu;
  readonly #waiting: DiskCommand[] = [];
  readonly #losses: RandomStream;
  readonly #retransmit: ((command: DiskCommand) => void) | null;
  #free: number;
  #mediaFreeAt = 0;
  #linkFreeAt = 0;
  #nextSector = -1;
  busyPs = 0;
  linkBusyPs = 0;

  /** @param retransmit network storage: a write whose acknowledgement is lost stays queued */
  constructor(world: World, iommu: Iommu, retransmit: ((command: DiskCommand) => void) | null) {
    const { device } = world.scenario.blk;
    this.#world = world;
    this.#iommu = iommu;
    this.#retransmit = retransmit;
    this.#losses = world.random.stream('lost acknowledgements');
    this.#free =
      device === 'network' ? 256 : STORAGE[device === 'ssd' ? 'ssd' : 'slow-disk'].channels.value;
  }

  submit(command: DiskCommand): void {
    if (this.#free === 0) {
      this.#waiting.push(command);
      return;
    }
    this.#free--;
    this.#world.engine.spawn(this.#serve(command));
  }

  *#serve(first: DiskCommand): Steps {
    const { blk } = this.#world.scenario;
    for (let command: DiskCommand | undefined = first; command !== undefined;) {
      if (blk.device === 'network') yield* this.#remote(command);
      else yield* this.#local(command);
      command.done();
      command = this.#waiting.shift();
    }
    this.#free++;
  }

  *#local(command: DiskCommand): Steps {
    const { recorder, tracks, engine, scenario } = this.#world;
    const profile = STORAGE[scenario.blk.device === 'slow-disk' ? 'slow-disk' : 'ssd'];
    const { write, sector, bytes, request } = command;
    const follows = sector === this.#nextSector;
    this.#nextSector = sector + Math.ceil(bytes / SECTOR_BYTES);
    const latency = write ? profile.writeLatency : profile.readLatency;
    const away = follows && profile.seek.value > 0 ? 0 : latency.value + profile.seek.value;
    if (write) yield* this.#move(command);
    const media = Math.round((bytes * 1000) / profile.rate.value);
    const start = Math.max(engine.now, this.#mediaFreeAt);
    this.#mediaFreeAt = start + media;
    const dur = Math.round(away * 1000) + (start - engine.now) + media;
    recorder.leaf(K.disk, tracks.disk, dur, request, NONE, bytes, NONE, NONE, sector);
    this.busyPs += media;
    yield dur;
    if (!write) yield* this.#move(command);
  }

  *#remote(command: DiskCommand): Steps {
    const { recorder, tracks, costs, engine, scenario } = this.#world;
    const { write, bytes, request, sector } = command;
    const frames = Math.ceil(bytes / TCP_PAYLOAD);
    const wire = Math.round((bytes + frames * TCP_OVERHEAD) * costs.wirePerByte);
    if (write) yield* this.#move(command);
    const start = Math.max(engine.now, this.#linkFreeAt);
    this.#linkFreeAt = start + wire;
    const [kind, track] = write ? [K.wire, tracks.wire] : [K.wireIn, tracks.wireIn];
    yield start - engine.now;
    recorder.leaf(kind, track, wire, request, NONE, bytes, frames);
    this.linkBusyPs += wire;
    yield wire;
    const away = scenario.blk.rttNs * 1000;
    recorder.leaf(K.disk, tracks.disk, away, request, NONE, bytes, NONE, NONE, sector);
    yield away;
    if (!write) yield* this.#move(command);
    else if (this.#losses.below(1_000_000) < scenario.blk.lossPpm) this.#retransmit?.(command);
  }

  *#move(command: DiskCommand): Steps {
    for (const segment of command.segments) {
      const { bytes } = segment.extent;
      const { faulted } = yield* moveSegment(
        this.#world,
        this.#iommu,
        segment,
        command.request,
        bytes,
      );
      if (faulted) command.faulted = true;
    }
  }
}
