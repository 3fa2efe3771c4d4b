/** A report while it is written: sections with keys that last. */
import type { SectionInput } from '../../core/report/spec.ts';

export interface Item {
  /** Unique in the life of the page. */
  readonly key: number;
  readonly section: SectionInput;
}

export interface Draft {
  readonly title: string;
  readonly authors: string;
  readonly items: readonly Item[];
}

export const EMPTY: Draft = { title: 'Untitled report', authors: '', items: [] };

let lastKey = 0;
export const item = (section: SectionInput): Item => ({ key: ++lastKey, section });

/** What is saved; a report without sections cannot be. */
export function specOf({ title, authors, items }: Draft) {
  return { format: 1 as const, title, authors, sections: items.map(({ section }) => section) };
}

export function draftOf(spec: {
  readonly title: string;
  readonly authors?: string;
  readonly sections: readonly SectionInput[];
}): Draft {
  return { title: spec.title, authors: spec.authors ?? '', items: spec.sections.map(item) };
}

/** Puts a section after the one with this key, or at the end. */
export function inserted(draft: Draft, after: number | null, added: Item): Draft {
  const at = draft.items.findIndex(({ key }) => key === after);
  const items = draft.items.toSpliced(at === -1 ? draft.items.length : at + 1, 0, added);
  return { ...draft, items };
}

export function removed(draft: Draft, key: number): Draft {
  return { ...draft, items: draft.items.filter((each) => each.key !== key) };
}

export function replaced(draft: Draft, key: number, section: SectionInput): Draft {
  return {
    ...draft,
    items: draft.items.map((each) => (each.key === key ? { key, section } : each)),
  };
}

/** The section one place up (-1) or down (1); the same draft at either end. */
export function moved(draft: Draft, key: number, step: -1 | 1): Draft {
  const from = draft.items.findIndex((each) => each.key === key);
  const to = from + step;
  const [one, other] = [draft.items[from], draft.items[to]];
  if (one === undefined || other === undefined) return draft;
  return { ...draft, items: draft.items.with(from, other).with(to, one) };
}

/** A section in one line, for the outline. */
export function lineOf(section: SectionInput): string {
  if (section.kind !== 'text' && section.title !== undefined && section.title !== '') {
    return section.title;
  }
  switch (section.kind) {
    case 'text': {
      const line = section.markdown.split('\n').find((each) => each.trim() !== '') ?? '';
      return line.replace(/^#+\s*/, '') || 'Empty text';
    }
    case 'results':
      return `${section.traces.length} ${section.traces.length === 1 ? 'trace' : 'traces'}`;
    case 'chart':
      return typeof section.chart['title'] === 'string' && section.chart['title'] !== ''
        ? section.chart['title']
        : 'Chart';
    case 'diff':
      return `${shortName(section.a)} → ${shortName(section.b)}`;
    case 'hazards':
      return shortName(section.trace);
  }
}

/** A trace's id without its folder and ending. */
export const shortName = (id: string): string =>
  id === '' ? '–' : id.replace(/^.*\//, '').replace(/\.mctrace$/, '');
