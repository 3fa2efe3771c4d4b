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
    const open = this.#open ?? { line: number, lines: [] };
    open.lines.push(text);
    const whole = open.lines.length === 1 ? text : open.lines.join('\n');
    const fields = cut ? null : splitRow(whole, this.#delimiter);
    if (fields === null && !cut && open.lines.length < MAX_LINES) {
      this.#open = open;
      return;
    }
    this.#open = null;
    const problem = cut ? 'the row is too long' : 'a quote is not closed';
    this.#take({
      line: open.line,
      text: whole,
      fields: fields ?? [],
      problem: fields === null ? problem : null,
    });
  }

  /** Hands out a row that the end of the file cut off. */
  end(): void {
    const open = this.#open;
    this.#open = null;
    if (open === null) return;
    const text = open.lines.join('\n');
    this.#take({ line: open.line, text, fields: [], problem: 'a quote is not closed' });
  }
}
