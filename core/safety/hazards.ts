/** Occurrences of hazards: opened once per (hazard, actor, frame), closed when the condition ends. */
import { HAZARD_IDS, type ActorId, type HazardId } from '../contract/ids.ts';
import { K } from '../contract/kinds.ts';
import type { Engine } from '../engine/engine.ts';
import type { Recorder } from '../engine/recorder.ts';
import { NONE, type TraceSink } from '../engine/recording.ts';

interface Open {
  readonly id: number;
  readonly frames: number;
  readonly openedPs: number;
  readonly request: number;
  readonly causes: readonly number[];
  readonly note: string;
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
  readonly #open = new Map<string, Open>();
  readonly #counts = new Map<HazardId, number>();
  /** Open occurrences by hazard: most closings find none. */
  readonly #openOf = new Map<HazardId, number>();
  #nextId = 1;

  constructor(engine: Engine, recorder: Recorder, sink: TraceSink | null, track: number) {
    this.#engine = engine;
    this.#recorder = recorder;
    this.#sink = sink;
    this.#track = track;
  }

  /** Opens an occurrence unless it is open already. */
  open(report: HazardReport): void {
    const key = `${report.code} ${report.actor} ${report.frame} ${report.key ?? ''}`;
    if (this.#open.has(key)) return;
    const frames = report.frames ?? 1;
    const id = this.#nextId++;
    const request = report.request ?? NONE;
    this.#open.set(key, {
      id,
      frames,
      openedPs: report.sincePs ?? this.#engine.now,
      request,
      causes: report.causes ?? [],
      note: report.note,
    });
    this.#openOf.set(report.code, (this.#openOf.get(report.code) ?? 0) + 1);
    this.#counts.set(report.code, (this.#counts.get(report.code) ?? 0) + frames);
    this.#mark(K.hazardOpen, report.frame, frames, id);
  }

  /** Closes an occurrence if it is open. */
  close(code: HazardId, actor: ActorId, frame: number, name = ''): void {
    const others = this.#openOf.get(code) ?? 0;
    if (others === 0) return;
    const key = `${code} ${actor} ${frame} ${name}`;
    const open = this.#open.get(key);
    if (open === undefined) return;
    this.#open.delete(key);
    this.#openOf.set(code, others - 1);
    this.#mark(K.hazardClose, frame, open.frames, open.id);
    this.#report(code, actor, frame, open, this.#engine.now);
  }

  /** Something that happens at one instant. */
  occur(report: HazardReport): void {
    this.open(report);
    this.close(report.code, report.actor, report.frame, report.key);
  }

  countOf(code: HazardId): number {
    return this.#counts.get(code) ?? 0;
  }

  /** Reports what is open at the end of the run. */
  finish(): void {
    for (const [key, open] of this.#open) {
      const [code, actor, frame] = key.split(' ');
      const known = HAZARD_IDS.find((each) => each === code);
      if (known !== undefined) this.#report(known, actor as ActorId, Number(frame), open, NONE);
    }
    this.#open.clear();
  }

  #mark(kind: number, frame: number, frames: number, id: number): void {
    // No request: it may be over by now, and the row of the hazard names it in any case.
    this.#recorder.leaf(kind, this.#track, 0, NONE, frame, NONE, frames, NONE, id);
  }

  #report(code: HazardId, actor: ActorId, frame: number, open: Open, closed: number): void {
    this.#sink?.hazard({
      id: open.id,
      code,
      actor,
      frame,
      frames: open.frames,
      opened: open.openedPs,
      closed,
      request: open.request,
      causes: open.causes,
      note: open.note,
    });
  }
}
