/**
 * Rows as SQLite stores them: a header of serial types, then the values. Source: "Database File
 * Format", 2.1 (sqlite.org/fileformat2.html).
 */
import { InvariantError } from '../../core/base/assert.ts';

/** Serial types: NULL, integers of 1 to 8 bytes, the integers 0 and 1, and text. */
const NULL = 0;
const BYTES_6 = 5;
const BYTES_8 = 6;
const ZERO = 8;
const ONE = 9;
const TEXT = 13;

const TWO_32 = 2 ** 32;
const TWO_47 = 2 ** 47;
/** Columns whose serial types fit in a header of one length byte, the widest text included. */
const MAX_COLUMNS = 24;

/** Writes a number as SQLite's varint, below 2^53. @returns the place after it */
export function putVarint(to: Uint8Array, at: number, value: number): number {
  if (value < 0x80) {
    to[at] = value;
    return at + 1;
  }
  const length = varintLength(value);
  let rest = value;
  for (let i = length - 1; i >= 0; i--) {
    to[at + i] = (rest % 0x80) | (i === length - 1 ? 0 : 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return at + length;
}

/** Bytes of a number below 2^53 as a varint. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length += 1;
  return length;
}

/**
 * Builds one record after another: `start`, then each column in order, then read `header`, `body` and
 * their lengths. A column that is the INTEGER PRIMARY KEY is NULL: its value is the rowid.
 */
export class RecordBuilder {
  /** Length of the header, then serial types. */
  readonly header = new Uint8Array(1 + MAX_COLUMNS * 5);
  headerLength = 1;
  body = Buffer.allocUnsafe(4096);
  bodyLength = 0;

  start(): void {
    this.headerLength = 1;
    this.bodyLength = 0;
  }

  null(): void {
    this.header[this.headerLength++] = NULL;
  }

  /** An integer or NULL. */
  number(value: number | bigint | null): void {
    if (value === null) this.null();
    else this.integer(value);
  }

  /** @param value a whole number of at most 64 bits, as a number or a bigint */
  integer(value: number | bigint): void {
    if (typeof value === 'bigint') return this.#wide(value);
    const small = value | 0;
    if (small !== value) return this.#large(value);
    const { body } = this;
    let at = this.bodyLength;
    let type: number;
    if (small === 0) type = ZERO;
    else if (small === 1) type = ONE;
    else if (small >= -0x80 && small < 0x80) {
      type = 1;
      body[at++] = small;
    } else if (small >= -0x8000 && small < 0x8000) {
      type = 2;
      body[at++] = small >> 8;
      body[at++] = small;
    } else if (small >= -0x80_0000 && small < 0x80_0000) {
      type = 3;
      body[at++] = small >> 16;
      body[at++] = small >> 8;
      body[at++] = small;
    } else {
      type = 4;
      at = put32(body, at, small);
    }
    this.header[this.headerLength++] = type;
    this.bodyLength = at;
  }

  text(value: string): void {
    const at = this.bodyLength;
    // A UTF-16 unit takes three bytes at most.
    this.#reserve(value.length * 3);
    const length = this.body.write(value, at, 'utf8');
    this.headerLength = putVarint(this.header, this.headerLength, TEXT + 2 * length);
    this.bodyLength = at + length;
  }

  /** Text that is UTF-8 already. */
  utf8(bytes: Buffer, from: number, length: number): void {
    const at = this.bodyLength;
    this.#reserve(length);
    bytes.copy(this.body, at, from, from + length);
    this.headerLength = putVarint(this.header, this.headerLength, TEXT + 2 * length);
    this.bodyLength = at + length;
  }

  /** Completes the header. @returns bytes of the record */
  end(): number {
    this.header[0] = this.headerLength;
    return this.headerLength + this.bodyLength;
  }

  #large(value: number): void {
    // No `assert` here or below: it would write its message each time.
    if (!Number.isSafeInteger(value)) throw new InvariantError(`${value} is not a whole number`);
    const high = Math.floor(value / TWO_32);
    const { body } = this;
    let at = this.bodyLength;
    if (value >= -TWO_47 && value < TWO_47) {
      this.header[this.headerLength++] = BYTES_6;
      body[at++] = high >> 8;
      body[at++] = high;
    } else {
      this.header[this.headerLength++] = BYTES_8;
      at = put32(body, at, high);
    }
    this.bodyLength = put32(body, at, value >>> 0);
  }

  #wide(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) {
      throw new InvariantError(`${value} does not fit in 64 bits`);
    }
    this.header[this.headerLength++] = BYTES_8;
    this.bodyLength = this.body.writeBigInt64BE(value, this.bodyLength);
  }

  /** Room for so many bytes more, and for the integers of the columns that follow. */
  #reserve(bytes: number): void {
    const needed = this.bodyLength + bytes + 8 * MAX_COLUMNS;
    if (needed <= this.body.length) return;
    const grown = Buffer.allocUnsafe(2 * needed);
    this.body.copy(grown, 0, 0, this.bodyLength);
    this.body = grown;
  }
}

function put32(to: Uint8Array, at: number, value: number): number {
  to[at] = value >> 24;
  to[at + 1] = value >> 16;
  to[at + 2] = value >> 8;
  to[at + 3] = value;
  return at + 4;
}
