/** Bytes at places, and numbers in the file's byte order. A length is believed up to the end of what is there. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { inflateSync, zstdDecompressSync } from 'node:zlib';

/** The longest piece of descriptions, or of pages, that is taken at once. */
const MAX_PIECE = 64 * 1024 * 1024;

/** The file does not hold what it says. */
export class Damage extends Error {}

export interface Bytes {
  readonly length: number;
  /** @throws Damage when not all of it is there */
  read(offset: number, length: number): Buffer;
}

export class FileBytes implements Bytes {
  readonly #file: number;
  readonly length: number;

  constructor(path: string) {
    this.#file = openSync(path, 'r');
    this.length = fstatSync(this.#file).size;
  }

  read(offset: number, length: number): Buffer {
    check(this, offset, length);
    const bytes = Buffer.alloc(length);
    let done = 0;
    while (done < length) {
      const count = readSync(this.#file, bytes, done, length - done, offset + done);
      if (count === 0) throw new Damage('the file became shorter');
      done += count;
    }
    return bytes;
  }

  close(): void {
    closeSync(this.#file);
  }
}

export class BufferBytes implements Bytes {
  readonly #buffer: Buffer;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  get length(): number {
    return this.#buffer.length;
  }

  read(offset: number, length: number): Buffer {
    check(this, offset, length);
    return this.#buffer.subarray(offset, offset + length);
  }
}

function check(bytes: Bytes, offset: number, length: number): void {
  if (!(length >= 0 && length <= MAX_PIECE && offset >= 0 && offset + length <= bytes.length)) {
    throw new Damage('it ends before what it announces');
  }
}

/** Reads one thing after another. */
export class Cursor {
  readonly bytes: Bytes;
  readonly big: boolean;
  at: number;

  constructor(bytes: Bytes, big: boolean, at = 0) {
    this.bytes = bytes;
    this.big = big;
    this.at = at;
  }

  take(length: number): Buffer {
    const taken = this.bytes.read(this.at, length);
    this.at += length;
    return taken;
  }

  u8(): number {
    return this.take(1).readUInt8(0);
  }

  u16(): number {
    const taken = this.take(2);
    return this.big ? taken.readUInt16BE(0) : taken.readUInt16LE(0);
  }

  u32(): number {
    const taken = this.take(4);
    return this.big ? taken.readUInt32BE(0) : taken.readUInt32LE(0);
  }

  u64(): bigint {
    const taken = this.take(8);
    return this.big ? taken.readBigUInt64BE(0) : taken.readBigUInt64LE(0);
  }

  /** A 64-bit length or place. */
  size(): number {
    const value = this.u64();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Damage('a length without measure');
    return Number(value);
  }

  /** Text up to its NUL. */
  string(): string {
    for (let length = 64; ; length *= 4) {
      const there = Math.min(length, this.bytes.length - this.at);
      const piece = this.bytes.read(this.at, there);
      const end = piece.indexOf(0);
      if (end >= 0) {
        this.at += end + 1;
        return piece.toString('utf8', 0, end);
      }
      if (there < length || length > 65_536) throw new Damage('a name without an end');
    }
  }

  text(length: number): string {
    return this.take(length).toString('utf8');
  }
}

export type Decompress = (packed: Buffer, length: number) => Buffer;

/** @throws Damage for a compression that is not known */
export function decompressor(name: string): Decompress | null {
  if (name === 'none' || name === '') return null;
  const unpack = { zlib: inflateSync, zstd: zstdDecompressSync }[name];
  if (unpack === undefined) throw new Damage(`its compression "${name.slice(0, 40)}" is not known`);
  return (packed, length) => {
    if (length > MAX_PIECE) throw new Damage('a length without measure');
    try {
      const made = unpack(packed, { maxOutputLength: Math.max(length, 1) });
      if (made.length === length) return made;
    } catch {
      // Said below.
    }
    throw new Damage('a compressed section is damaged');
  };
}
