/** Rows on their way to another thread. */

/** Whoever takes events that are ready to be written, in order of id. */
export interface RowSink {
  /** Columns of `events`, then line and text of `source`, then `details`. */
  write(
    id: number,
    ts: number,
    dur: number,
    kind: number,
    track: number,
    level: number,
    request: number | null,
    frame: number | bigint | null,
    bytes: number | null,
    n: number | null,
    status: number | null,
    arg: number | bigint | null,
    line: number,
    text: string,
    details: string,
  ): void;
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

const ROWS = 2048;
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

  write(
    id: number,
    ts: number,
    dur: number,
    kind: number,
    track: number,
    level: number,
    request: number | null,
    frame: number | bigint | null,
    bytes: number | null,
    n: number | null,
    status: number | null,
    arg: number | bigint | null,
    line: number,
    text: string,
    details: string,
  ): void {
    const numbers = this.#numbers;
    const at = this.#count * NUMBERS;
    numbers[at] = id;
    numbers[at + 1] = ts;
    numbers[at + 2] = dur;
    numbers[at + 3] = kind;
    numbers[at + 4] = track;
    numbers[at + 5] = level;
    numbers[at + 6] = request ?? NULL;
    numbers[at + 7] = this.#narrow(frame);
    numbers[at + 8] = bytes ?? NULL;
    numbers[at + 9] = n ?? NULL;
    numbers[at + 10] = status ?? NULL;
    numbers[at + 11] = this.#narrow(arg);
    numbers[at + 12] = line;
    const both = text + details;
    const length = this.#add(both);
    // Of ASCII every letter is a byte.
    const first = length === both.length ? text.length : Buffer.byteLength(text);
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
