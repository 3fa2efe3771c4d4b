/** Which traces are listed, and in which order. */
import type { LibraryEntry } from '../../core/contract/index.ts';

/** A trace with what the user has added to it. */
export interface Listed extends LibraryEntry {
  readonly tags: readonly string[];
  readonly note: string;
}

export const COLLECTIONS = [
  { id: 'all', name: 'All traces' },
  { id: 'simulated', name: 'Simulated' },
  { id: 'imported', name: 'Imported' },
  { id: 'interrupted', name: 'Interrupted' },
  { id: 'part', name: 'Parts' },
  { id: 'samples', name: 'Samples' },
  { id: 'trash', name: 'Trash' },
] as const;
export type Collection = (typeof COLLECTIONS)[number]['id'];

export function inCollection(entry: LibraryEntry, collection: Collection): boolean {
  if (collection === 'all') return true;
  if (collection === 'samples') return entry.origin === 'sample';
  if (collection === 'part') return entry.part !== null;
  return entry.kind === collection;
}

/** Hazards that happened in a run. */
export const hazardsOf = (entry: LibraryEntry): readonly string[] =>
  Object.entries(entry.hazards ?? {})
    .filter(([, count]) => (count ?? 0) > 0)
    .map(([id]) => id);

const one = (value: string | null): readonly string[] => (value === null ? [] : [value]);

/** Properties by which the list can be narrowed, with a trace's values. */
export const FACETS = [
  { id: 'workload', name: 'Workload', of: (entry: LibraryEntry) => one(entry.workload) },
  { id: 'strategy', name: 'Strategy', of: (entry: LibraryEntry) => one(entry.strategy) },
  { id: 'hypervisor', name: 'Hypervisor', of: (entry: LibraryEntry) => one(entry.hypervisor) },
  { id: 'soc', name: 'SoC', of: (entry: LibraryEntry) => one(entry.soc) },
  { id: 'hazard', name: 'Hazard', of: hazardsOf },
  { id: 'tag', name: 'Tag', of: (entry: Listed) => entry.tags },
] as const;
export type Facet = (typeof FACETS)[number]['id'];
export type Facets = Readonly<Partial<Record<Facet, readonly string[]>>>;

/** Each facet that has a choice: one of the chosen values is the trace's. */
export function inFacets(entry: Listed, facets: Facets): boolean {
  return FACETS.every(({ id, of }) => {
    const chosen = facets[id];
    return chosen === undefined || of(entry).some((value) => chosen.includes(value));
  });
}

export interface FacetValue {
  readonly value: string;
  readonly count: number;
}

/** The values of a facet in these traces, by name; hazards by number. */
export function valuesOf(entries: readonly Listed[], facet: Facet): readonly FacetValue[] {
  const of = FACETS.find(({ id }) => id === facet)?.of;
  const counts = new Map<string, number>();
  for (const value of entries.flatMap((entry) => of?.(entry) ?? [])) {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => a.value.localeCompare(b.value, 'en', { numeric: true }));
}

/** Every word must occur somewhere in what is written about the trace. */
export function matches(entry: Listed, filter: string): boolean {
  const text = [
    entry.name,
    entry.file,
    entry.strategy,
    entry.hypervisor,
    entry.soc,
    entry.workload,
    entry.kind,
    entry.importCounts?.format,
    ...hazardsOf(entry),
    ...entry.tags,
    entry.note,
  ]
    .join(' ')
    .toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

export const SORTS = [
  'name',
  'source',
  'strategy',
  'workload',
  'hypervisor',
  'soc',
  'events',
  'requests',
  'duration',
  'hazards',
  'size',
  'recorded',
] as const;
export type Sort = (typeof SORTS)[number];

const KEYS: Record<Sort, (entry: LibraryEntry) => string | number> = {
  name: (entry) => entry.name.toLowerCase(),
  source: (entry) => originOf(entry),
  strategy: (entry) => entry.strategy ?? '~',
  workload: (entry) => entry.workload ?? '~',
  hypervisor: (entry) => entry.hypervisor ?? '~',
  soc: (entry) => entry.soc ?? '~',
  events: (entry) => entry.events,
  requests: (entry) => entry.requests,
  duration: (entry) => entry.spanNs,
  hazards: (entry) => (entry.hazards === null ? -1 : hazardsOf(entry).length),
  size: (entry) => entry.sizeBytes,
  recorded: (entry) => entry.recordedAt,
};
const BY_NAME: readonly Sort[] = ['name', 'source', 'strategy', 'workload', 'hypervisor', 'soc'];

/** Sorted copy; numbers and dates start with the largest, names with A. */
export function sorted(
  entries: readonly Listed[],
  sort: Sort,
  reversed: boolean,
): readonly Listed[] {
  const key = KEYS[sort];
  const down = BY_NAME.includes(sort) ? 1 : -1;
  const sign = reversed ? -down : down;
  return [...entries].sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    const order = x < y ? -1 : x > y ? 1 : 0;
    return order * sign || (a.id < b.id ? -1 : 1);
  });
}

/** Second line of a trace's name: where it comes from. */
export function originOf(entry: LibraryEntry): string {
  const parts: string[] = [];
  if (entry.kind === 'imported') {
    parts.push('imported', ...(entry.importCounts === null ? [] : [entry.importCounts.format]));
  } else parts.push(entry.kind === 'interrupted' ? 'interrupted' : 'simulated');
  if (entry.part !== null) parts.push(`part of ${entry.part.of}`);
  if (entry.origin === 'sample') parts.push('sample');
  return parts.join(', ');
}
