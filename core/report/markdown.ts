/**
 * Markdown as blocks. CommonMark with tables and strikethrough, by markdown-it; HTML stays text, and
 * pictures become links, since a report is one file and asks nothing of a network.
 */
import MarkdownIt from 'markdown-it';
import { plain, type Block, type Column, type Inline } from './blocks.ts';

type Token = ReturnType<InstanceType<typeof MarkdownIt>['parse']>[number];

const parser = new MarkdownIt('default', { html: false, linkify: false, typographer: false });

/** A person's text as blocks. Its headings start below the report's own. */
export function markdownBlocks(source: string): Block[] {
  return new Reader(parser.parse(source, {})).blocks(null);
}

class Reader {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  #take(): Token {
    return this.#tokens[this.#next++] as Token;
  }

  /** Blocks up to the token that closes what holds them; `null` reads to the end. */
  blocks(end: string | null): Block[] {
    const blocks: Block[] = [];
    while (this.#next < this.#tokens.length) {
      const token = this.#take();
      if (token.type === end) break;
      const block = this.#block(token);
      if (block !== null) blocks.push(block);
    }
    return blocks;
  }

  #block(token: Token): Block | null {
    switch (token.type) {
      case 'heading_open': {
        const level = Math.min(4, Number(token.tag.slice(1)) + 1) as 2 | 3 | 4;
        return { kind: 'heading', level, children: this.#inline('heading_close') };
      }
      case 'paragraph_open':
        return { kind: 'paragraph', children: this.#inline('paragraph_close') };
      case 'bullet_list_open':
        return { kind: 'list', ordered: false, items: this.#items('bullet_list_close') };
      case 'ordered_list_open':
        return { kind: 'list', ordered: true, items: this.#items('ordered_list_close') };
      case 'blockquote_open':
        return { kind: 'quote', blocks: this.blocks('blockquote_close') };
      case 'fence':
      case 'code_block':
        return { kind: 'code', text: token.content.replace(/\n$/, '') };
      case 'hr':
        return { kind: 'rule' };
      case 'table_open':
        return this.#table();
      default:
        return null;
    }
  }

  #items(end: string): Block[][] {
    const items: Block[][] = [];
    while (this.#next < this.#tokens.length) {
      const token = this.#take();
      if (token.type === end) break;
      if (token.type === 'list_item_open') items.push(this.blocks('list_item_close'));
    }
    return items;
  }

  #table(): Block {
    const columns: Column[] = [];
    const rows: Inline[][][] = [];
    while (this.#next < this.#tokens.length) {
      const token = this.#take();
      if (token.type === 'table_close') break;
      if (token.type === 'th_open') {
        const align = attribute(token, 'style').includes('right') ? 'right' : 'left';
        columns.push({ title: plain(this.#inline('th_close')), align });
      } else if (token.type === 'tr_open' && columns.length > 0) rows.push([]);
      else if (token.type === 'td_open') rows.at(-1)?.push(this.#inline('td_close'));
    }
    return { kind: 'table', caption: '', columns, rows };
  }

  /** The text inside, up to its closing token. */
  #inline(end: string): Inline[] {
    const children: Inline[] = [];
    while (this.#next < this.#tokens.length) {
      const token = this.#take();
      if (token.type === end) break;
      children.push(...inlines(token.children ?? []));
    }
    return children;
  }
}

const attribute = (token: Token, name: string): string => String(token.attrGet(name) ?? '');

const MARKS = { strong: 'strong', em: 'em', s: 'strike' } as const;

function inlines(tokens: readonly Token[]): Inline[] {
  /** Open marks, outermost first; the first collects what is outside all. */
  const open: { close: string; wrap: (children: Inline[]) => Inline; children: Inline[] }[] = [
    { close: '', wrap: () => ({ kind: 'break' }), children: [] },
  ];
  const put = (child: Inline) => open.at(-1)?.children.push(child);
  for (const token of tokens) {
    const name = token.type.replace(/_open$/, '') as keyof typeof MARKS;
    if (token.type === open.at(-1)?.close) {
      const mark = open.pop();
      if (mark !== undefined) put(mark.wrap(mark.children));
    } else if (token.type === 'link_open') {
      const href = attribute(token, 'href');
      open.push({
        close: 'link_close',
        wrap: (children) => ({ kind: 'link', href, children }),
        children: [],
      });
    } else if (token.type.endsWith('_open') && name in MARKS) {
      const kind = MARKS[name];
      open.push({
        close: `${name}_close`,
        wrap: (children) => ({ kind, children }),
        children: [],
      });
    } else if (token.type === 'code_inline') put({ kind: 'code', text: token.content });
    else if (token.type === 'softbreak') put({ kind: 'text', text: ' ' });
    else if (token.type === 'hardbreak') put({ kind: 'break' });
    else if (token.type === 'image') {
      const href = attribute(token, 'src');
      put({ kind: 'link', href, children: [{ kind: 'text', text: token.content || href }] });
    } else if (token.content !== '') put({ kind: 'text', text: token.content });
  }
  return open[0]?.children ?? [];
}
