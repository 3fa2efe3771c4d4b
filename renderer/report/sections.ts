/** Kinds of sections, and what a new one begins with. */
import type { LibraryEntry } from '../../core/contract/index.ts';
import type { SectionInput } from '../../core/report/spec.ts';
import type { IconName } from '../parts/icons.ts';
import { EMPTY, item, type Draft } from './draft.ts';

/** Columns of a results table whose specification names none. */
export const DEFAULT_METRICS: readonly string[] = ['throughput', 'cpu-per-byte', 'latency-p99'];

export const KINDS = [
  { kind: 'text', name: 'Text', icon: 'edit' },
  { kind: 'results', name: 'Results', icon: 'library' },
  { kind: 'chart', name: 'Chart', icon: 'charts' },
  { kind: 'diff', name: 'Diff', icon: 'diff' },
  { kind: 'hazards', name: 'Hazards', icon: 'warn' },
] as const satisfies readonly {
  readonly kind: SectionInput['kind'];
  readonly name: string;
  readonly icon: IconName;
}[];

/** A section about the traces at hand, or null where there is none that it could be about. */
export function newSection(
  kind: SectionInput['kind'],
  entries: readonly LibraryEntry[],
): SectionInput | null {
  const readable = entries.filter((each) => each.problem === null);
  const runs = readable.filter((each) => each.strategy !== null).map(({ id }) => id);
  const [first, second] = runs;
  switch (kind) {
    case 'text':
      return { kind, markdown: '' };
    case 'results':
      return first === undefined ? null : { kind, traces: runs.slice(0, 4) };
    case 'chart':
      return first === undefined
        ? null
        : {
            kind,
            chart: { chart: 'stacked', source: { kind: 'traces', traces: runs.slice(0, 4) } },
          };
    case 'diff':
      return first === undefined || second === undefined ? null : { kind, a: first, b: second };
    case 'hazards': {
      const risky = readable.find(({ hazards }) =>
        Object.values(hazards ?? {}).some((times) => (times ?? 0) > 0),
      );
      const trace = risky?.id ?? first;
      return trace === undefined ? null : { kind, trace };
    }
  }
}

/** A report about the samples: something to look at, and to change. */
export function sampleReport(entries: readonly LibraryEntry[]): Draft {
  const samples = entries.filter((each) => each.origin === 'sample' && each.problem === null);
  const named = (part: string) => samples.find(({ id }) => id.includes(part))?.id;
  const [map, copy, stale] = [named('map-64k'), named('copy-64k'), named('map-lazy-host')];
  const sections: SectionInput[] = [
    {
      kind: 'text',
      markdown:
        '# Question\n\nA guest sends 64 KiB at a time through a PV dom0. Is it better to **map** its pages or to **copy** them, and what does either expose?',
    },
  ];
  const traces = [map, copy, stale].filter((each) => each !== undefined);
  if (traces.length > 0) sections.push({ kind: 'results', title: 'The runs', traces });
  if (map !== undefined && copy !== undefined) {
    sections.push({
      kind: 'chart',
      title: 'Who pays',
      chart: { chart: 'stacked', source: { kind: 'traces', traces: [map, copy] } },
    });
    sections.push({ kind: 'diff', title: 'From map to copy', a: map, b: copy });
  }
  if (stale !== undefined) {
    sections.push({ kind: 'text', markdown: '# What lazy invalidation leaves open' });
    sections.push({ kind: 'hazards', trace: stale, codes: ['H4'], limit: 5 });
  }
  return { ...EMPTY, title: 'Map or copy, 64 KiB', items: sections.map(item) };
}
