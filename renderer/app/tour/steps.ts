/** The steps of the tour. What it shows are the samples that ship with the program. */
import type { LibraryEntry } from '../../../core/contract/index.ts';
import type { Replay } from '../../replay/replay.svelte.ts';
import { linkTo } from '../../replay/link.ts';
import type { RouteInput } from '../route.ts';
import { hasRoom } from '../rooms.ts';

export const MAP_SAMPLE = 'sample/map-64k.mctrace';
export const COPY_SAMPLE = 'sample/copy-64k.mctrace';

export interface Step {
  /** The chapter of the card that it belongs to, from 0. */
  readonly chapter: number;
  readonly title: string;
  readonly text: readonly string[];
  /** The view in which it takes place. */
  readonly to: RouteInput;
  /** What is pointed at: the first of these selectors that is on the page. */
  readonly at: readonly string[];
  /** Brings the view into the state that is spoken of. */
  readonly prepare?: (replay: Replay) => Promise<void>;
}

export const CHAPTERS = [
  {
    name: 'Who holds what',
    text: 'Frontend, backend, hypervisor, IOMMU and device, one track each.',
  },
  { name: 'One request', text: 'Follow a packet from the socket to the wire and back.' },
  { name: 'Who can reach it', text: 'Every guest frame: rightly, needlessly, or stale.' },
  { name: 'Map against copy', text: 'The same work done both ways, and your own question.' },
] as const;

const id = (name: string) => `[data-testid="${name}"]`;
const replayView = linkTo(MAP_SAMPLE);
/** A request in the middle of the run, when all rings are busy. */
const REQUEST = 20;

const follow = async (replay: Replay) => {
  await replay.follow(REQUEST);
  const first = replay.request?.events[0];
  if (first !== undefined) await replay.select(first.id, false);
  replay.fitRequest();
};

const STEPS: readonly (Step & { readonly room?: 'diff' })[] = [
  {
    chapter: 0,
    title: 'Each row is a trace',
    text: [
      'A trace is everything that happened on a machine while it moved data, event by event, in order. These samples were simulated; recordings of real systems stand in the same list.',
      'Two of them do the same work: 64 KiB packets leave a guest through a network backend under Xen. One maps the guest’s pages for it, the other copies them.',
    ],
    to: { room: 'library', query: { in: 'all' } },
    at: [id('trace-table')],
  },
  {
    chapter: 0,
    title: 'What went wrong is named',
    text: [
      'H1 to H10 are hazards: memory that somebody could reach who should not. “None found” was looked for, “not checked” was not.',
      'Hold the pointer over a code for its name; Ctrl+K finds its explanation.',
    ],
    to: { room: 'library', query: { in: 'all' } },
    at: [`[data-trace="${MAP_SAMPLE}"]`, id('trace-table')],
  },
  {
    chapter: 0,
    title: 'Who does what, when',
    text: [
      'One track for each actor: the guest’s frontend, the backend on its CPUs, the hypervisor, the IOMMU, the device. A span is one thing that is done; what it calls is nested inside.',
      'W and S zoom, A and D move, and so do wheel and drag. The colour of a span is what kind of work it is: hypercall, mapping, flush, copy, DMA.',
    ],
    to: replayView,
    at: [id('timeline-canvas')],
  },
  {
    chapter: 1,
    title: 'One request’s journey',
    text: [
      'The arrows follow one packet: the frontend grants its pages, the backend has them mapped, the device reads them, and the unmapping and its flush follow.',
      '[ and ] go to the request before and after.',
    ],
    to: replayView,
    at: [id('timeline-canvas')],
    prepare: follow,
  },
  {
    chapter: 1,
    title: 'Where its time went',
    text: [
      'The same request as a diagram: what each actor did for it, and how long it waited in between. Every bar is an event: click it and the timeline goes there.',
    ],
    to: replayView,
    at: [id('request-tab'), id('tab-request')],
    prepare: follow,
  },
  {
    chapter: 2,
    title: 'Who can reach which frame',
    text: [
      'The state at the playhead. Each cell stands for guest memory: reached rightly, reached although no request needs it, or reached through a translation that should be gone.',
      'Play, or drag the playhead, and watch it change. Grants, IOMMU, rings and CPUs are beside it.',
    ],
    to: replayView,
    at: [id('state-panel'), id('exposure-table')],
  },
  {
    chapter: 2,
    title: 'The whole run, with its hazards',
    text: [
      'The strip shows the run from end to end, and a red diamond where a hazard begins. The page “Hazards” below tells each as a short story with the events that led to it.',
    ],
    to: replayView,
    at: [id('overview-canvas')],
  },
  {
    room: 'diff',
    chapter: 3,
    title: 'Map against copy',
    text: [
      'Both traces, request by request. What mapping saves in copying it pays in hypercalls and flushes; what it exposes meanwhile stands beside it.',
    ],
    to: { room: 'diff', path: [MAP_SAMPLE, COPY_SAMPLE] },
    at: ['main'],
  },
  {
    chapter: 3,
    title: 'Your own question',
    text: [
      'These questions fill in the plan, run it and answer in words: “Map or copy on my board?” finds the payload from which on mapping is cheaper, if there is one, and says what each exposes.',
      'Or choose strategies, hypervisors, machines and a workload yourself. Cost stands beside safety, best and worst are marked, the bottleneck is named.',
    ],
    to: { room: 'experiment' },
    at: ['[data-testid^="question-"]', id('run'), 'main'],
  },
  {
    chapter: 3,
    title: 'Everything by a few letters',
    text: [
      'Ctrl+K finds every command, trace, strategy, hazard and help page. ? lists the keys. This tour is there as well: type “tour”.',
    ],
    to: { room: 'library', query: { in: 'all' } },
    at: [id('open-palette')],
  },
];

export const TOUR: readonly Step[] = STEPS.filter(
  ({ room }) => room === undefined || hasRoom(room),
);

/** The tour needs its samples. */
export const hasSamples = (entries: readonly LibraryEntry[]): boolean =>
  [MAP_SAMPLE, COPY_SAMPLE].every((sample) => entries.some((entry) => entry.id === sample));
