/** Records a run as it happens. */
import { basename } from 'node:path';
import { assert } from '../../core/base/assert.ts';
import { PS_PER_NS } from '../../core/base/brand.ts';
import type { ActorId } from '../../core/contract/ids.ts';
import type { Exposure, RunResult } from '../../core/contract/result.ts';
import type { Scenario } from '../../core/contract/scenario.ts';
import { VERSION } from '../../core/contract/version.ts';
import {
  NONE,
  type ActorRecord,
  type CounterRecord,
  type EventChunk,
  type HazardRecord,
  type MemorySink,
  type RequestRecord,
  type TraceSink,
  type TrackRecord,
} from '../../core/engine/recording.ts';
import type { TableRows } from '../bulk/image.ts';
import { BulkLoader, type BulkTable } from '../bulk/loader.ts';
import { lanesOf } from '../state/live.ts';
import { EventInserter } from './events.ts';
import {
  checkpoint,
  createPart,
  discardPart,
  leavePart,
  rowsBeside,
  sealPart,
  writeError,
  type Part,
} from './part.ts';
import { Summary, writeMeta } from './summary.ts';

/** A kill loses at most what came after the last commit: so many events, or so much wall time. */
const COMMIT_EVENTS = 20_000;
const COMMIT_MS = 100;
/** Counters keep one sample a microsecond. */
const SAMPLE_PS = 1000 * PS_PER_NS;

const TABLES: readonly BulkTable[] = [
  ...['events', 'reach', 'needs'].map((name) => ({ name, inOrder: true })),
  ...['requests', 'hazards', 'hazard_causes', 'samples'].map((name) => ({ name, inOrder: false })),
];

/** What is known of a run before it starts. */
export interface TraceHead {
  /** What people call the trace. */
  readonly name: string;
  readonly scenario: Scenario;
  readonly scenarioHash: string;
  /** Profile id -> hash of its numbers. */
  readonly profiles: Record<string, string>;
  /** ISO 8601. */
  readonly recordedAt: string;
}

/** How a recording ended. */
export interface TraceEnd {
  readonly status: 'complete' | 'incomplete';
  readonly result: RunResult;
  /** Why the run is incomplete, in words. */
  readonly interrupted?: string;
}

/** Takes a run and makes a file of it. One of `finish` and `abandon` ends it. */
export interface TraceWriter extends TraceSink {
  /**
   * Writes what is left, the summaries and `meta`, and puts the finished file in its place. The
   * result is stored with the file's base name as its `file`.
   *
   * @throws LabError UNWRITABLE; everything committed then stays in the part, for recovery
   */
  finish(end: TraceEnd): { file: string; events: number };
  /** Removes everything. Does nothing after `finish`, nor when the disk was full. */
  abandon(): void;
}

/**
 * Starts a trace at `path`. It is written to `path` + `.part` until `finish`.
 *
 * @throws LabError UNWRITABLE when that is impossible, when something other than a trace is at
 * `path`, or when an unfinished trace of that name is there; nothing is left behind then
 */
export function createTraceWriter(path: string, head: TraceHead): TraceWriter {
  const part = createPart(path, 'recording');
  try {
    writeMeta(part.db, {
      status: 'recording',
      tick_ps: '1',
      program: `mapcopy ${VERSION}`,
      recorded_at: head.recordedAt,
      name: head.name,
      scenario: JSON.stringify(head.scenario),
      scenario_hash: head.scenarioHash,
      seed: String(head.scenario.seed),
      profiles: JSON.stringify(head.profiles),
    });
    checkpoint(part.db);
    return new PartWriter(part);
  } catch (thrown) {
    discardPart(part);
    throw writeError(path, thrown);
  }
}

class PartWriter implements TraceWriter {
  readonly #part: Part;
  readonly #summary: Summary;
  readonly #bulk: BulkLoader;
  readonly #events: EventInserter;
  readonly #reach: TableRows;
  readonly #needs: TableRows;
  readonly #requests: TableRows;
  readonly #hazards: TableRows;
  readonly #causes: TableRows;
  readonly #samples: TableRows;
  /** Rows of the actors, by role. */
  readonly #actorIds = new Map<string, number>();
  /** Latest sample of each counter: it may still be replaced within its microsecond. */
  readonly #pending = new Map<number, { ts: number; value: number }>();
  #uncommitted = 0;
  #committedAt = performance.now();
  #ended = false;

  constructor(part: Part) {
    this.#part = part;
    this.#summary = new Summary(part.db, 1);
    this.#bulk = new BulkLoader(part.db, rowsBeside(part.part), TABLES);
    this.#events = new EventInserter(this.#bulk.rows('events'), this.#summary);
    this.#reach = this.#bulk.rows('reach');
    this.#needs = this.#bulk.rows('needs');
    this.#requests = this.#bulk.rows('requests');
    this.#hazards = this.#bulk.rows('hazards');
    this.#causes = this.#bulk.rows('hazard_causes');
    this.#samples = this.#bulk.rows('samples');
    part.db.exec('BEGIN');
  }

