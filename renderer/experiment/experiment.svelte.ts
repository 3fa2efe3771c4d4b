/**
 * The plan, the runs under way and the results so far. It lives as long as the window; the runs
 * themselves go on in the lab, and are found again when the page is loaded anew.
 */
import { createContext } from 'svelte';
import {
  fieldsOf,
  profileIdOf,
  toErrorData,
  type CatalogueRow,
  type CrossoverJob,
  type HypervisorId,
  type LabErrorData,
  type OwnProfile,
  type RunJob,
  type RunResult,
  type Scenario,
  type SocId,
  type StrategyId,
  type StudyInfo,
  type StudyNews,
} from '../../core/contract/index.ts';
import { cellKey, type MatrixRun } from '../../core/figures/matrix.ts';
import { byFamily } from '../../core/figures/strategies.ts';
import type { Lab } from '../app/lab.svelte.ts';
import { History } from '../parts/history.ts';
import { readKept } from './kept.ts';
import {
  baseOf,
  keyOf,
  nameOfPlan,
  valuesOf,
  variantsOf,
  type Plan,
  type Values,
  type Variant,
} from './plan.ts';
import { questionOf, stillAsks, type Question } from './questions.ts';
import { loadState, saveState, type ResultSet } from './storage.ts';
import { sweepDocument } from './sweep-plan.ts';
import { shareOf, timeLeft } from './time-left.ts';

export type Result = RunResult & { readonly trace: string | null };

/** One run of the plan: judged, and with its result where there is one. */
export interface PlannedRun extends MatrixRun<Result> {
  readonly key: string;
  readonly scenario: Scenario;
  /** `keyOf` the scenario. */
  readonly set: string;
}

/** What is shown before anyone chooses. */
export const DEFAULT_METRIC = 'cpu-per-byte';
export const SHIPPED = 'shipped';
/** Results of at most so many different scenarios' parameters. */
const KEPT_SETS = 60;

const placeIn = ({
  strategy,
  hypervisor,
  soc,
  workload,
}: Record<'strategy' | 'hypervisor' | 'soc' | 'workload', string>) =>
  `${strategy} ${hypervisor} ${soc} ${workload}`;

export class Experiment {
  strategies = $state.raw<readonly CatalogueRow[]>([]);
  hypervisors = $state.raw<readonly CatalogueRow[]>([]);
  socs = $state.raw<readonly CatalogueRow[]>([]);
  workloads = $state.raw<readonly CatalogueRow[]>([]);
  own = $state.raw<readonly OwnProfile[]>([]);
  phase = $state<'idle' | 'loading' | 'ready' | 'failed'>('idle');
  error = $state.raw<LabErrorData | null>(null);

  plan = $state.raw() as Plan;
  readonly history = new History();
  keepTraces = $state(true);
  /** How results are shown: the metric, the baseline, matrix or table. */
  view = $state.raw<Readonly<Record<string, string>>>({});
  sets = $state.raw<readonly ResultSet[]>([]);
  judged = $state.raw<readonly Omit<PlannedRun, 'result'>[]>([]);
  /** What is wrong with the plan as a whole, when its fields are right each by itself. */
  problem = $state.raw<LabErrorData | null>(null);

  jobs = $state.raw<ReadonlyMap<number, RunJob>>(new Map());
  crossovers = $state.raw<readonly CrossoverJob[]>([]);
  studies = $state.raw<readonly StudyInfo[]>([]);
  /** The study that keeps the runs of this plan, once they were asked for. */
  study = $state<string | null>(null);
  threads = $state(1);

