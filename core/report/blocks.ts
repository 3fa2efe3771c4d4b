/** A document as a tree that a page and a file writer can both walk. */

export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'break' }
  | { readonly kind: 'strong' | 'em' | 'strike'; readonly children: readonly Inline[] }
  | { readonly kind: 'link'; readonly href: string; readonly children: readonly Inline[] };

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

export type Block =
  | { readonly kind: 'heading'; readonly level: 2 | 3 | 4; readonly children: readonly Inline[] }
  | { readonly kind: 'paragraph'; readonly children: readonly Inline[] }
  | {
      readonly kind: 'list';
      readonly ordered: boolean;
      readonly items: readonly (readonly Block[])[];
    }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  | { readonly kind: 'rule' }
  | {
      readonly kind: 'table';
      readonly caption: string;
      readonly columns: readonly Column[];
      readonly rows: readonly (readonly (readonly Inline[])[])[];
    }
  /** The `index`th chart of the report, drawn by whoever shows the document. */
  | { readonly kind: 'figure'; readonly index: number; readonly caption: string }
  | {
      readonly kind: 'note';
      readonly tone: 'simulated' | 'warning';
      readonly children: readonly Inline[];
    };

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
