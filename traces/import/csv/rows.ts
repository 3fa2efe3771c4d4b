/** Rows of a CSV file: RFC 4180, with any of four delimiters. */
import type { Line } from '../lines.ts';

/** Lines that one row may have: a quoted field can hold line feeds. */
const MAX_LINES = 64;

export interface Row {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly text: string;
  readonly fields: readonly string[];
  /** Set when its quotes do not add up. */
  readonly problem: string | null;
}

/**
 * Fields of one row; null while a quoted field is still open.
 *
 * @param text without its last line feed
 */
export function splitRow(text: string, delimiter: string): string[] | null {
  if (!text.includes('"')) return text.split(delimiter);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    let field = '';
    if (text[at] === '"') {
      at += 1;
      for (;;) {
        const quote = text.indexOf('"', at);
        if (quote < 0) return null;
        field += text.slice(at, quote);
        at = quote + 1;
        if (text[at] !== '"') break;
        field += '"';
        at += 1;
      }
    }
    const end = text.indexOf(delimiter, at);
    fields.push(field + text.slice(at, end < 0 ? text.length : end));
    if (end < 0) return fields;
    at = end + delimiter.length;
  }
}

/** Joins lines into rows. */
export class RowReader {
  readonly #delimiter: string;
  readonly #take: (row: Row) => void;
  #open: { line: number; lines: string[] } | null = null;

  constructor(delimiter: string, take: (row: Row) => void) {
    this.#delimiter = delimiter;
    this.#take = take;
  }

  line({ number, text, cut }: Line): void {
    if (cut) {
      this.end();
      this.#take({ line: number, text, fields: [], problem: 'the row is too long' });
      return;
    }
    this.#next(number, text);
  }

  /** Hands out rows that the end of the file cut off. */
  end(): void {
    while (this.#open !== null) this.#giveUp(this.#open);
  }

  #next(number: number, text: string): void {
    const open = this.#open ?? { line: number, lines: [] };
    open.lines.push(text);
    const whole = open.lines.length === 1 ? text : open.lines.join('\n');
    const fields = splitRow(whole, this.#delimiter);
    if (fields !== null) {
      this.#open = null;
      this.#take({ line: open.line, text: whole, fields, problem: null });
    } else if (open.lines.length < MAX_LINES) {
      this.#open = open;
    } else {
      this.#giveUp(open);
    }
  }

  /** The quote belongs to no field: the lines behind it are rows of their own. */
  #giveUp({ line, lines: [text = '', ...others] }: { line: number; lines: string[] }): void {
    this.#open = null;
    this.#take({ line, text, fields: [], problem: 'a quote is not closed' });
    others.forEach((other, i) => this.#next(line + 1 + i, other));
  }
}
