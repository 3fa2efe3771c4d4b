/** Everything of studies that one lab has, and who is told of it. */
import os from 'node:os';
import path from 'node:path';
import type { ArgsOf, ResultOf, RunJob, StudyNews } from '../../../core/contract/index.ts';
import type { Library } from '../library.ts';
import { Batches } from './batches.ts';
import { Crossovers } from './crossovers.ts';
import { OwnProfiles } from './own-profiles.ts';
import { RunJobs } from './run-jobs.ts';
import { RunPool } from './run-pool.ts';
import { Studies } from './studies.ts';

export interface StudyOptions {
  /** Folder of everything that the lab keeps. */
  readonly home: string;
  readonly library: Library;
  readonly now: () => Date;
  /** Work that must end before the lab does. */
  readonly track: (work: Promise<unknown>) => void;
}

type Follower = (news: StudyNews) => void;
/** Least time between two messages to a follower. */
const TELL_MS = 100;

const byId = <T extends { readonly id: number | string }>() => new Map<T['id'], T>();

export class Study {
  readonly pool = new RunPool(os.availableParallelism());
  readonly studies: Studies;
  readonly runs: RunJobs;
  readonly crossovers: Crossovers;
  readonly #batches: Batches;
  readonly profiles: OwnProfiles;
  readonly #followers = new Set<Follower>();
  #timer: NodeJS.Timeout | undefined;
  readonly #runs = byId<RunJob>();
  readonly #progress = byId<StudyNews['progress'][number]>();
  readonly #crossovers = byId<StudyNews['crossovers'][number]>();
  readonly #studies = byId<StudyNews['studies'][number]>();

  constructor({ home, library, now, track }: StudyOptions) {
    const { pool } = this;
    this.profiles = new OwnProfiles(path.join(home, 'profiles'));
    this.studies = new Studies({
      folder: path.join(home, 'studies'),
      trash: library.trash,
      now,
      traceOf: (file) => library.idOfFile(file),
      track,
      onChange: (each) => this.#tell(() => this.#studies.set(each.id, each)),
    });
    this.runs = new RunJobs({
      pool,
      library,
      now,
      track,
      onChange: (each) => this.#tell(() => this.#runs.set(each.id, each)),
      onProgress: (each) => this.#tell(() => this.#progress.set(each.id, each)),
    });
    this.#batches = new Batches(this.studies, now);
    this.crossovers = new Crossovers({
      pool,
      studies: this.studies,
      now,
      track,
      onChange: (each) => this.#tell(() => this.#crossovers.set(each.id, each)),
    });
  }

  /** @throws LabError for what is wrong with the plan they are kept as, and UNWRITABLE */
  run({ scenarios, record, keep }: ArgsOf<'study.run'>): ResultOf<'study.run'> {
    const batch = keep === null ? null : this.#batches.begin(keep, scenarios);
    return { ids: this.runs.add(scenarios, record, batch), study: batch?.study ?? null };
  }

  remove(id: string): ResultOf<'study.remove'> {
    const item = this.studies.remove(id);
    this.crossovers.forget(id);
    this.#tellAll();
    return item;
  }

  restore(item: string): ResultOf<'study.restore'> {
    const study = this.studies.restore(item);
    this.#tellAll();
    return study;
  }

  /** Tells everything at once, then what changes, until the signal fires. */
  follow(tell: Follower, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    tell(this.#all());
    this.#followers.add(tell);
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        this.#followers.delete(tell);
        resolve();
      });
    });
  }

  /** Ends everything early; what is recorded is completed as incomplete. */
  stop(): void {
    this.runs.cancelAll();
    this.crossovers.cancelAll();
    this.studies.stopAll();
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.pool.close();
  }

  #all(): StudyNews {
    return {
      all: true,
      threads: this.pool.size,
      runs: this.runs.list(),
      progress: [],
      crossovers: this.crossovers.list(),
      studies: this.studies.list(),
    };
  }

  #tellAll(): void {
    const all = this.#all();
    for (const each of this.#followers) each(all);
  }

  #tell(note: () => unknown): void {
    if (this.#followers.size === 0) return;
    note();
    this.#timer ??= setTimeout(() => {
      const news: StudyNews = {
        all: false,
        threads: this.pool.size,
        runs: [...this.#runs.values()],
        progress: [...this.#progress.values()].filter(({ id }) => !this.#runs.has(id)),
        crossovers: [...this.#crossovers.values()],
        studies: [...this.#studies.values()],
      };
      this.#timer = undefined;
      for (const map of [this.#runs, this.#progress, this.#crossovers, this.#studies]) map.clear();
      for (const each of this.#followers) each(news);
    }, TELL_MS).unref();
  }
}
