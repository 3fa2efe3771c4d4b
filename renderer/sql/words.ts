/** The parts of SQL, as far as the page must tell them apart. */

export interface Word {
  readonly kind: 'name' | 'placeholder' | 'quoted' | 'comment' | 'other';
  readonly text: string;
  /** Where it begins. */
  readonly at: number;
}

const PARTS =
  /(?<comment>--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<quoted>'(?:[^']|'')*'?|"(?:[^"]|"")*"?|`[^`]*`?|\[[^\]]*\]?)|(?<placeholder>\$[A-Za-z]+)|(?<name>[A-Za-z_][\w$]*)|(?<other>\d[\w.]*|[^\s])/g;

/** Everything but blanks, in order. */
export function wordsOf(sql: string): readonly Word[] {
  return [...sql.matchAll(PARTS)].map((match) => {
    const [kind, text] = Object.entries(match.groups ?? {}).find(
      (entry): entry is [Word['kind'], string] => entry[1] !== undefined,
    ) ?? ['other', match[0]];
    return { kind: kind, text, at: match.index };
  });
}
