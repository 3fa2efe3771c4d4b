/** Marks of a trace, as they are kept in its notes: moments with a text, and views with a name. */
import type { Notes } from '../../../core/contract/index.ts';

export type Mark = Notes['bookmarks'][number];
export type NamedView = Notes['views'][number];

/** In time order, the earlier made first. */
export function inOrder(marks: readonly Mark[]): readonly Mark[] {
  return [...marks].sort((a, b) => a.tick - b.tick);
}

/** The next (1) or previous (-1) mark from a moment, or undefined at the end. */
export function markFrom(marks: readonly Mark[], tick: number, step: 1 | -1): Mark | undefined {
  return step === 1
    ? marks.find((mark) => mark.tick > tick)
    : marks.findLast((mark) => mark.tick < Math.floor(tick));
}

const same = (a: Mark) => (b: Mark) => a.tick === b.tick && a.text === b.text;

/** Notes with a mark put in the place of an old one, or added; `next` null removes the old one. */
export function withMark(notes: Notes, old: Mark | null, next: Mark | null): Notes {
  const at = old === null ? -1 : notes.bookmarks.findIndex(same(old));
  const bookmarks = notes.bookmarks.filter((_, index) => index !== at);
  return { ...notes, bookmarks: next === null ? bookmarks : [...inOrder([...bookmarks, next])] };
}

/** Notes with a view under its name; a view that had the name gives way. `view` null removes it. */
export function withView(notes: Notes, name: string, view: string | null): Notes {
  const views = notes.views.filter((each) => each.name !== name);
  return { ...notes, views: view === null ? views : [...views, { name, view }] };
}
