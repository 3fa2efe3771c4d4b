/**
 * A document as one HTML file that needs nothing else: fonts and charts inside, no script, no request.
 * The same document gives the same bytes.
 */
import { isLongCell, type Block, type Inline } from './blocks.ts';
import type { ReportDocument } from '../contract/report.ts';
import { REPORT_CSS } from './style.ts';

/** A drawn chart. */
export interface DrawnFigure {
  /** An `<svg>` element of this program's own making. */
  readonly svg: string;
  /** The chart in a sentence, for those who do not see it. */
  readonly words: string;
}

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:";

/**
 * @param figures one for each of `document.figures`
 * @param fontFaces `@font-face` rules that hold their fonts
 */
export function reportHtml(
  document: ReportDocument,
  figures: readonly DrawnFigure[],
  fontFaces: string,
): string {
  const body = [...document.sections, document.closing]
    .map(
      (blocks) => `<section>\n${blocks.map((each) => block(each, figures)).join('\n')}\n</section>`,
    )
    .join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Mapcopy">
<title>${escape(document.title)}</title>
<style>
${fontFaces}
${REPORT_CSS}</style>
</head>
<body>
<main>
<header>
<h1>${escape(document.title)}</h1>${document.authors === '' ? '' : `\n<p class="authors">${escape(document.authors)}</p>`}
</header>
${body}
</main>
</body>
</html>
`;
}

function block(part: Block, figures: readonly DrawnFigure[]): string {
  switch (part.kind) {
    case 'heading':
      return `<h${part.level}>${inlines(part.children)}</h${part.level}>`;
    case 'paragraph':
      return `<p>${inlines(part.children)}</p>`;
    case 'list': {
      const tag = part.ordered ? 'ol' : 'ul';
      const items = part.items.map(
        (item) => `<li>${item.map((each) => block(each, figures)).join('')}</li>`,
      );
      return `<${tag}>${items.join('')}</${tag}>`;
    }
    case 'code':
      return `<pre><code>${escape(part.text)}</code></pre>`;
    case 'quote':
      return `<blockquote>${part.blocks.map((each) => block(each, figures)).join('')}</blockquote>`;
    case 'rule':
      return '<hr>';
    case 'note':
      return `<p class="note ${part.tone}">${inlines(part.children)}</p>`;
    case 'table':
      return table(part);
    case 'figure': {
      const drawn = figures[part.index];
      const caption = part.caption === '' ? (drawn?.words ?? '') : part.caption;
      const label = escape(drawn?.words ?? part.caption);
      return `<figure role="img" aria-label="${label}">${drawn?.svg ?? ''}<figcaption>Figure ${part.index + 1}. ${escape(caption)}</figcaption></figure>`;
    }
  }
}

function table({ caption, columns, rows }: Extract<Block, { kind: 'table' }>): string {
  const side = (index: number) => (columns[index]?.align === 'right' ? ' class="r"' : '');
  const head = columns.map(({ title }, i) => `<th scope="col"${side(i)}>${escape(title)}</th>`);
  const lines = rows.map(
    (row) =>
      `<tr>${row.map((cell, i) => (isLongCell(cell) ? `<td class="w">${inlines(cell)}</td>` : `<td${side(i)}>${inlines(cell)}</td>`)).join('')}</tr>`,
  );
  const title = caption === '' ? '' : `<caption>${escape(caption)}</caption>`;
  return `<div class="table"><table>${title}<thead><tr>${head.join('')}</tr></thead><tbody>\n${lines.join('\n')}\n</tbody></table></div>`;
}

const TAGS = { strong: 'strong', em: 'em', strike: 's' } as const;

function inlines(parts: readonly Inline[]): string {
  return parts
    .map((part) => {
      switch (part.kind) {
        case 'text':
          return escape(part.text);
        case 'code':
          return `<code>${escape(part.text)}</code>`;
        case 'break':
          return '<br>';
        case 'link':
          return `<a href="${escape(part.href)}" rel="noreferrer">${inlines(part.children)}</a>`;
        default:
          return `<${TAGS[part.kind]}>${inlines(part.children)}</${TAGS[part.kind]}>`;
      }
    })
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function escape(words: string): string {
  return words.replace(/[&<>"]/g, (letter) => ENTITIES[letter] ?? letter);
}
