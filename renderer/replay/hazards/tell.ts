/** Collects what a hazard's story is made of. */
import {
  HAZARD_IDS,
  type EventRow,
  type HazardId,
  type HazardRow,
  type OpenSpan,
  namesFrame,
} from '../../../core/contract/index.ts';
import type { Lab } from '../../app/lab.svelte.ts';
import type { Replay } from '../replay.svelte.ts';
import { stepsOf, withoutOf, type Step, type Without } from './story.ts';

const MAX_CAUSES = 8;
const AROUND = 16;
/** Events looked at that begin at one moment. */
const NEXT = 16;

export interface Story {
  readonly steps: readonly Step[];
  /** What was going on when it ended, and ended with it; or that another translation came in its place. */
  readonly endedBy: (OpenSpan & { readonly track: number }) | 'evicted' | null;
  readonly without: readonly Without[];
  /** Whether anything is known of what others are exposed to. */
  readonly compared: boolean;
}

export async function tell(lab: Lab, replay: Replay, hazard: HazardRow): Promise<Story> {
  const trace = replay.id ?? '';
  const code = HAZARD_IDS.find((each) => each === hazard.code);
  const [causes, endedBy, alternatives] = await Promise.all([
    Promise.all(
      hazard.causes
        .slice(-MAX_CAUSES)
        .map(async (event) => (await lab.call('trace.event', { trace, event })).event),
    ),
    endOf(lab, replay, trace, hazard),
    alternativesTo(lab, replay, code),
  ]);
  const around = await eventsAround(lab, trace, hazard, causes);
  const isHazard = (event: EventRow) => replay.categoryOf(event.kind) === 'hazard';
  return {
    steps: stepsOf(
      hazard,
      causes,
      around.filter((event) => !isHazard(event)),
    ),
    endedBy,
    without: withoutOf(alternatives),
    compared: alternatives.length > 0,
  };
}

/** Events that name the hazard's frame, before and after its last cause. */
async function eventsAround(
  lab: Lab,
  trace: string,
  hazard: HazardRow,
  causes: readonly EventRow[],
): Promise<readonly EventRow[]> {
  // What ran out or was late is no frame's; and of many frames there is no one story.
  if (!namesFrame(hazard)) return await eventsOfRequest(lab, trace, hazard);
  if (hazard.frames > 1) return [];
  const from =
    causes.at(-1)?.id ?? (await lab.call('trace.at', { trace, ts: hazard.opened })).event;
  if (from === 0) return [];
  const about = String(hazard.frame);
  const ask = { trace, from, limit: AROUND, about };
  const [before, after] = await Promise.all([
    lab.call('trace.find', { ...ask, direction: 'backward' }),
    lab.call('trace.find', { ...ask, direction: 'forward' }),
  ]);
  return [...before.events, ...after.events];
}

/** What its request did last before a hazard that is about no frame. */
async function eventsOfRequest(
  lab: Lab,
  trace: string,
  { request, opened }: HazardRow,
): Promise<readonly EventRow[]> {
  if (request === null) return [];
  const { events } = await lab.call('trace.request', { trace, request });
  return events.filter((event) => event.ts <= opened);
}

/**
 * What ended at the moment at which the hazard did. A device's access ends no reach: where one begins with
 * a walk just then, its translation has taken the place of the stale one.
 */
async function endOf(
  lab: Lab,
  replay: Replay,
  trace: string,
  { code, opened, closed }: HazardRow,
): Promise<Story['endedBy']> {
  if (closed === null || closed <= opened) return null;
  const { tracks } = await lab.call('trace.state', { trace, ts: closed - 1, limit: 1 });
  // The innermost says most.
  const running = tracks
    .flatMap(({ track, spans }) => spans.map((span) => ({ ...span, track })))
    .filter((span) => replay.categoryOf(span.kind) !== 'dma')
    .sort((a, b) => b.level - a.level);
  const innermost = running.find((span) => span.ts + span.dur === closed);
  if (code !== 'H4' || (innermost !== undefined && isFlush(replay, innermost.kind))) {
    return innermost ?? null;
  }
  const { event } = await lab.call('trace.at', { trace, ts: closed });
  const next = await lab.call('trace.events', { trace, first: Math.max(1, event), limit: NEXT });
  const walks = next.some((row) => row.ts === closed && row.name === 'IOTLB.walk');
  // The hardware is done before who waits for it has seen that.
  return walks ? 'evicted' : (running.find((span) => isFlush(replay, span.kind)) ?? null);
}

const isFlush = (replay: Replay, kind: number) =>
  ['flush', 'wait'].includes(replay.categoryOf(kind));

async function alternativesTo(lab: Lab, { info }: Replay, hazard: HazardId | undefined) {
  if (info?.scenario == null || hazard === undefined) return [];
  return await lab.call('hazard.alternatives', { scenario: info.scenario, hazard });
}
