/** Which traces are listed, and in which order. */
import type { LibraryEntry } from '../../core/contract/index.ts';

export const COLLECTIONS = [
  { id: 'all', name: 'All traces' },
  { id: 'simulated', name: 'Simulated' },
  { id: 'imported', name: 'Imported' },
  { id: 'interrupted', name: 'Interrupted' },
  { id: 'samples', name: 'Samples' },
] as const;
export type Collection = (typeof COLLECTIONS)[number]['id'];

export function inCollection(entry: LibraryEntry, collection: Collection): boolean {
  if (collection === 'all') return true;
  if (collection === 'samples') return entry.origin === 'sample';
  return entry.kind === collection;
}

/** Every word must occur somewhere in what is written about the trace. */
export function matches(entry: LibraryEntry, filter: string): boolean {
  const text = [
    entry.name,
    entry.file,
    entry.strategy,
    entry.hypervisor,
    entry.soc,
    entry.workload,
    entry.kind,
    entry.importCounts?.format,
    ...Object.entries(entry.hazards ?? {})
      .filter(([, count]) => (count ?? 0) > 0)
      .map(([id]) => id),
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
  'strategy',
  'machine',
  'events',
  'requests',
  'span',
  'size',
  'recorded',
] as const;
export type Sort = (typeof SORTS)[number];

const KEYS: Record<Sort, (entry: LibraryEntry) => string | number> = {
  name: (entry) => entry.name.toLowerCase(),
  strategy: (entry) => entry.strategy ?? '~',
  machine: (entry) => `${entry.hypervisor ?? '~'} ${entry.soc ?? ''}`,
  events: (entry) => entry.events,
  requests: (entry) => entry.requests,
  span: (entry) => entry.spanNs,
  size: (entry) => entry.sizeBytes,
  recorded: (entry) => entry.recordedAt,
};

/** Sorted copy; numbers and dates start with the largest, names with A. */
export function sorted(
  entries: readonly LibraryEntry[],
  sort: Sort,
  reversed: boolean,
): readonly LibraryEntry[] {
  const key = KEYS[sort];
  const down = sort === 'name' || sort === 'strategy' || sort === 'machine' ? 1 : -1;
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
  } else if (entry.kind === 'interrupted') parts.push('interrupted');
  else parts.push('simulated');
  if (entry.origin === 'sample') parts.push('sample');
  return parts.join(', ');
}
