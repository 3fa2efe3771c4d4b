/** Sweeps in the library: a folder each, with the plan and its results. They go on by themselves. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  LabError,
  toErrorData,
  type LabErrorData,
  type ResultOf,
  type StudyInfo,
} from '../../../core/contract/index.ts';
import { judge } from '../../../core/experiment/index.ts';
import { expandPlan, parsePlan, runAt } from '../../../core/sweep/index.ts';
import { slugOf, stampOf } from '../file-names.ts';
import { runSweep, type SweepProgress } from '../sweep/index.ts';
import { DATABASE } from '../sweep/schema.ts';
import { studyInfo, studyResults, studyRows } from './read-study.ts';

const PLAN = 'plan.json';
/** A plan that is checked is looked at to this many runs: refusals of the others are not counted. */
const JUDGED_MAX = 5000;

type PlanDocument = Readonly<Record<string, unknown>>;

interface Live {
  readonly stop: AbortController;
  readonly startedAt: number;
  progress: SweepProgress | null;
}

export interface StudiesOptions {
  /** Folder that holds a folder for each study. */
  readonly folder: string;
  readonly now: () => Date;
  /** Called when a sweep has come further or has ended. */
  readonly onChange: (study: StudyInfo) => void;
  /** Called with work that must end before the lab does. */
  readonly track: (work: Promise<unknown>) => void;
}

export class Studies {
  readonly #options: StudiesOptions;
  readonly #live = new Map<string, Live>();
  /** What ended a sweep early, until it is resumed. */
  readonly #problems = new Map<string, LabErrorData>();

  constructor(options: StudiesOptions) {
    this.#options = options;
  }

  list(): StudyInfo[] {
    const { folder } = this.#options;
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { withFileTypes: true })
      .filter((each) => each.isDirectory() && existsSync(path.join(folder, each.name, PLAN)))
      .map(({ name }) => this.info(name))
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt) || a.id.localeCompare(b.id));
  }

  info(id: string): StudyInfo {
    const live = this.#live.get(id);
    const database = path.join(this.#place(id), DATABASE);
    const problem = this.#problems.get(id);
    if (live === undefined || !existsSync(database)) {
      const info = studyInfo(id, database);
      return live === undefined
        ? { ...info, problem: info.problem ?? problem ?? null }
        : { ...info, state: 'running', problem: null, live: { made: 0, toMake: 0, ms: 0 } };
    }
    const info = studyInfo(id, database);
    const { made = 0, toMake = 0 } = live.progress ?? {};
    const ms = Math.round(performance.now() - live.startedAt);
    return { ...info, state: 'running', live: { made, toMake, ms } };
  }

  rows(id: string, asked: Parameters<typeof studyRows>[1]): ResultOf<'study.rows'> {
    return studyRows(path.join(this.#place(id), DATABASE), asked);
  }

  results(id: string, asked: Parameters<typeof studyResults>[1]): ResultOf<'study.results'> {
    return studyResults(path.join(this.#place(id), DATABASE), asked);
  }

  plan(id: string): PlanDocument {
    const file = path.join(this.#place(id), PLAN);
    return JSON.parse(readFileSync(file, 'utf8')) as PlanDocument;
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
    const { folder, now } = this.#options;
    this.check(document);
    const name = typeof document['name'] === 'string' ? document['name'] : '';
    const slug = `${slugOf(name === '' ? 'sweep' : name).slice(0, 60)}-${stampOf(now())}`;
    let id = slug;
    for (let number = 2; existsSync(path.join(folder, id)); number++) id = `${slug}-${number}`;
    mkdirSync(path.join(folder, id), { recursive: true });
    writeFileSync(path.join(folder, id, PLAN), `${JSON.stringify(document, null, 2)}\n`);
    return this.resume(id);
  }

  resume(id: string): StudyInfo {
    const folder = this.#place(id);
    if (this.#live.has(id)) return this.info(id);
    this.#problems.delete(id);
    const live: Live = {
      stop: new AbortController(),
      startedAt: performance.now(),
      progress: null,
    };
    this.#live.set(id, live);
    const tell = () => this.#options.onChange(this.info(id));
    let told = 0;
    const work = (async () => {
      await runSweep({
        plan: parsePlan(this.plan(id), PLAN),
        where: PLAN,
        folder,
        jobs: os.availableParallelism(),
        shard: null,
        onProgress: (progress) => {
          live.progress = progress;
          if (performance.now() - told < TELL_MS) return;
          told = performance.now();
          tell();
        },
        signal: live.stop.signal,
        now: this.#options.now,
      });
    })()
      .catch((thrown: unknown) => {
        const problem = toErrorData(thrown);
        if (problem.code !== 'CANCELLED') this.#problems.set(id, problem);
      })
      .finally(() => {
        this.#live.delete(id);
        tell();
      });
    this.#options.track(work);
    return this.info(id);
  }

  stop(id: string): void {
    this.#live.get(id)?.stop.abort('stopped');
  }

  /** @throws LabError BUSY_FILE while it runs */
  remove(id: string): void {
    if (this.#live.has(id)) {
      throw new LabError('BUSY_FILE', 'this sweep is running', id, 'stop it first');
    }
    rmSync(this.#place(id), { recursive: true, force: true });
  }

  stopAll(): void {
    for (const { stop } of this.#live.values()) stop.abort('the lab ends');
  }

  /** An id is the name of a folder: it holds no separator, and names nothing outside. */
  #place(id: string): string {
    const folder = path.join(this.#options.folder, id);
    if (/^[^/\\]+$/.test(id) && !/^\.+$/.test(id) && existsSync(path.join(folder, PLAN))) {
      return folder;
    }
    throw new LabError(
      'NOT_FOUND',
      'there is no such sweep in the library',
      id,
      'it may have been removed: list the sweeps again',
    );
  }
}

/** Least time between two reports of one sweep. */
const TELL_MS = 250;
