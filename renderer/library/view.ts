/** What of the library is shown and how: a value that lives in the address. */
import { COLLECTIONS, FACETS, SORTS, type Collection, type Facet, type Sort } from './entries.ts';

export interface LibraryView {
  /** Words that must all occur. */
  readonly words: string;
  readonly collection: Collection;
  /** Chosen values of each facet; one of them must hold. None chosen, all hold. */
  readonly facets: Readonly<Partial<Record<Facet, readonly string[]>>>;
  readonly sort: Sort;
  readonly reversed: boolean;
  /** The recording whose unread lines are listed. */
  readonly problems: string | null;
}

export const WHOLE: LibraryView = {
  words: '',
  collection: 'all',
  facets: {},
  sort: 'recorded',
  reversed: false,
  problems: null,
};

type Query = Readonly<Record<string, string | null | undefined>>;

export function queryOf(view: LibraryView): Record<string, string | null> {
  const query: Record<string, string | null> = {
    q: view.words,
    in: view.collection === 'all' ? null : view.collection,
    sort: view.sort === 'recorded' ? null : view.sort,
    reversed: view.reversed ? '1' : null,
    problems: view.problems,
  };
  for (const { id } of FACETS) query[id] = view.facets[id]?.map(encodeURIComponent).join(',') ?? '';
  return query;
}

/** Reads a view; what is not understood is as in the whole library. */
export function viewOf(query: Query): LibraryView {
  const facets: Partial<Record<Facet, readonly string[]>> = {};
  for (const { id } of FACETS) {
    const values = (query[id] ?? '').split(',').filter((each) => each !== '');
    if (values.length > 0) facets[id] = values.map(decode);
  }
  return {
    words: query['q'] ?? '',
    collection: COLLECTIONS.find(({ id }) => id === query['in'])?.id ?? 'all',
    facets,
    sort: SORTS.find((sort) => sort === query['sort']) ?? 'recorded',
    reversed: query['reversed'] === '1',
    problems: query['problems'] ?? null,
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Chooses or drops one value of a facet. */
export function toggled(view: LibraryView, facet: Facet, value: string): LibraryView {
  const old = view.facets[facet] ?? [];
  const values = old.includes(value) ? old.filter((each) => each !== value) : [...old, value];
  const { [facet]: _, ...others } = view.facets;
  return { ...view, facets: values.length === 0 ? others : { ...others, [facet]: values } };
}

/** Sorts by a column; again the other way round; a third time by date, as at first. */
export function resorted(view: LibraryView, sort: Sort): LibraryView {
  if (view.sort !== sort) return { ...view, sort, reversed: false };
  return view.reversed
    ? { ...view, sort: 'recorded', reversed: false }
    : { ...view, reversed: true };
}

/** Is anything left out? */
export const isNarrowed = (view: LibraryView): boolean =>
  view.words.trim() !== '' || view.collection !== 'all' || Object.keys(view.facets).length > 0;
