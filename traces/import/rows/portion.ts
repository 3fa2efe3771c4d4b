/** Rows on their way to another thread. */

/** An event, its source and its details, as they stand in the tables. */
export interface EventRow {
  readonly ts: number;
  readonly dur: number;
  readonly kind: number;
  readonly track: { readonly id: number };
  readonly request: number | null;
  readonly frame: number | bigint | null;
  readonly bytes: number | null;
  readonly n: number | null;
  readonly status: number | null;
  readonly arg: number | bigint | null;
  readonly line: number;
  readonly text: string;
}

/** Whoever takes events that are ready to be written, in order of id. */
export interface RowSink {
  /** @param details as JSON */
  write(id: number, level: number, row: EventRow, details: string): void;
}

/** Plain data. */
export interface RowPortion {
  /** Columns of `events`, line, bytes of text and of details; then those of the next row. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** What does not fit in a number, in order; its place among the numbers holds `WIDE`. */
  readonly wide: readonly bigint[];
  /** Text and details of each row, one after another, in UTF-8. */
  readonly texts: ArrayBuffer;
}

const ROWS = 1024;
export const NUMBERS = 15;
/** Texts of a portion, about: long ones end it early. */
const TEXT_BYTES = 2 ** 20;
const NULL = NaN;
export const WIDE = Infinity;

/** Gathers rows into portions. */
export class Packer implements RowSink {
  readonly #give: (portion: RowPortion) => void;
  readonly #numbers = new Float64Array(ROWS * NUMBERS);
  #count = 0;
  #wide: bigint[] = [];
  #texts = Buffer.allocUnsafeSlow(TEXT_BYTES);
  #bytes = 0;

  constructor(give: (portion: RowPortion) => void) {
    this.#give = give;
  }

  write(id: number, level: number, row: EventRow, details: string): void {
    const numbers = this.#numbers;
    const at = this.#count * NUMBERS;
    numbers[at] = id;
    numbers[at + 1] = row.ts;
    numbers[at + 2] = row.dur;
    numbers[at + 3] = row.kind;
    numbers[at + 4] = row.track.id;
    numbers[at + 5] = level;
    numbers[at + 6] = row.request ?? NULL;
    numbers[at + 7] = this.#narrow(row.frame);
    numbers[at + 8] = row.bytes ?? NULL;
    numbers[at + 9] = row.n ?? NULL;
    numbers[at + 10] = row.status ?? NULL;
    numbers[at + 11] = this.#narrow(row.arg);
    numbers[at + 12] = row.line;
    const both = row.text + details;
    const length = this.#add(both);
    // Of ASCII every letter is a byte.
    const first = length === both.length ? row.text.length : Buffer.byteLength(row.text);
    numbers[at + 13] = first;
    numbers[at + 14] = length - first;
    this.#count += 1;
    if (this.#count === ROWS || this.#bytes > TEXT_BYTES / 2) this.flush();
  }

  /** Gives what is left. */
  flush(): void {
    if (this.#count === 0) return;
    const numbers = this.#numbers.slice(0, this.#count * NUMBERS);
    const texts = this.#texts.buffer.slice(0, this.#bytes);
    this.#give({ numbers, wide: this.#wide, texts });
    this.#count = 0;
    this.#wide = [];
    this.#bytes = 0;
  }

  /** @returns bytes of the text */
  #add(text: string): number {
    // A UTF-16 unit takes three bytes at most.
    const needed = this.#bytes + 3 * text.length;
    if (needed > this.#texts.length) {
      const grown = Buffer.allocUnsafeSlow(2 * needed);
      this.#texts.copy(grown, 0, 0, this.#bytes);
      this.#texts = grown;
    }
    const length = this.#texts.write(text, this.#bytes, 'utf8');
    this.#bytes += length;
    return length;
  }

  #narrow(value: number | bigint | null): number {
    if (typeof value !== 'bigint') return value ?? NULL;
    this.#wide.push(value);
    return WIDE;
  }
}
