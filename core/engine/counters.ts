import { PS_PER_NS } from '../base/brand.ts';
import type { Engine } from './engine.ts';
import { NONE, type CounterRecord, type TraceSink } from './recording.ts';

const SAMPLE_PS = 1000 * PS_PER_NS;

/** Lookups in the IOTLB over which its hit rate is told. */
export const IOTLB_WINDOW = 100;

/** What is counted over time, for area tracks. */
export const COUNTERS = {
  ringSlots: 0,
  nicDescriptors: 1,
  mappedPages: 2,
  bounceSlots: 3,
  flushQueue: 4,
  exposureKiB: 5,
  backendPages: 6,
  iotlbHits: 7,
} as const;

export const COUNTER_RECORDS: readonly CounterRecord[] = [
  { id: COUNTERS.ringSlots, name: 'Transmit ring', unit: 'slots' },
  { id: COUNTERS.nicDescriptors, name: 'NIC ring', unit: 'descriptors' },
  { id: COUNTERS.mappedPages, name: 'Mapped pages', unit: 'pages' },
  { id: COUNTERS.bounceSlots, name: 'Bounce pool', unit: 'slots' },
  { id: COUNTERS.flushQueue, name: 'Flush queue', unit: 'entries' },
  { id: COUNTERS.exposureKiB, name: 'Exposure beyond need', unit: 'KiB' },
  { id: COUNTERS.backendPages, name: 'Backend pages', unit: 'pages' },
  { id: COUNTERS.iotlbHits, name: 'IOTLB hit rate', unit: `% of ${IOTLB_WINDOW} lookups` },
];

/** Values over time, thinned to the last one in each microsecond; and each one's maximum. */
export class Counters {
  readonly #engine: Engine;
  readonly #sink: TraceSink | null;
  readonly #at = new Float64Array(COUNTER_RECORDS.length).fill(NONE);
  /** Where the microsecond ends in which it was set last. */
  readonly #until = new Float64Array(COUNTER_RECORDS.length).fill(NONE);
  readonly #value = new Float64Array(COUNTER_RECORDS.length);
  readonly #max = new Float64Array(COUNTER_RECORDS.length);

  constructor(engine: Engine, sink: TraceSink | null) {
    this.#engine = engine;
    this.#sink = sink;
  }

  /** Does anybody record? What is counted for traces alone is not worth counting otherwise. */
  get recorded(): boolean {
    return this.#sink !== null;
  }

  set(counter: number, value: number): void {
    if (value > (this.#max[counter] as number)) this.#max[counter] = value;
    if (this.#sink === null) {
      this.#value[counter] = value;
      return;
    }
    const { now } = this.#engine;
    if (now >= (this.#until[counter] as number)) {
      const at = this.#at[counter] as number;
      if (at !== NONE) this.#sink.sample(counter, at, this.#value[counter] as number);
      this.#until[counter] = (Math.floor(now / SAMPLE_PS) + 1) * SAMPLE_PS;
    }
    this.#at[counter] = now;
    this.#value[counter] = value;
  }

  /** Adds to a counter's value. */
  add(counter: number, delta: number): void {
    this.set(counter, (this.#value[counter] as number) + delta);
  }

  maxOf(counter: number): number {
    return this.#max[counter] as number;
  }

  /** Passes on the last values. */
  finish(): void {
    if (this.#sink === null) return;
    for (const { id } of COUNTER_RECORDS) {
      const at = this.#at[id] as number;
      if (at !== NONE) this.#sink.sample(id, at, this.#value[id] as number);
    }
  }
}
