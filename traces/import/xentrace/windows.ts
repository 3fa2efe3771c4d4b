/**
 * Which records of a file belong to which physical CPU. xentrace writes a window of one CPU after a
 * window of another; within a CPU the records are in order of time.
 */
import { closeSync, openSync, readSync } from 'node:fs';

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
  readonly cpu: number | null;
  readonly line: number;
  readonly event: number;
  /** That of the record before it, where it has none; null before the first. */
  readonly tsc: number | bigint | null;
  readonly timed: boolean;
  readonly words: readonly number[];
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
  #from = 0;
  #length = 0;

  constructor(file: number, from: number, end: number) {
    this.#file = file;
    this.#from = from;
    this.#end = end;
  }

  /** Bytes from `at` on: as many as a record may have, less at the end. `at` never decreases. */
  at(at: number): { bytes: Buffer; offset: number; left: number } {
    if (at + MAX_RECORD_BYTES > this.#from + this.#length) {
      const wanted = Math.min(PIECE_BYTES, this.#end - at);
      this.#from = at;
      this.#length = wanted <= 0 ? 0 : readSync(this.#file, this.#piece, 0, wanted, at);
    }
    const offset = at - this.#from;
    return { bytes: this.#piece, offset, left: this.#length - offset };
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
      const { bytes, offset, left } = pieces.at(at);
      const head = left >= 4 ? bytes.readUInt32LE(offset) : 0;
      const length = left >= 4 ? lengthOf(head) : 4;
      if (left === 0) break;
      this.records += 1;
      if (left < length) {
        const rest = bytes.toString('hex', offset, offset + left);
        warn(this.records, 'the file ends within a record', rest);
        break;
      }
      const event = head & 0x0fffffff;
      if (event === PADDING) this.skipped += 1;
      if (event === CPU_CHANGE) {
        this.skipped += 1;
        const words = offset + length - 4 * ((head >>> 28) & 7);
        const cpu = words < offset + length ? bytes.readUInt32LE(words) : MAX_CPUS;
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
  *of(cpu: number | null): Generator<XenRecord> {
    let tsc: number | bigint | null = null;
    for (const { start, end, line: first } of this.#windows.get(cpu) ?? []) {
      const pieces = new Pieces(this.#file, start, end);
      let line = first;
      for (let at = start; at < end; line++) {
        const { bytes, offset } = pieces.at(at);
        const head = bytes.readUInt32LE(offset);
        const timed = head >= 0x80000000;
        const length = lengthOf(head);
        const event = head & 0x0fffffff;
        at += length;
        if (event === CPU_CHANGE || event === PADDING) continue;
        if (timed) {
          const high = bytes.readUInt32LE(offset + 8);
          const low = bytes.readUInt32LE(offset + 4);
          tsc = high < 0x20_0000 ? high * 2 ** 32 + low : (BigInt(high) << 32n) | BigInt(low);
        }
        const words: number[] = [];
        for (let word = offset + (timed ? 12 : 4); word < offset + length; word += 4) {
          words.push(bytes.readUInt32LE(word));
        }
        yield { cpu, line, event, tsc, timed, words };
      }
    }
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
