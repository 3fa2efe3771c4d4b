/** Occurrences of one hazard in a run, each with the events that led to it. */
import type { HazardId } from '../../core/contract/ids.ts';
import { kindOf } from '../../core/contract/kinds.ts';
import { NONE, type HazardRecord, type TraceSink } from '../../core/engine/recording.ts';

interface Event {
  readonly id: number;
  readonly ts: number;
  readonly kind: number;
  readonly request: number;
  readonly frame: number;
  readonly arg: number;
}

/** Occurrences that are told, and events before each. */
const TOLD = 2;
const BEFORE = 12;

export class Evidence implements TraceSink {
  readonly #code: HazardId;
  readonly #events: Event[] = [];
  readonly #found: HazardRecord[] = [];

  constructor(code: HazardId) {
    this.#code = code;
  }

  begin(): void {
    // Actors and tracks have no part in it.
  }
  request(): void {
    // Nor have requests,
  }
  sample(): void {
    // counters,
  }
  exposure(): void {
    // or exposure.
  }
  hazard(record: HazardRecord): void {
    if (record.code === this.#code) this.#found.push(record);
  }
  events(chunk: Parameters<TraceSink['events']>[0]): void {
    for (let i = 0; i < chunk.count; i++) {
      this.#events.push({
        id: chunk.firstId + i,
        ts: chunk.ts[i] as number,
        kind: chunk.kind[i] as number,
        request: chunk.request[i] as number,
        frame: chunk.frame[i] as number,
        arg: chunk.arg[i] as number,
      });
    }
  }

  /** The first occurrences, and before each the events of its request and of its frame. */
  lines(): readonly string[] {
    return this.#found.slice(0, TOLD).flatMap((record) => {
      const { actor, frame, opened, request, causes, note } = record;
      const concerned = this.#events.filter(
        (each) =>
          each.ts <= opened &&
          ((request !== NONE && each.request === request) ||
            causes.includes(each.id) ||
            (isMfn(each.kind) && each.frame === frame)),
      );
      return [
        `  ${note}: ${actor}, frame ${frame}, request ${shown(request)}, at ${opened} ps, caused by ${causes.join(', ') || 'nothing named'}`,
        ...concerned.slice(-BEFORE).map(line),
      ];
    });
  }
}

const shown = (value: number): string => (value === NONE ? '-' : String(value));

const isMfn = (kind: number): boolean => kindOf(kind)?.frame === 'mfn';

function line({ id, ts, kind, request, frame, arg }: Event): string {
  const name = kindOf(kind)?.name ?? String(kind);
  return `    #${id} at ${ts} ps: ${name}, request ${shown(request)}, frame ${shown(frame)}, arg ${shown(arg)}`;
}
