/** Help, a page of a few sentences each. */
import { HAZARD_IDS, HAZARDS, TRASH_DAYS, type CatalogueRow } from '../../core/contract/index.ts';
import type { RouteInput } from '../app/route.ts';

export interface Topic {
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  readonly text: readonly string[];
  /** Where to look further. */
  readonly links: readonly { readonly name: string; readonly to: RouteInput }[];
}

const only = (facet: string, value: string, name: string) => ({
  name,
  to: { room: 'library', query: { [facet]: value } } as const,
});

export const HAZARD_TOPICS: readonly Topic[] = HAZARD_IDS.map((id) => ({
  id: `hazard ${id}`,
  title: `${id} ${HAZARDS[id].name}`,
  detail: 'hazard',
  text: [HAZARDS[id].meaning],
  links: [only('hazard', id, 'Traces in which it happened')],
}));

const text = (value: unknown): readonly string[] =>
  typeof value === 'string' && value !== '' ? [value] : [];

/** A page for each row of a catalogue that says something about itself. */
export function catalogueTopics(
  facet: 'strategy' | 'hypervisor' | 'soc' | 'workload',
  rows: readonly CatalogueRow[],
): readonly Topic[] {
  const kind = facet === 'soc' ? 'SoC' : facet;
  return rows.map((row) => ({
    id: `${facet} ${row.id}`,
    title: row.id,
    detail: row.name === row.id ? kind : `${kind}, ${row.name}`,
    text: [
      ...text(row['explanation'] ?? row['summary'] ?? row['doc']),
      ...text(row['source']).map((source) => `Source: ${source}`),
    ],
    links: [only(facet, row.id, 'Traces with it')],
  }));
}

export const LAB_TOPICS: readonly Topic[] = [
  {
    id: 'simulated',
    title: 'What “simulated” means',
    detail: 'help',
    text: [
      'A simulated figure comes from a model: hypercalls, page tables, IOTLBs, rings and CPUs are played through step by step, each step at the cost that the profile of the machine gives for it.',
      'The same scenario with the same seed gives the same trace, event for event, on every machine. A trace holds its scenario, its seed and the hashes of its profiles.',
      'Recordings of real systems are shown beside the runs and are never called simulated.',
    ],
    links: [{ name: 'Open Experiment', to: { room: 'experiment' } }],
  },
  {
    id: 'hypothetical',
    title: 'Native, hypothetical and refused pairs',
    detail: 'help',
    text: [
      'Not every strategy exists on every hypervisor. A native pair is one whose mechanism is there. A hypothetical pair is played at that hypervisor’s costs as if it were there: it is hollow and in italics wherever it is shown.',
      'A refused pair makes no sense, and says why in one sentence.',
    ],
    links: [{ name: 'Open Experiment', to: { room: 'experiment' } }],
  },
  {
    id: 'exposure',
    title: 'Exposure and hazards',
    detail: 'help',
    text: [
      'Exposure is how many bytes of the guest somebody else could reach, for how long, without a request needing it: bytes times seconds.',
      'A hazard is something that went wrong, or could be made to. “Not checked” means that a run did not look for it, which is not the same as none.',
    ],
    links: [{ name: 'Open the library', to: { room: 'library' } }],
  },
  {
    id: 'import',
    title: 'Bringing in recordings',
    detail: 'help',
    text: [
      'Drop files or a folder on the library, or choose them there. What a file is, is told by its content, not by its name.',
      'What is understood becomes typed events. The rest is kept as fields or as text, with its line. Nothing is dropped silently: “What was read…” counts every line.',
    ],
    links: [{ name: 'Open the library', to: { room: 'library' } }],
  },
  {
    id: 'files',
    title: 'Removed traces and how to have them back',
    detail: 'help',
    text: [
      `Removing a trace moves it to the trash. There it stays for ${TRASH_DAYS} days, or until you empty the trash, and can be restored. Ctrl+Z in the library takes back the last change.`,
    ],
    links: [{ name: 'Open the trash', to: { room: 'library', query: { in: 'trash' } } }],
  },
  {
    id: 'links',
    title: 'A view is a link',
    detail: 'help',
    text: [
      'The address always says what is shown: the room, the traces, the visible range, the selected event, filters and order. Copy it to come back to the same view, or keep it in a note.',
    ],
    links: [],
  },
];
