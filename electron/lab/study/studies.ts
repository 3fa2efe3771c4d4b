/** Studies of the library: a folder each, with what was asked and the results. They go on by themselves. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  LabError,
  toErrorData,
  type LabErrorData,
  type ResultOf,
  type StudyInfo,
  type TrashItem,
} from '../../../core/contract/index.ts';
import { judge } from '../../../core/experiment/index.ts';
import { expandPlan, parsePlan, runAt } from '../../../core/sweep/index.ts';
import { slugOf, stampOf } from '../file-names.ts';
import { readJson, writeJson } from '../json-file.ts';
import { runSweep } from '../sweep/index.ts';
import { DATABASE } from '../sweep/schema.ts';
import type { Trash } from '../trash.ts';
import { CROSSOVER, crossoverInfo } from './kept-crossover.ts';
import { studyInfo, studyResults, studyRows } from './read-study.ts';

const PLAN = 'plan.json';
/** What a window asked for that had the runs of its plan kept. */
const ASKED = 'asked.json';
/** A plan that is checked is looked at to this many runs: refusals of the others are not counted. */
const JUDGED_MAX = 5000;
/** Least time between two reports of one study. */
const TELL_MS = 250;

export type PlanDocument = Readonly<Record<string, unknown>>;

/** Work on one study. */
export interface Live {
  readonly stop: AbortController;
  readonly startedAt: number;
  made: number;
  toMake: number;
  toldAt: number;
}

export interface StudiesOptions {
  /** Folder that holds a folder for each study. */
  readonly folder: string;
  readonly trash: Trash;
  readonly now: () => Date;
  /** Id of a trace of the library by its file; null for one that is not there. */
  readonly traceOf: (file: string) => string | null;
  /** Called when a study has come further or has ended. */
  readonly onChange: (study: StudyInfo) => void;
  /** Called with work that must end before the lab does. */
  readonly track: (work: Promise<unknown>) => void;
}

const isStudy = (folder: string) =>
  [PLAN, CROSSOVER].some((file) => existsSync(path.join(folder, file)));

export class Studies {
  readonly #options: StudiesOptions;
  readonly #live = new Map<string, Live>();
  /** What ended a study early, until it is resumed. */
  readonly #problems = new Map<string, LabErrorData>();

  constructor(options: StudiesOptions) {
    this.#options = options;
  }

