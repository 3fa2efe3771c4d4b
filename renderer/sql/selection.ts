/** Placeholders that stand for what is selected in the timeline. */
import { wordsOf } from './words.ts';

export const PLACEHOLDERS = {
  $event: 'the selected event',
  $request: 'the followed request',
  $track: 'the track of the selected event',
  $from: 'where the range begins, or what is shown, in ticks',
  $to: 'where the range ends, or what is shown, in ticks',
  $at: 'the playhead, in ticks',
} as const;
export type Placeholder = keyof typeof PLACEHOLDERS;
export type Selected = Readonly<Record<Placeholder, number | null>>;

export interface Filled {
  readonly sql: string;
  /** The place in what was written that a place in `sql` comes from. */
  readonly written: (at: number) => number;
  /** A placeholder that is unknown or has no value now, and where it stands. */
  readonly missing: {
    readonly name: string;
    readonly at: number;
    readonly what: string;
    readonly remedy: string;
  } | null;
}

const isPlaceholder = (name: string): name is Placeholder => name in PLACEHOLDERS;

/** The SQL with the values in their places; strings and comments stay as they are. */
export function fill(sql: string, selected: Selected): Filled {
  const whole = (at: number) => at;
  /** Where the text behind each value begins, filled and written. */
  const behind: [number, number][] = [[0, 0]];
  let filled = '';
  let end = 0;
  for (const { kind, text, at } of wordsOf(sql)) {
    if (kind !== 'placeholder') continue;
    const value = isPlaceholder(text) ? selected[text] : null;
    if (value === null) {
      const missing = isPlaceholder(text)
        ? {
            what: `there is no ${PLACEHOLDERS[text].replace(/^the /, '')} now`,
            remedy: 'select one in the timeline',
          }
        : {
            what: `nothing of the selection is called ${text}`,
            remedy: `write one of ${Object.keys(PLACEHOLDERS).join(', ')}`,
          };
      return { sql, written: whole, missing: { name: text, at, ...missing } };
    }
    filled += sql.slice(end, at) + String(Math.round(value));
    end = at + text.length;
    behind.push([filled.length, end]);
  }
  const written = (at: number) => {
    const [from, to] = behind.findLast(([place]) => place <= at) ?? [0, 0];
    return to + at - from;
  };
  return { sql: filled + sql.slice(end), written, missing: null };
}

/** Does an answer depend on what is selected? */
export const isLinked = (sql: string): boolean =>
  wordsOf(sql).some(({ kind, text }) => kind === 'placeholder' && isPlaceholder(text));
