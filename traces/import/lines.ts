/** Bytes into lines, each of bounded length. */
import { isAscii } from 'node:buffer';

/** Longer lines are cut: the longest that a kernel prints, a scatter list, has about 8 KiB. */
export const MAX_LINE_CHARS = 65_536;
/** Strings up to about twice this are made where memory is new and warm, ten times as fast as longer ones. */
const PIECE_BYTES = 64 * 1024;
const CARRIAGE_RETURN = 0x0d;

export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** Was the line longer than `text`? */
  readonly cut: boolean;
  /** Is it known to have nothing but ASCII in it, and no carriage return? */
  readonly plain: boolean;
}

/** Splits text at line feeds; a carriage return before one is dropped. */
export class LineSplitter {
  /** Made when the first bytes beyond ASCII come. */
  #decoder: TextDecoder | undefined;
  #rest = '';
  #cut = false;
  /** Is all of `#rest` plain? */
  #plain = true;
  /** Lines so far. */
  count = 0;

  /** Takes the next bytes and hands every finished line to `take`. */
  feed(chunk: Buffer, take: (line: Line) => void): void {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      this.#piece(chunk.subarray(at, at + PIECE_BYTES), take);
    }
  }

  /** Hands out what follows the last line feed, if anything does. */
  end(take: (line: Line) => void): void {
    this.#rest += this.#decoder?.decode() ?? '';
    if (this.#rest !== '') this.#emit(this.#rest, take);
    this.#rest = '';
  }

  #piece(piece: Buffer, take: (line: Line) => void): void {
    // SQL ends a text at a NUL: what follows would be there and not be seen.
    const hasNul = piece.includes(0);
    const ascii = isAscii(piece) && !hasNul;
    const decoded = this.#decode(piece, ascii);
    const text = this.#rest + (hasNul ? decoded.replaceAll('\0', '\uFFFD') : decoded);
    const plain = ascii && !piece.includes(CARRIAGE_RETURN);
    this.#plain &&= plain;
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.#emit(text.slice(start, end), take);
      this.#plain = plain;
      start = end + 1;
    }
    this.#rest = text.slice(start);
    if (this.#rest.length > MAX_LINE_CHARS) {
      this.#rest = this.#rest.slice(0, MAX_LINE_CHARS);
      this.#cut = true;
    }
  }

  #decode(piece: Buffer, ascii: boolean): string {
    if (ascii && this.#decoder === undefined) return piece.toString('latin1');
    // A byte order mark is one only where the text begins.
    this.#decoder ??= new TextDecoder('utf-8', { ignoreBOM: this.count > 0 || this.#rest !== '' });
    return this.#decoder.decode(piece, { stream: true });
  }

  #emit(text: string, take: (line: Line) => void): void {
    this.count += 1;
    const cut = this.#cut || text.length > MAX_LINE_CHARS;
    this.#cut = false;
    const whole = text.endsWith('\r') ? text.slice(0, -1) : text;
    take({
      number: this.count,
      text: cut ? whole.slice(0, MAX_LINE_CHARS) : whole,
      cut,
      plain: this.#plain,
    });
  }
}