  begin(
    actors: readonly ActorRecord[],
    tracks: readonly TrackRecord[],
    counters: readonly CounterRecord[],
  ): void {
    this.#write(() => {
      const { db } = this.#part;
      const actor = db.prepare('INSERT INTO actors VALUES (?, ?, ?)');
      for (const each of actors) {
        actor.run(each.id, each.name, each.role);
        this.#actorIds.set(each.role, each.id);
      }
      this.#summary.lanes.push(...lanesOf(tracks));
      const track = db.prepare('INSERT INTO tracks VALUES (?, ?, ?, ?, 0, 0)');
      for (const each of tracks) track.run(each.id, each.actor, each.name, each.detail);
      const counter = db.prepare('INSERT INTO counters VALUES (?, ?, ?)');
      for (const each of counters) counter.run(each.id, each.name, each.unit);
      this.#commit();
    });
  }

  events(chunk: EventChunk): void {
    this.#write(() => {
      this.#events.insert(chunk);
      this.#uncommitted += chunk.count;
      const due =
        this.#uncommitted >= COMMIT_EVENTS || performance.now() - this.#committedAt >= COMMIT_MS;
      if (due) this.#commit();
    });
  }

  request(record: RequestRecord): void {
    const { id, submitted, completed, bytes, firstEvent, lastEvent } = record;
    this.#write(() => {
      this.#requests.append(id, submitted, orNull(completed), bytes, firstEvent, lastEvent);
    });
  }

  hazard(record: HazardRecord): void {
    this.#write(() => {
      this.#hazards.append(
        record.id,
        record.code,
        record.actor,
        record.frame,
        record.frames,
        record.opened,
        orNull(record.closed),
        orNull(record.request),
        record.note,
      );
      record.causes.forEach((event, position) => this.#causes.append(record.id, position, event));
    });
  }

  sample(counter: number, ts: number, value: number): void {
    this.#write(() => {
      const before = this.#pending.get(counter);
      if (before !== undefined) {
        assert(ts >= before.ts, 'a counter goes back in time');
        if (Math.floor(ts / SAMPLE_PS) !== Math.floor(before.ts / SAMPLE_PS)) {
          this.#samples.append(counter, before.ts, before.value);
        }
      }
      this.#pending.set(counter, { ts, value });
    });
  }

  readonly memory: MemorySink = {
    guest: ({ id, name, frame, frames, gfn }) => {
      this.#write(() => {
        const insert = 'INSERT INTO guests VALUES (?, ?, ?, ?, ?)';
        this.#part.db.prepare(insert).run(id, name, frame, frames, gfn);
      });
    },
    standing: ({ actor, frame, frames, note }) => {
      this.#write(() => {
        const insert = 'INSERT INTO standing_reach VALUES (NULL, ?, ?, ?, ?)';
        this.#part.db.prepare(insert).run(this.#idOf(actor), frame, frames, note);
      });
    },
    reach: ({ actor, frame, write, opened, stale, closed }) => {
      this.#write(() => {
        const id = this.#idOf(actor);
        const isOpen = closed === NONE;
        const mapped = stale === NONE ? closed : stale;
        this.#reach.append(
          id,
          frame,
          write ? 1 : 0,
          opened,
          mapped === NONE ? null : mapped - opened,
          isOpen ? null : closed - mapped,
        );
      });
    },
    need: ({ frame, frames, opened, closed }) => {
      this.#write(() =>
        this.#needs.append(frame, frames, opened, closed === NONE ? null : closed - opened),
      );
    },
  };

  exposure(actor: ActorId, exposure: Exposure): void {
    this.#write(() => {
      this.#part.db
        .prepare('INSERT OR REPLACE INTO exposure VALUES (?, ?, ?, ?, ?, ?)')
        .run(
          actor,
          exposure.heldByteSeconds,
          exposure.obtainableByteSeconds,
          exposure.standingBytes,
          exposure.granuleByteSeconds,
          exposure.staleByteSeconds,
        );
    });
  }

  finish(end: TraceEnd): { file: string; events: number } {
    try {
      this.#complete(end);
    } catch (thrown) {
      this.#ended = true;
      leavePart(this.#part);
      throw thrown;
    }
    sealPart(this.#part, this.#part.path);
    return { file: this.#part.path, events: this.#summary.events };
  }

  #complete(end: TraceEnd): void {
    const { db, path } = this.#part;
    this.#write(() => {
      for (const [counter, { ts, value }] of this.#pending)
        this.#samples.append(counter, ts, value);
      this.#pending.clear();
      // First what the run left, then the summaries: if the disk ends in between, nothing is lost.
      this.#commit();
      this.#summary.write(db);
      writeMeta(db, {
        status: end.status,
        fingerprint: end.result.fingerprint,
        result: JSON.stringify({ ...end.result, status: end.status, file: basename(path) }),
      });
      if (end.status === 'incomplete') {
        writeMeta(db, { interrupted: end.interrupted ?? 'the run was cancelled' });
      }
      db.exec('COMMIT');
      this.#ended = true;
    });
  }

  abandon(): void {
    if (this.#ended) return;
    this.#ended = true;
    discardPart(this.#part);
  }

  #commit(): void {
    this.#bulk.load();
    this.#part.db.exec('COMMIT');
    this.#part.db.exec('BEGIN');
    this.#uncommitted = 0;
    this.#committedAt = performance.now();
  }

  #idOf(actor: ActorId): number {
    const id = this.#actorIds.get(actor);
    assert(id !== undefined, 'the trace has no such actor');
    return id;
  }

  #write(work: () => void): void {
    assert(!this.#ended, 'the trace writer has ended');
    try {
      work();
    } catch (thrown) {
      const { path, part } = this.#part;
      const kept = `; "mapcopy recover ${part}" makes a trace of what was recorded until then`;
      const error = writeError(path, thrown, kept);
      // A disk that is full need not cost what was committed before it was.
      if (error === thrown) throw error;
      this.#ended = true;
      leavePart(this.#part);
      throw error;
    }
  }
}

function orNull(value: number): number | null {
  return value === NONE ? null : value;
}
