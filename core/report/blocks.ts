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

/** A column's title: figures are aligned to the right when it begins with `>`. */
export function table(
  caption: string,
  titles: readonly string[],
  rows: readonly (readonly (Inline | string)[])[],
): Block {
  return {
    kind: 'table',
    caption,
    columns: titles.map((title) =>
      title.startsWith('>') ? { title: title.slice(1), align: 'right' } : { title, align: 'left' },
    ),
    rows: rows.map((row) => row.map((cell) => [inline(cell)])),
  };
}

const inline = (part: Inline | string): Inline => (typeof part === 'string' ? text(part) : part);

const LONG_CELL = 32;

/** Does a cell hold a text that needs several lines? All others keep to one. */
export function isLongCell(cell: readonly Inline[]): boolean {
  return plain(cell).length > LONG_CELL;
}

/** Text without its marks. */
export function plain(children: readonly Inline[]): string {
  return children
    .map((each) => {
      if (each.kind === 'break') return ' ';
      return 'text' in each ? each.text : plain(each.children);
    })
    .join('');
}
