/** Bytes into lines, each of bounded length. */

/** Longer lines are cut: the longest that a kernel prints, a scatter list, has about 8 KiB. */
export const MAX_LINE_CHARS = 65_536;

export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** Was the line longer than `text`? */
  readonly cut: boolean;
}

/** Splits text at line feeds; a carriage return before one is dropped. */
export class LineSplitter {
  readonly #decoder = new TextDecoder('utf-8');
  #rest = '';
  #cut = false;
  /** Lines so far. */
  count = 0;

  /** Takes the next bytes and hands every finished line to `take`. */
  feed(chunk: Uint8Array, take: (line: Line) => void): void {
    const text = this.#rest + this.#decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.#emit(text.slice(start, end), take);
      start = end + 1;
    }
    this.#rest = text.slice(start);
    if (this.#rest.length > MAX_LINE_CHARS) {
      this.#rest = this.#rest.slice(0, MAX_LINE_CHARS);
      this.#cut = true;
    }
  }

  /** Hands out what follows the last line feed, if anything does. */
  end(take: (line: Line) => void): void {
    this.#rest += this.#decoder.decode();
    if (this.#rest !== '') this.#emit(this.#rest, take);
    this.#rest = '';
  }

  #emit(text: string, take: (line: Line) => void): void {
    this.count += 1;
    const cut = this.#cut || text.length > MAX_LINE_CHARS;
    this.#cut = false;
    const whole = text.endsWith('\r') ? text.slice(0, -1) : text;
    take({ number: this.count, text: cut ? whole.slice(0, MAX_LINE_CHARS) : whole, cut });
  }
}
