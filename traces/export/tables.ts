/** Events as CSV and as JSON lines. */
import { csvLine } from '../csv.ts';
import { trackName, type DecodedEvent } from './decoded.ts';
import type { Times } from './times.ts';

export const CSV_TITLES = [
  'id',
  'ts_ns',
  'dur_ns',
  'name',
  'kind',
  'category',
  'actor',
  'track',
  'level',
  'request',
  'frame',
  'bytes',
  'n',
  'status',
  'arg',
  'details',
] as const;

/** One event, in the order of `CSV_TITLES`; details are a JSON object. */
export function csvEvent(event: DecodedEvent, times: Times): string {
  const { id, name, kind, track, level, request, frame, bytes, n, status, arg, details } = event;
  return csvLine([
    id,
    times.ns(event.ts),
    times.ns(event.dur),
    name,
    kind.name,
    kind.category,
    track.actorName,
    trackName(track),
    level,
    request,
    frame,
    bytes,
    n,
    status,
    arg,
    details === null ? null : JSON.stringify(details),
  ]);
}

/** One event with what it has; times are JSON numbers with all their digits. */
export function jsonEvent(event: DecodedEvent, times: Times): string {
  const { id, name, kind, track, level, ...rest } = event;
  const fields = {
    name,
    kind: kind.name,
    category: kind.category,
    actor: track.actorName,
    track: trackName(track),
    level,
    request: rest.request ?? undefined,
    frame: rest.frame ?? undefined,
    bytes: rest.bytes ?? undefined,
    n: rest.n ?? undefined,
    status: rest.status ?? undefined,
    arg: rest.arg ?? undefined,
    details: rest.details ?? undefined,
  };
  const head = `{"id":${id},"ts_ns":${times.ns(event.ts)},"dur_ns":${times.ns(event.dur)},`;
  return `${head}${JSON.stringify(fields).slice(1)}\n`;
}
