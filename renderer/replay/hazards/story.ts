/** The events of a hazard's frame put into an order that can be read. */
import type { EventRow, HazardAlternative, HazardRow } from '../../../core/contract/index.ts';

export interface Step {
  readonly event: EventRow;
  /** Before the hazard, what brought it about, or while it lasted. */
  readonly part: 'before' | 'cause' | 'during';
}

/** So many steps before and after the cause can be read at a glance. */
const BEFORE = 6;
const DURING = 5;

/**
 * @param causes events that led there, as the oracle names them
 * @param around other events of the same frame, in any order
 */
export function stepsOf(
  hazard: HazardRow,
  causes: readonly EventRow[],
  around: readonly EventRow[],
): readonly Step[] {
  const named = new Set(causes.map((event) => event.id));
  const others = [...new Map(around.map((event) => [event.id, event])).values()]
    .filter((event) => !named.has(event.id))
    .sort((a, b) => a.id - b.id);
  // What its frame was used for by an earlier request is another story.
  const before = others
    .filter(
      ({ ts, request }) =>
        ts <= hazard.opened && (request ?? hazard.request) === (hazard.request ?? request),
    )
    .slice(-BEFORE);
  const during = others
    .filter(({ ts }) => ts > hazard.opened && (hazard.closed === null || ts <= hazard.closed))
    .slice(0, DURING);
  const steps = [
    ...before.map((event): Step => ({ event, part: 'before' })),
    ...causes.map((event): Step => ({ event, part: 'cause' })),
    ...during.map((event): Step => ({ event, part: 'during' })),
  ];
  return steps.sort((a, b) => a.event.id - b.event.id);
}

/** Strategies that cannot show the hazard, by mode of the backend's own driver. */
export interface Without {
  readonly hostDma: string;
  /** The mode is another one than that of the run. */
  readonly changed: boolean;
  readonly strategies: readonly string[];
  /** Those whose mechanism does not exist on this hypervisor: simulated as if it did. */
  readonly proposed: readonly string[];
}

export function withoutOf(list: readonly HazardAlternative[]): readonly Without[] {
  const own = list[0]?.hostDma;
  const free = list.filter((each) => each.expect === 'none');
  return [...Map.groupBy(free, (each) => each.hostDma)]
    .map(([hostDma, rows]) => ({
      hostDma,
      changed: hostDma !== own,
      strategies: rows.filter((row) => row.pair === 'native').map((row) => row.strategy),
      proposed: rows.filter((row) => row.pair !== 'native').map((row) => row.strategy),
    }))
    .sort((a, b) => Number(a.changed) - Number(b.changed));
}