  list(): StudyInfo[] {
    const { folder } = this.#options;
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { withFileTypes: true })
      .filter((each) => each.isDirectory() && isStudy(path.join(folder, each.name)))
      .map(({ name }) => this.info(name))
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt) || a.id.localeCompare(b.id));
  }

  info(id: string): StudyInfo {
    const live = this.#live.get(id);
    const info = this.#read(id);
    if (live === undefined) {
      return { ...info, problem: info.problem ?? this.#problems.get(id) ?? null };
    }
    const { made, toMake, startedAt } = live;
    const ms = Math.round(performance.now() - startedAt);
    return { ...info, state: 'running', problem: null, live: { made, toMake, ms } };
  }

  rows(id: string, asked: Parameters<typeof studyRows>[1]): ResultOf<'study.rows'> {
    return studyRows(path.join(this.place(id), DATABASE), asked);
  }

  results(id: string, asked: Parameters<typeof studyResults>[1]): ResultOf<'study.results'> {
    return studyResults(path.join(this.place(id), DATABASE), asked, this.#options.traceOf);
  }

  plan(id: string): PlanDocument {
    return readJson(path.join(this.place(id), PLAN)) as PlanDocument;
  }

  asked(id: string): PlanDocument {
    return readJson(path.join(this.place(id), ASKED)) as PlanDocument;
  }

  /** @throws LabError BAD_PLAN and others, naming what is wrong */
  check(document: PlanDocument): ResultOf<'study.check'> {
    const plan = parsePlan(document);
    const { runs } = expandPlan(plan);
    const refused = runs.slice(0, JUDGED_MAX).filter(({ index }) => {
      const run = runAt(plan, index);
      return run !== null && judge(run.scenario).status === 'refused';
    });
    return { runs: runs.length, refused: refused.length };
  }

  /** @throws LabError as `check` */
  start(document: PlanDocument): StudyInfo {
    this.check(document);
    return this.resume(this.create(document, null));
  }

  /**
   * Makes the folder of a plan.
   * @param asked what a window needs to show the plan again; null for a sweep
   * @returns its id
   */
  create(document: PlanDocument, asked: PlanDocument | null): string {
    const name = typeof document['name'] === 'string' ? document['name'] : '';
    const id = this.freeId(name === '' ? 'sweep' : name);
    const folder = this.folderOf(id);
    if (asked !== null) writeJson(path.join(folder, ASKED), asked);
    writeJson(path.join(folder, PLAN), document);
    return id;
  }

  /** An id that no study has. */
  freeId(name: string): string {
    const slug = `${slugOf(name).slice(0, 60)}-${stampOf(this.#options.now())}`;
    for (let number = 1; ; number++) {
      const id = number === 1 ? slug : `${slug}-${number}`;
      if (!existsSync(this.folderOf(id))) return id;
    }
  }

  resume(id: string): StudyInfo {
    const folder = this.place(id);
    if (this.#live.has(id)) return this.info(id);
    const live = this.begin(id);
    const work = (async () => {
      await runSweep({
        plan: parsePlan(this.plan(id), PLAN),
        where: PLAN,
        folder,
        jobs: os.availableParallelism(),
        shard: null,
        onProgress: ({ made, toMake }) => {
          this.progress(id, made, toMake);
          this.tell(id);
        },
        signal: live.stop.signal,
        now: this.#options.now,
      });
    })()
      .catch((thrown: unknown) => this.fail(id, thrown))
      .finally(() => this.end(id));
    this.#options.track(work);
    return this.info(id);
  }

  /** Somebody works on a study from now on: it runs, and can be stopped. */
  begin(id: string): Live {
    const startedAt = performance.now();
    const live: Live = { stop: new AbortController(), startedAt, made: 0, toMake: 0, toldAt: 0 };
    this.#live.set(id, live);
    this.#problems.delete(id);
    return live;
  }

  /** Says what went wrong with the work on it. */
  fail(id: string, thrown: unknown): void {
    const problem = toErrorData(thrown);
    if (problem.code !== 'CANCELLED') this.#problems.set(id, problem);
  }

  /** How far the work on it is. */
  progress(id: string, made: number, toMake: number): void {
    const live = this.#live.get(id);
    if (live !== undefined) Object.assign(live, { made, toMake });
  }

  /** Tells of the work on it, not too often. */
  tell(id: string): void {
    const live = this.#live.get(id);
    if (live === undefined || performance.now() - live.toldAt < TELL_MS) return;
    if (!isStudy(this.folderOf(id))) return;
    live.toldAt = performance.now();
    this.#options.onChange(this.info(id));
  }

  end(id: string): void {
    this.#live.delete(id);
    if (isStudy(this.folderOf(id))) this.#options.onChange(this.info(id));
  }

  isLive(id: string): boolean {
    return this.#live.has(id);
  }

  stop(id: string): void {
    this.#live.get(id)?.stop.abort('stopped');
  }

  /** Moves one to the trash. @throws LabError BUSY_FILE while it runs */
  remove(id: string): TrashItem {
    const { trash, now } = this.#options;
    const { name } = this.info(id);
    if (this.#live.has(id)) throw new LabError('BUSY_FILE', 'this is running', id, 'stop it first');
    this.#problems.delete(id);
    return trash.put(this.place(id), name, now());
  }

  /** @throws LabError NOT_FOUND */
  restore(item: string): StudyInfo {
    const { folder, trash } = this.#options;
    mkdirSync(folder, { recursive: true });
    const { file } = trash.take(item, 'study', (name) => {
      const place = this.folderOf(name);
      return existsSync(place) ? this.folderOf(this.freeId(name)) : place;
    });
    return this.info(path.basename(file));
  }

  stopAll(): void {
    for (const { stop } of this.#live.values()) stop.abort('the lab ends');
  }

  /** Where the study with this id is or will be. */
  folderOf(id: string): string {
    return path.join(this.#options.folder, id);
  }

  /** Folder of a study that is there. An id holds no separator, and names nothing outside. @throws LabError NOT_FOUND */
  place(id: string): string {
    const folder = this.folderOf(id);
    if (/^[^/\\]+$/.test(id) && !/^\.+$/.test(id) && isStudy(folder)) return folder;
    throw new LabError(
      'NOT_FOUND',
      'there is no such study in the library',
      id,
      'it may have been removed: list the studies again',
    );
  }

  #read(id: string): StudyInfo {
    const folder = this.place(id);
    if (existsSync(path.join(folder, CROSSOVER))) return crossoverInfo(id, folder);
    const info = studyInfo(id, path.join(folder, DATABASE));
    // A sweep that has just begun has no database yet.
    const begins = this.#live.has(id) && info.state === 'broken';
    const kind = existsSync(path.join(folder, ASKED)) ? 'plan' : 'sweep';
    return { ...info, kind, problem: begins ? null : info.problem };
  }
}
