/** Occurrences of hazards: opened once per (hazard, actor, frame), closed when the condition ends. */
import { ACTOR_IDS, HAZARD_IDS, type ActorId, type HazardId } from '../contract/ids.ts';
import { K } from '../contract/kinds.ts';
import type { Engine } from '../engine/engine.ts';
import type { Recorder } from '../engine/recorder.ts';
import { NONE, type TraceSink } from '../engine/recording.ts';

interface Open {
  readonly id: number;
  readonly report: HazardReport;
  readonly openedPs: number;
}

/** Occurrences of one hazard so far. */
interface Occurrences {
  count: number;
  /** How many are open: most closings find none. */
  open: number;
  /** The open ones of each actor, by frame, or by frame and key where there is one. */
  readonly by: Record<ActorId, Map<number | string, Open>>;
}

/** What is being reported. */
export interface HazardReport {
  readonly code: HazardId;
  readonly actor: ActorId;
  readonly frame: number;
  readonly frames?: number;
  readonly request?: number;
  /** Event ids that led there, oldest first. */
  readonly causes?: readonly number[];
  readonly note: string;
  /** What tells occurrences of one frame apart, where a frame does not suffice. */
  readonly key?: string;
  /** When the condition began, if that was before now. */
  readonly sincePs?: number;
}

export class HazardLog {
  readonly #engine: Engine;
  readonly #recorder: Recorder;
  readonly #sink: TraceSink | null;
  readonly #track: number;
  readonly #of = recordOf(HAZARD_IDS, (): Occurrences => ({
    count: 0,
    open: 0,
    by: recordOf(ACTOR_IDS, () => new Map<number | string, Open>()),
  }));
  #nextId = 1;

  constructor(engine: Engine, recorder: Recorder, sink: TraceSink | null, track: number) {
    this.#engine = engine;
    this.#recorder = recorder;
    this.#sink = sink;
    this.#track = track;
  }

  /** Opens an occurrence unless it is open already. */
  open(report: HazardReport): void {
    const { code, actor, frame, frames = 1 } = report;
    const all = this.#of[code];
    const open = all.by[actor];
    const key = keyOf(frame, report.key);
    if (open.has(key)) return;
    const id = this.#nextId++;
    open.set(key, { id, report, openedPs: report.sincePs ?? this.#engine.now });
    all.open++;
    all.count += frames;
    this.#mark(K.hazardOpen, frame, frames, id);
  }

  /** Closes an occurrence if it is open. */
  close(code: HazardId, actor: ActorId, frame: number, name?: string): void {
    const all = this.#of[code];
    if (all.open === 0) return;
    const key = keyOf(frame, name);
    const found = all.by[actor].get(key);
    if (found === undefined) return;
    all.by[actor].delete(key);
    all.open--;
    this.#mark(K.hazardClose, frame, found.report.frames ?? 1, found.id);
    this.#report(found, this.#engine.now);
  }

  /** Something that happens at one instant. */
  occur(report: HazardReport): void {
    this.open(report);
    this.close(report.code, report.actor, report.frame, report.key);
  }

  countOf(code: HazardId): number {
    return this.#of[code].count;
  }

  /** Reports what is open at the end of the run, oldest first. */
  finish(): void {
    const open = Object.values(this.#of)
      .flatMap(({ by }) => Object.values(by))
      .flatMap((each) => [...each.values()]);
    for (const each of open.sort((a, b) => a.id - b.id)) this.#report(each, NONE);
    for (const { by } of Object.values(this.#of))
      for (const each of Object.values(by)) each.clear();
  }

  #mark(kind: number, frame: number, frames: number, id: number): void {
    // No request: it may be over by now, and the row of the hazard names it in any case.
    this.#recorder.leaf(kind, this.#track, 0, NONE, frame, NONE, frames, NONE, id);
  }

  #report({ id, report, openedPs }: Open, closed: number): void {
    this.#sink?.hazard({
      id,
      code: report.code,
      actor: report.actor,
      frame: report.frame,
      frames: report.frames ?? 1,
      opened: openedPs,
      closed,
      request: report.request ?? NONE,
      causes: report.causes ?? [],
      note: report.note,
    });
  }
}

function keyOf(frame: number, name: string | undefined): number | string {
  return name === undefined ? frame : `${frame} ${name}`;
}

function recordOf<Key extends string, Value>(
  keys: readonly Key[],
  make: () => Value,
): Record<Key, Value> {
  return Object.fromEntries(keys.map((key) => [key, make()])) as Record<Key, Value>;
}