  readonly fields = fieldsOf();
  readonly base = $derived(baseOf(this.plan.values, this.fields));
  readonly topology = $derived(this.plan.values['topology'] ?? 'mediated');
  readonly question = $derived(questionOf(this.plan.question) ?? null);
  readonly #results = $derived(
    new Map(
      this.sets.flatMap(({ key, results }) =>
        results.map((result) => [`${key} ${placeIn(result)}`, result] as const),
      ),
    ),
  );
  /** Every run of the plan. */
  readonly runs = $derived<readonly PlannedRun[]>(
    this.judged.map((run) => ({
      ...run,
      result: this.#results.get(`${run.set} ${placeIn(run)}`) ?? null,
    })),
  );
  readonly runnable = $derived(this.runs.filter(({ status }) => status !== 'refused'));
  readonly missing = $derived(
    this.runnable.filter((run) => run.result === null && !this.#isUnderWay(run)),
  );
  readonly unfinished = $derived(
    [...this.jobs.values()].filter(({ state }) => state === 'waiting' || state === 'running'),
  );
  readonly running = $derived(this.unfinished.length > 0);
  /** Runs that were asked for together: those under way, or the last ones. */
  readonly batch = $derived.by((): readonly RunJob[] => {
    const all = [...this.jobs.values()];
    const batches = (this.running ? this.unfinished : all.slice(-1)).map(({ batch }) => batch);
    const first = Math.min(...batches);
    return all.filter(({ batch }) => batch >= first);
  });
  /** Share of the batch under way that is done, or null. */
  readonly share = $derived(
    this.running
      ? this.batch.reduce((sum, job) => sum + shareOf(job), 0) / Math.max(1, this.batch.length)
      : null,
  );
  readonly left = $derived(timeLeft(this.batch, this.threads));
  readonly #jobOf = $derived(
    new Map(
      [...this.jobs.values()].map((job) => [
        `${keyOf(job.scenario)} ${placeOfScenario(job.scenario)}`,
        job,
      ]),
    ),
  );

  readonly #lab: Lab;
  #asked = 0;

  constructor(lab: Lab) {
    this.#lab = lab;
    const stored = loadState();
    this.plan = stored.plan;
    this.sets = stored.sets;
    this.view = stored.view;
    this.keepTraces = stored.keepTraces;
  }

  async load(): Promise<void> {
    if (this.phase === 'ready' || this.phase === 'loading') return;
    this.phase = 'loading';
    try {
      const [strategies, hypervisors, socs, workloads] = await Promise.all(
        (['strategies', 'hypervisors', 'socs', 'workloads'] as const).map((what) =>
          this.#lab.call('catalogue.list', { what }),
        ),
      );
      this.strategies = strategies ?? [];
      this.hypervisors = hypervisors ?? [];
      this.socs = socs ?? [];
      this.workloads = workloads ?? [];
      this.own = await this.#lab.call('profile.list', {});
      const known = new Set(
        [...this.strategies, ...this.hypervisors, ...this.socs, ...this.workloads, ...this.own].map(
          ({ id }) => id,
        ),
      );
      const chosen = this.plan.chosen.filter((id) => known.has(id));
      this.plan = { ...this.plan, chosen: chosen.length > 0 ? chosen : this.#firstChoice() };
      this.phase = 'ready';
      void this.#follow();
      await this.judge();
    } catch (thrown) {
      this.phase = 'failed';
      this.error = toErrorData(thrown);
    }
  }

  /** Something that runs at the first press: all strategies on one common machine. */
  #firstChoice(): readonly string[] {
    return [
      ...this.strategies.map((row) => row.id),
      'xen-pv-dom0',
      'kvm-vhost',
      'xeon-2020',
      'net-tx',
    ];
  }

  /** Listens to the lab as long as the window lives; a lab that was lost is listened to again. */
  async #follow(): Promise<void> {
    for (;;) {
      await this.#lab
        .call('study.follow', {}, { onProgress: (news) => this.#hear(news) })
        .catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  #hear(news: StudyNews): void {
    this.threads = news.threads;
    const jobs = new Map(news.all ? [] : this.jobs);
    for (const job of news.runs) jobs.set(job.id, job);
    for (const { id, ...change } of news.progress) {
      const job = jobs.get(id);
      if (job !== undefined) jobs.set(id, { ...job, ...change });
    }
    this.jobs = jobs;
    const byId = <T extends { readonly id: unknown }>(old: readonly T[], changed: readonly T[]) => [
      ...(news.all ? [] : old.filter(({ id }) => changed.every((each) => each.id !== id))),
      ...changed,
    ];
    if (news.all || news.crossovers.length > 0) {
      this.crossovers = byId(this.crossovers, news.crossovers);
    }
    if (news.all || news.studies.length > 0) this.studies = byId(this.studies, news.studies);
    const done = news.runs.filter(({ state }) => state === 'done');
    if (done.length > 0) this.#keep(done);
  }

  /** Takes a study in before the lab tells of it. */
  heard(study: StudyInfo): void {
    this.studies = [...this.studies.filter(({ id }) => id !== study.id), study];
  }

  heardCrossover(job: CrossoverJob): void {
    this.crossovers = [...this.crossovers.filter(({ id }) => id !== job.id), job];
  }

  /** Moves a study to the trash. */
  async remove({ id, name }: StudyInfo): Promise<void> {
    let [study, item] = [id, ''];
    const remove = async () => {
      item = (await this.#lab.call('study.remove', { id: study })).id;
      this.studies = this.studies.filter((each) => each.id !== study);
      this.crossovers = this.crossovers.filter((each) => each.study !== study);
    };
    await remove();
    const undo = async () => {
      const back = await this.#lab.call('study.restore', { item });
      study = back.id;
      this.heard(back);
    };
    this.history.did({ what: `${name} removed`, undo, redo: remove });
  }

  // What is asked for.

  /** Changes the plan; it is no longer the question's when more than figures of it change. */
  change(change: Partial<Plan>, what: string, field = ''): void {
    const before = this.plan;
    const whole = { ...before, ...change };
    const question = questionOf(whole.question);
    const asks = question !== undefined && stillAsks(question, whole);
    const next = asks ? whole : { ...whole, question: null };
    this.#take(next);
    this.history.did({ what, undo: () => this.#take(before), redo: () => this.#take(next) }, field);
  }

  #take(plan: Plan): void {
    this.plan = plan;
    this.study = null;
    this.#save();
    void this.judge();
  }

  choose(ids: readonly string[], on: boolean): void {
    const others = this.plan.chosen.filter((id) => !ids.includes(id));
    const which = ids.length === 1 ? ids[0] : `${ids.length} of a list`;
    this.change(
      { chosen: on ? [...others, ...ids] : others },
      `${which} ${on ? 'chosen' : 'left out'}`,
    );
  }

  set(path: string, text: string): void {
    const field = this.fields.find((each) => each.path === path);
    const { [path]: _, ...others } = this.plan.values;
    const same = field !== undefined && text === String(field.def);
    this.change({ values: same ? others : { ...others, [path]: text } }, `${path} changed`, path);
  }

  reset(): void {
    this.change({ values: {} }, 'all fields back to defaults');
  }

  /** Takes a scenario's document: its ids are chosen, its fields set. @throws LabError */
  take(scenario: Scenario): void {
    const { strategy, hypervisor, soc, workload } = scenario;
    const chosen = [strategy, hypervisor, soc, workload];
    const values = valuesOf(scenario, this.fields);
    this.change({ chosen, values, vary: null, question: null }, 'a scenario taken in');
  }

  /** Fills in a question's plan. */
  ask(question: Question): void {
    this.change({ ...question.plan, question: question.id }, `“${question.title}” asked`);
    this.show({ metric: question.metric, baseline: question.baseline });
  }

  show(change: Readonly<Record<string, string>>): void {
    this.view = { ...this.view, ...change };
    this.#save();
  }

  keep(on: boolean): void {
    this.keepTraces = on;
    this.#save();
  }

  async loadProfiles(): Promise<void> {
    this.own = await this.#lab.call('profile.list', {});
    await this.judge();
  }

  /** Asks the lab which runs of the plan there are. */
  async judge(): Promise<void> {
    const base = this.base.scenario;
    if (base === null || this.phase !== 'ready') return;
    const asked = ++this.#asked;
    const { strategies, hypervisors, socs, workloads, plan, own } = this;
    const ids = strategies.map(({ id }) => id).filter((id) => plan.chosen.includes(id));
    try {
      const variants = variantsOf(plan, base, { hypervisors, socs, workloads }, own);
      const parts = await Promise.all(
        variants.map((variant) => this.#judgeVariant(variant, ids as StrategyId[])),
      );
      if (asked !== this.#asked) return;
      this.problem = null;
      const place = (run: { readonly strategy: string }) => run.strategy;
      this.judged = parts.flat().sort((a, b) => byFamily(place(a), place(b)));
    } catch (thrown) {
      if (asked === this.#asked) this.problem = toErrorData(thrown);
    }
  }

  async #judgeVariant(
    { name, workload, base, key, hypervisors, socs }: Variant,
    strategies: readonly StrategyId[],
  ): Promise<Omit<PlannedRun, 'result'>[]> {
    const pairs = await this.#lab.call('experiment.pairs', {
      strategies: [...strategies],
      hypervisors: [...hypervisors.keys()] as HypervisorId[],
      socs: [...socs.keys()] as SocId[],
      base,
    });
    return pairs.map(({ strategy, hypervisor, soc, status, reason }) => {
      const run = {
        strategy,
        variant: name,
        hypervisor: hypervisors.get(hypervisor) ?? hypervisor,
        soc: socs.get(soc) ?? soc,
        workload,
        status: status,
        reason,
      };
      return {
        ...run,
        key: cellKey(run),
        scenario: { ...base, strategy, hypervisor, soc },
        set: key,
      };
    });
  }

  // Running.

  /** Runs what is missing, or everything again when nothing is. */
  async run(): Promise<void> {
    // What was changed last may not have been judged yet.
    await this.judge();
    const base = this.base.scenario;
    if (base === null) return;
    const wanted =
      this.missing.length > 0
        ? this.missing
        : this.runnable.filter((run) => !this.#isUnderWay(run));
    if (wanted.length === 0) return;
    const { plan, view } = this;
    const document = sweepDocument(
      plan,
      { name: nameOfPlan(plan, base, this), over: null, seeds: 1, record: false },
      this,
      this.own,
      this.fields,
    );
    const asked = {
      plan,
      metric: view['metric'] ?? DEFAULT_METRIC,
      baseline: view['baseline'] ?? SHIPPED,
    };
    const { study } = await this.#lab.call('study.run', {
      scenarios: wanted.map(({ scenario }) => scenario),
      record: this.keepTraces,
      keep: { plan: document, asked },
    });
    if (this.plan === plan) this.study = study;
  }

  /**
   * Shows the runs of a plan that the library keeps: the plan as it was, and its results.
   * @returns ids of the plan that there are no more: profiles that were removed since
   */
  async open(id: string): Promise<readonly string[]> {
    const { asked, done } = await readKept(this.#lab, id);
    this.#keep(done);
    this.change(asked.plan, 'kept runs opened');
    this.study = id;
    this.show({ metric: asked.metric, baseline: asked.baseline });
    const known = new Set(
      [this.strategies, this.hypervisors, this.socs, this.workloads, this.own]
        .flat()
        .map((row) => row.id),
    );
    return asked.plan.chosen.filter((each) => !known.has(each));
  }

  /** What the lab last did for a run of the plan. */
  jobFor({ set, scenario }: PlannedRun): RunJob | undefined {
    return this.#jobOf.get(`${set} ${placeOfScenario(scenario)}`);
  }

  #isUnderWay(run: PlannedRun): boolean {
    const state = this.jobFor(run)?.state;
    return state === 'waiting' || state === 'running';
  }

  /** Stops runs; results so far stay. */
  async cancel(jobs: readonly RunJob[] = this.unfinished): Promise<void> {
    await this.#lab.call('study.cancel', { ids: jobs.map(({ id }) => id) });
  }

  #keep(done: readonly Pick<RunJob, 'scenario' | 'result'>[]): void {
    const sets = new Map(this.sets.map((set) => [set.key, set]));
    for (const { scenario, result } of done) {
      if (result === null) continue;
      const key = keyOf(scenario);
      const place = placeIn(result);
      const others = (sets.get(key)?.results ?? []).filter((each) => placeIn(each) !== place);
      sets.delete(key);
      sets.set(key, { key, results: [...others, result] });
    }
    const used = new Set(done.map(({ scenario }) => keyOf(scenario)));
    const ordered = [...sets.values()].sort(
      (a, b) => Number(used.has(b.key)) - Number(used.has(a.key)),
    );
    this.sets = ordered.slice(0, KEPT_SETS);
    this.#save();
  }

  #save(): void {
    const { sets, keepTraces, view } = this;
    saveState({ sets, plan: this.plan, keepTraces, view });
  }
}

/** The place of a scenario among those with its key, under the ids that its result will have. */
function placeOfScenario(scenario: Scenario): string {
  const { strategy, workload } = scenario;
  const [hypervisor, soc] = [profileIdOf(scenario, 'hypervisor'), profileIdOf(scenario, 'soc')];
  return placeIn({ strategy, hypervisor, soc, workload });
}

export type { Values };
export const [useExperiment, provideExperiment] = createContext<Experiment>();
