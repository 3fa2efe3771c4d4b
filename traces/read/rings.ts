/**
 * Rings at a moment. Their indices stand in `RING.push` and `RING.pull`, and count requests; how many
 * slots each queue has in use stands nowhere, and is put together from the requests in flight: each
 * one's pushes name the track of the queue's producer, its pulls say what the other side has taken.
 */
import { K } from '../../core/contract/kinds.ts';
import type { RequestRow, RingState } from '../../core/contract/methods/index.ts';
import type { Made } from './state.ts';
import { int, intOrNull, type TraceStore } from './store.ts';

/** Events that one question reads back at most: what requests in flight take, many times over. */
const MAX_BACK = 131_072;

interface Slots {
  inFlight: number;
  waiting: number;
}

/** @param requests all those in flight after `event` */
export function ringsOf(
  store: TraceStore,
  made: readonly Made[],
  event: number,
  requests: readonly RequestRow[],
): RingState[] {
  const byTrack = new Map<number, { pushed: number | null; pulled: number | null }>();
  for (const { group, entry } of made) {
    if (group !== 'rings') continue;
    const ring = byTrack.get(entry.track) ?? { pushed: null, pulled: null };
    const index = entry.key === null ? null : Number(entry.key);
    if (entry.kind === K.ringPush) ring.pushed = index;
    else ring.pulled = index;
    byTrack.set(entry.track, ring);
  }
  const slots = slotsOf(store, event, requests);
  return [...byTrack]
    .map(([track, ring]) => ({ track, ...ring, slots: slots?.get(track) ?? null }))
    .sort((a, b) => a.track - b.track);
}

/** By track of the pusher; null where a request in flight began too far back. */
function slotsOf(
  store: TraceStore,
  event: number,
  requests: readonly RequestRow[],
): Map<number, Slots> | null {
  const inFlight = new Set(requests.map((request) => request.id));
  const from = requests.reduce((least, each) => Math.min(least, each.firstEvent), event);
  if (event - from > MAX_BACK) return null;
  const byTrack = new Map<number, Slots>();
  /** Of each request in flight: what its producers pushed, and what of it was pulled so far. */
  const pushed = new Map<number, Slots>();
  for (const row of store.rows(
    `SELECT kind, track, request, n FROM events
     WHERE id BETWEEN ? AND ? AND kind IN (${K.ringPush}, ${K.ringPull}) ORDER BY id`,
    from,
    event,
  )) {
    const [request, n] = [intOrNull(row[2]), intOrNull(row[3]) ?? 1];
    if (request === null) continue;
    if (int(row[0]) === K.ringPull) {
      const queue = pushed.get(request);
      if (queue !== undefined) queue.waiting -= n;
      continue;
    }
    const queue = byTrack.get(int(row[1])) ?? { inFlight: 0, waiting: 0 };
    byTrack.set(int(row[1]), queue);
    // A queue is listed also while nothing of it is in flight.
    if (!inFlight.has(request)) continue;
    queue.inFlight += n;
    queue.waiting += n;
    pushed.set(request, queue);
  }
  return byTrack;
}
