/** Short ways to write blocks. */
import type { Inline, ReportBlock as Block, ReportColumn as Column } from '../contract/report.ts';

export type { Block, Column, Inline };

export const text = (words: string): Inline => ({ kind: 'text', text: words });
export const strong = (words: string): Inline => ({ kind: 'strong', children: [text(words)] });
export const code = (words: string): Inline => ({ kind: 'code', text: words });
export const paragraph = (...children: readonly (Inline | string)[]): Block => ({
  kind: 'paragraph',
  children: children.map(inline),
});
export const heading = (level: 2 | 3 | 4, words: string): Block => ({
  kind: 'heading',
  level,
  children: [text(words)],
});
export const note = (tone: 'simulated' | 'warning', words: string): Block => ({
  kind: 'note',
  tone,
  children: [text(words)],
});

/** Texts of one cell, each on a line of its own. */
export const lines = (...texts: readonly string[]): readonly Inline[] =>
  texts.flatMap((each, i) => (i === 0 ? [text(each)] : [{ kind: 'break' }, text(each)]));

/** A column's title: figures are aligned to the right when it begins with `>`. */
export function table(
  caption: string,
  titles: readonly string[],
  rows: readonly (readonly (readonly Inline[] | Inline | string)[])[],
): Block {
  return {
    kind: 'table',
    caption,
    columns: titles.map((title) =>
      title.startsWith('>') ? { title: title.slice(1), align: 'right' } : { title, align: 'left' },
    ),
    rows: rows.map((row) => row.map(inlines)),
  };
}

const inline = (part: Inline | string): Inline => (typeof part === 'string' ? text(part) : part);
const inlines = (cell: readonly Inline[] | Inline | string): readonly Inline[] =>
  typeof cell !== 'string' && 'length' in cell ? cell : [inline(cell)];

const LONG_CELL = 32;

/** Does a cell hold a text that has to be broken? All others keep the lines they have. */
export function isLongCell(cell: readonly Inline[]): boolean {
  return plain(cell, '\n')
    .split('\n')
    .some((line) => line.length > LONG_CELL);
}

/** Text without its marks. */
export function plain(children: readonly Inline[], lineBreak = ' '): string {
  return children
    .map((each) => {
      if (each.kind === 'break') return lineBreak;
      return 'text' in each ? each.text : plain(each.children, lineBreak);
    })
    .join('');
}
