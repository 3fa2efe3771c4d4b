/**
 * Where in the text an error is. SQLite's message names the word but not its place; where the word
 * stands more than once, the parser itself is asked: of the text up to such a word it complains of
 * that word only when it is the one.
 */
import { wordsOf, type Word } from './words.ts';

export interface Place {
  readonly from: number;
  readonly to: number;
}

/** What the parser says of a text; null when it has no complaint. */
export type Complaint = (sql: string) => Promise<string | null>;

const unquoted = (text: string) => text.replace(/^["'`[]|["'`\]]$/g, '').toLowerCase();
const placeOf = ({ at, text }: Word): Place => ({ from: at, to: at + text.length });

export async function placeOfError(
  what: string,
  sql: string,
  complaint: Complaint,
): Promise<Place | null> {
  const words = wordsOf(sql).filter(({ kind }) => kind !== 'comment');
  const last = words.at(-1);
  if (last !== undefined && /incomplete input/.test(what)) {
    return { from: last.at, to: last.at + last.text.length };
  }
  const near = /near "([\s\S]*)": syntax error/.exec(what)?.[1];
  if (near !== undefined) {
    const all = words.filter(({ text }) => text.toLowerCase() === near.toLowerCase());
    for (const word of all.slice(0, -1)) {
      const said = await complaint(sql.slice(0, word.at + word.text.length));
      if (said?.includes(`near "${near}"`) === true) return placeOf(word);
    }
    const word = all.at(-1);
    return word === undefined ? null : placeOf(word);
  }
  const named =
    /(?:no such (?:column|table|function)|ambiguous column name): ([^\s]+)/.exec(what)?.[1] ??
    /unrecognized token: "([\s\S]*?)"?$/.exec(what)?.[1] ??
    /function (\w+)\(\)/.exec(what)?.[1] ??
    /^\W*([A-Z]+) is refused/.exec(what)?.[1];
  if (named === undefined) return null;
  // `a.b` is written as three words, and a name may be quoted.
  const name = unquoted(named.split('.').at(-1) ?? named);
  const word = words.find(
    ({ text }) => !text.startsWith("'") && (unquoted(text) === name || text === named),
  );
  return word === undefined ? null : placeOf(word);
}

/** Line and column, both from 1. */
export function lineAndColumn(sql: string, at: number): { line: number; column: number } {
  const before = sql.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
