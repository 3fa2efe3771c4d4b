/**
 * The monitor of a live migration: hears of entries and invalidations from the IOMMU, of writes from the
 * device (the truth that it is judged by), and records what it takes as dirty. What it costs the VMM is
 * part of handling the request that it sees; it has no time of its own.
 */
import { K } from '../contract/kinds.ts';
import type { Recorder } from '../engine/recorder.ts';
import { NONE } from '../engine/recording.ts';
import {
  DirtyLog,
  MARK,
  type DirtyMode,
  type DirtySummary,
  type Mark,
} from '../memory/dirty-log.ts';
import { gfnOf, type DirtyMonitor, type Guest } from './world.ts';

export class IommuDirtyMonitor implements DirtyMonitor {
  readonly #recorder: Recorder;
  readonly #track: number;
  readonly #guests: readonly Guest[];
  readonly #log: DirtyLog;

  /** @param track where marks are recorded */
  constructor(recorder: Recorder, track: number, guests: readonly Guest[], mode: DirtyMode) {
    this.#recorder = recorder;
    this.#track = track;
    this.#guests = guests;
    const first = Math.min(...guests.map(({ memory }) => memory.first));
    const end = Math.max(...guests.map(({ memory }) => memory.first + memory.frames));
    this.#log = new DirtyLog(mode, first, end - first);
  }

  writable(mfn: number): void {
    this.#log.writable(mfn);
  }

  alwaysWritable(first: number, frames: number): void {
    this.#log.alwaysWritable(first, frames);
  }

  unmapped(mfn: number, writable: boolean): void {
    this.#record(mfn, 1, this.#log.unmapped(mfn, writable));
  }

  flushed(mfn: number): void {
    this.#record(mfn, 1, this.#log.flushed(mfn));
  }

  written(mfn: number): void {
    this.#log.written(mfn);
  }

  stopAndCopy(): void {
    if (this.#log.stopped) return;
    for (const { first, pages, mark } of this.#log.stop()) this.#record(first, pages, mark);
  }

  summary(): DirtySummary {
    return this.#log.summary();
  }

  #record(mfn: number, pages: number, mark: Mark): void {
    if (mark === MARK.none) return;
    const owner = this.#guests.find(
      ({ memory }) => mfn >= memory.first && mfn < memory.first + memory.frames,
    );
    const gfn = owner === undefined ? NONE : gfnOf(owner, mfn);
    this.#recorder.leaf(K.dirtyMark, this.#track, 0, NONE, gfn, NONE, pages, NONE, mark);
  }
}
