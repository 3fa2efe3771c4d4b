/**
 * Which records of a file belong to which physical CPU. xentrace writes a window of one CPU after a
 * window of another; within a CPU the records are in order of time.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Place } from '../recorded.ts';

const CPU_CHANGE = 0x1f003;
const PADDING = 0x1f002;
const PIECE_BYTES = 256 * 1024;
/** The longest record: head, time stamp, seven words. */
const MAX_RECORD_BYTES = 40;
export const MAX_CPUS = 16_384;

interface Window {
  readonly start: number;
  end: number;
  /** Number of its first record in the file, from 1. */
  readonly line: number;
}

/** One record, of a CPU. */
export interface XenRecord {
  readonly place: Place;
  line: number;
  event: number;
  /** That of the record before it, where it has none; null before the first. */
  tsc: number | bigint | null;
  timed: boolean;
  /** So many words; those behind them are of an earlier record. */
  count: number;
  readonly words: number[];
}

/** Length of a record by its first word. */
function lengthOf(head: number): number {
  return 4 + (head >= 0x80000000 ? 8 : 0) + 4 * ((head >>> 28) & 7);
}

/** A file read from front to back, a piece at a time. */
class Pieces {
  readonly #file: number;
  readonly #end: number;
  readonly #piece = Buffer.alloc(PIECE_BYTES);
  readonly #view = new DataView(this.#piece.buffer, this.#piece.byteOffset, PIECE_BYTES);
  #from = 0;
  #offset = 0;
  #length = 0;

  constructor(file: number, from: number, end: number) {
    this.#file = file;
    this.#from = from;
    this.#end = end;
  }

  /** Makes bytes from `at` on be there: as many as a record may have, less at the end. `at` never decreases. */
  seek(at: number): void {
    if (at + MAX_RECORD_BYTES > this.#from + this.#length) {
      const wanted = Math.min(PIECE_BYTES, this.#end - at);
      this.#from = at;
      this.#length = wanted <= 0 ? 0 : readSync(this.#file, this.#piece, 0, wanted, at);
    }
    this.#offset = at - this.#from;
  }

  /** Bytes that are there. */
  get left(): number {
    return this.#length - this.#offset;
  }

  /** The word at so many bytes from there. */
  word(bytes: number): number {
    return this.#view.getUint32(this.#offset + bytes, true);
  }

  hex(): string {
    return this.#piece.toString('hex', this.#offset, this.#length);
  }
}

export class Windows {
  readonly #file: number;
  readonly #windows = new Map<number | null, Window[]>();
  /** Records, and those of them that are changes of CPU or padding. */
  records = 0;
  skipped = 0;

  /** @param warn takes what is wrong with the file, with the number of the record */
  constructor(path: string, warn: (line: number, reason: string, text: string) => void) {
    this.#file = openSync(path, 'r');
    const pieces = new Pieces(this.#file, 0, Infinity);
    let window = this.#open(null, 0);
    for (let at = 0; ;) {
      pieces.seek(at);
      const { left } = pieces;
      const head = left >= 4 ? pieces.word(0) : 0;
      const length = left >= 4 ? lengthOf(head) : 4;
      if (left === 0) break;
      this.records += 1;
      if (left < length) {
        warn(this.records, 'the file ends within a record', pieces.hex());
        break;
      }
      const event = head & 0x0fffffff;
      if (event === PADDING) this.skipped += 1;
      if (event === CPU_CHANGE) {
        this.skipped += 1;
        const words = length - 4 * ((head >>> 28) & 7);
        const cpu = words < length ? pieces.word(words) : MAX_CPUS;
        if (cpu >= MAX_CPUS)
          warn(this.records, 'a change to a CPU that no machine has', String(cpu));
        window = this.#open(cpu < MAX_CPUS ? cpu : null, at + length);
      }
      at += length;
      window.end = at;
    }
  }

  get cpus(): (number | null)[] {
    return [...this.#windows.keys()];
  }

  /** The records of a CPU in the order of the file, without changes of CPU and padding. */
  of(cpu: number | null): Iterator<XenRecord> {
    return new CpuRecords(this.#file, cpu, this.#windows.get(cpu) ?? []);
  }

  close(): void {
    closeSync(this.#file);
  }

  #open(cpu: number | null, start: number): Window {
    let windows = this.#windows.get(cpu);
    if (windows === undefined) this.#windows.set(cpu, (windows = []));
    const window = { start, end: start, line: this.records + 1 };
    windows.push(window);
    return window;
  }
}

/** The records of one CPU. There is one object for all of them: it is that of the next when that is asked for. */
class CpuRecords implements Iterator<XenRecord> {
  readonly #file: number;
  readonly #windows: readonly Window[];
  #window = -1;
  #pieces: Pieces | undefined;
  #at = 0;
  #end = 0;
  #line = 0;
  readonly #record: XenRecord;
  readonly #result: IteratorYieldResult<XenRecord>;

  constructor(file: number, cpu: number | null, windows: readonly Window[]) {
    this.#file = file;
    this.#windows = windows;
    const words = [0, 0, 0, 0, 0, 0, 0];
    const nothing = { line: 0, event: 0, tsc: null, timed: false, count: 0 };
    this.#record = { place: { segment: 1, cpu }, ...nothing, words };
    this.#result = { done: false, value: this.#record };
  }

  next(): IteratorResult<XenRecord, undefined> {
    for (;;) {
      while (this.#at >= this.#end || this.#pieces === undefined) {
        this.#window += 1;
        const window = this.#windows[this.#window];
        if (window === undefined) return { done: true, value: undefined };
        this.#at = window.start;
        this.#end = window.end;
        this.#line = window.line;
        this.#pieces = new Pieces(this.#file, window.start, window.end);
      }
      if (this.#read(this.#pieces)) return this.#result;
    }
  }

  /** False for a record that is none of the CPU's. */
  #read(pieces: Pieces): boolean {
    pieces.seek(this.#at);
    const head = pieces.word(0);
    const line = this.#line;
    this.#at += lengthOf(head);
    this.#line += 1;
    const event = head & 0x0fffffff;
    if (event === CPU_CHANGE || event === PADDING) return false;
    const record = this.#record;
    record.line = line;
    record.event = event;
    record.timed = head >= 0x80000000;
    if (record.timed) record.tsc = unsigned64(pieces.word(4), pieces.word(8));
    const first = record.timed ? 12 : 4;
    record.count = (head >>> 28) & 7;
    for (let i = 0; i < record.count; i++) record.words[i] = pieces.word(first + 4 * i);
    return true;
  }
}

/** As a number where a double is exact. */
function unsigned64(low: number, high: number): number | bigint {
  return high < 0x20_0000 ? high * 2 ** 32 + low : (BigInt(high) << 32n) | BigInt(low);
}
