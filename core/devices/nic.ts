/**
 * A network card: a ring of descriptors, a DMA engine that fetches segments in order, a link that
 * serialises packets, and transmit interrupts that wait a while for company.
 *
 * The engine fetches ahead of the link as far as the card's packet buffer allows, so that a slow
 * translation shows as lost throughput only when it is slower than the link.
 */
import { K } from '../contract/kinds.ts';
import { COUNTERS } from '../engine/counters.ts';
import { Signal, type Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import { bytesInFrame, framesOf } from '../primitives/copies.ts';
import { TRANSLATION, type DmaMapping, type Iommu } from '../primitives/iommu.ts';
import type { World } from '../primitives/world.ts';

/** Packet buffer between DMA engine and link. */
const BUFFER_BYTES = 128 * 1024;
/** Bytes of preamble, header, check sequence and gap for each frame on the wire. */
const WIRE_OVERHEAD_BYTES = 24;
const MTU_BYTES = 1500;
/** Completions that make the interrupt come at once. */
const COALESCE_PACKETS = 32;

/** What a driver posts. */
export interface TransmitJob {
  readonly segments: readonly DmaMapping[];
  readonly bytes: number;
  readonly request: number;
  /** A segment could not be fetched: the packet is dropped. */
  faulted: boolean;
}

export class Nic {
  readonly #world: World;
  readonly #iommu: Iommu;
  readonly #interrupt: () => void;
  readonly #onWire: (job: TransmitJob) => void;
  readonly #posted: TransmitJob[] = [];
  readonly #fetched: TransmitJob[] = [];
  readonly #completed: TransmitJob[] = [];
  readonly #work: Signal;
  readonly #toSend: Signal;
  readonly #drained: Signal;
  #descriptors = 0;
  #bufferedBytes = 0;
  #interruptsOn = true;
  #timerGeneration = 0;
  #timerRunning = false;
  dmaBusyPs = 0;
  wireBusyPs = 0;

  /**
   * @param interrupt raises the transmit interrupt
   * @param onWire a packet's last bit has left
   */
  constructor(
    world: World,
    iommu: Iommu,
    interrupt: () => void,
    onWire: (job: TransmitJob) => void,
  ) {
    this.#world = world;
    this.#iommu = iommu;
    this.#interrupt = interrupt;
    this.#onWire = onWire;
    this.#work = new Signal(world.engine);
    this.#toSend = new Signal(world.engine);
    this.#drained = new Signal(world.engine);
    world.engine.spawn(this.#fetch());
    world.engine.spawn(this.#transmit());
  }

  /** Is there room for a packet of `segments` descriptors? */
  hasRoom(segments: number): boolean {
    return this.#descriptors + segments <= this.#world.scenario.device.ringEntries;
  }

  /** Puts a packet on the ring; the doorbell makes the card look at it. */
  post(job: TransmitJob): void {
    this.#descriptors += job.segments.length;
    this.#posted.push(job);
    this.#world.counters.set(COUNTERS.nicDescriptors, this.#descriptors);
  }

  doorbell(): void {
    this.#work.raise();
  }

  /** The driver takes what has been sent, up to `budget` packets. */
  takeCompleted(budget: number): TransmitJob[] {
    const taken = this.#completed.splice(0, budget);
    for (const job of taken) this.#descriptors -= job.segments.length;
    this.#world.counters.set(COUNTERS.nicDescriptors, this.#descriptors);
    return taken;
  }

  /** The driver has finished polling and wants interrupts again. */
  enableInterrupts(): void {
    this.#interruptsOn = true;
    this.#consider();
  }

  *#fetch(): Steps {
    const { recorder, tracks, costs, oracle } = this.#world;
    for (;;) {
      const job = this.#posted.shift();
      if (job === undefined) {
        yield* this.#work.wait();
        continue;
      }
      while (this.#bufferedBytes >= BUFFER_BYTES) yield* this.#drained.wait();
      for (const { dfn, extent } of job.segments) {
        for (let i = 0; i < framesOf(extent); i++) {
          const bytes = bytesInFrame(extent, i);
          const { mfn, how, levels } = this.#iommu.translate(dfn + i);
          const walk = levels * costs.walkPerLevel;
          if (levels > 0) {
            recorder.leaf(
              K.iotlbWalk,
              tracks.iommu,
              walk,
              job.request,
              dfn + i,
              NONE,
              NONE,
              NONE,
              levels,
            );
          }
          if (mfn === -1) {
            const event = recorder.leaf(
              K.fault,
              tracks.iommu,
              0,
              job.request,
              dfn + i,
              NONE,
              NONE,
              NONE,
              6,
            );
            oracle.access('device', extent.mfn + i, job.request, event, 'blocked');
            job.faulted = true;
            continue;
          }
          const share = Math.round((costs.dmaPerPage * bytes) / 4096) + walk;
          const dur = Math.max(Math.round(bytes * costs.dmaPerByte), share);
          const event = recorder.leaf(
            K.dmaRead,
            tracks.dmaEngine,
            dur,
            job.request,
            dfn + i,
            bytes,
            NONE,
            NONE,
            how,
          );
          const outcome = how === TRANSLATION.stale ? 'stale' : 'done';
          oracle.access('device', mfn, job.request, event, outcome);
          this.dmaBusyPs += dur;
          yield dur;
        }
      }
      this.#bufferedBytes += job.bytes;
      this.#fetched.push(job);
      this.#toSend.raise();
    }
  }

  *#transmit(): Steps {
    const { recorder, tracks, costs } = this.#world;
    for (;;) {
      const job = this.#fetched.shift();
      if (job === undefined) {
        yield* this.#toSend.wait();
        continue;
      }
      const frames = Math.ceil(job.bytes / MTU_BYTES);
      const dur = Math.round((job.bytes + frames * WIRE_OVERHEAD_BYTES) * costs.wirePerByte);
      if (!job.faulted) {
        recorder.leaf(K.wire, tracks.wire, dur, job.request, NONE, job.bytes, frames);
        this.wireBusyPs += dur;
        yield dur;
      }
      this.#bufferedBytes -= job.bytes;
      if (this.#drained.waiting) this.#drained.raise();
      this.#completed.push(job);
      this.#onWire(job);
      this.#consider();
    }
  }

  /** Interrupts at once when enough packets wait, else when the first has waited long enough. */
  #consider(): void {
    if (!this.#interruptsOn || this.#completed.length === 0) return;
    if (this.#completed.length >= COALESCE_PACKETS) {
      this.#raise();
    } else if (!this.#timerRunning) {
      this.#timerRunning = true;
      this.#world.engine.spawn(this.#timer(++this.#timerGeneration));
    }
  }

  *#timer(generation: number): Steps {
    yield this.#world.scenario.device.coalesceNs * 1000;
    if (generation !== this.#timerGeneration) return;
    this.#timerRunning = false;
    if (this.#interruptsOn && this.#completed.length > 0) this.#raise();
  }

  #raise(): void {
    const { recorder, tracks } = this.#world;
    this.#interruptsOn = false;
    this.#timerGeneration++;
    this.#timerRunning = false;
    recorder.leaf(K.devIrq, tracks.dmaEngine, 0);
    this.#interrupt();
  }
}
