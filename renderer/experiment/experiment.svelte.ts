/**
 * The plan, the runs under way and the results so far. It lives as long as the window, so that runs
 * go on while another room is shown.
 */
import { createContext } from 'svelte';
import {
  fieldsOf,
  toErrorData,
  type CatalogueRow,
  type HypervisorId,
  type LabErrorData,
  type Pair,
  type RunProgress,
  type RunResult,
  type Scenario,
  type SocId,
  type StrategyId,
} from '../../core/contract/index.ts';
import type { Lab } from '../app/lab.svelte.ts';
import { baseOf, describe, keyOf, type Values } from './plan.ts';
import { loadState, saveState, type ResultSet } from './storage.ts';

export type Result = RunResult & { readonly trace: string | null };

export interface Job {
  readonly id: number;
  readonly key: string;
  readonly pair: Pair;
  readonly scenario: Scenario;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly progress: RunProgress | null;
  readonly startedAt: number;
  readonly result: Result | null;
  readonly error: LabErrorData | null;
}

const KEPT_SETS = 12;

export class Experiment {
  strategies = $state.raw<readonly CatalogueRow[]>([]);
  hypervisors = $state.raw<readonly CatalogueRow[]>([]);
  socs = $state.raw<readonly CatalogueRow[]>([]);
  workloads = $state.raw<readonly string[]>([]);
  phase = $state<'idle' | 'loading' | 'ready' | 'failed'>('idle');
  error = $state.raw<LabErrorData | null>(null);

  chosen = $state.raw<ReadonlySet<string>>(new Set());
  values = $state.raw<Values>({});
  keepTraces = $state(true);
  pairs = $state.raw<readonly Pair[]>([]);
  jobs = $state.raw<readonly Job[]>([]);
  sets = $state.raw<readonly ResultSet[]>([]);

  readonly fields = fieldsOf();
  readonly base = $derived(baseOf(this.values, this.fields));
  readonly key = $derived(this.base.scenario === null ? '' : keyOf(this.base.scenario));
  readonly results = $derived(this.sets.find((set) => set.key === this.key)?.results ?? []);
  readonly runnable = $derived(this.pairs.filter((pair) => pair.status !== 'refused'));
  readonly missing = $derived(this.runnable.filter((pair) => !this.hasResult(pair)));
  readonly unfinished = $derived(
    this.jobs.filter((job) => job.state === 'waiting' || job.state === 'running'),
  );
  readonly running = $derived(this.unfinished.length > 0);
  /** Share of the batch under way that is done, or null. */
  readonly share = $derived.by(() => {
    if (!this.running) return null;
    const done = this.jobs.reduce((sum, job) => {
      if (job.state === 'waiting') return sum;
      if (job.state !== 'running') return sum + 1;
      return sum + (job.progress === null ? 0 : job.progress.done / job.progress.total);
    }, 0);
    return done / this.jobs.length;
  });

  readonly #lab: Lab;
  #abort: AbortController | null = null;
  #nextJob = 1;
  #pending: ResultSet | null = null;
  #question = 0;

  constructor(lab: Lab) {
    this.#lab = lab;
    const stored = loadState();
    this.sets = stored.sets;
    this.chosen = new Set(stored.chosen);
    this.values = stored.values;
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
      this.workloads = (workloads ?? []).map((row) => row.id);
      const known = new Set(
        [...this.strategies, ...this.hypervisors, ...this.socs].map((r) => r.id),
      );
      const kept = [...this.chosen].filter((id) => known.has(id));
      this.chosen = new Set(kept.length > 0 ? kept : this.#firstChoice());
      this.phase = 'ready';
      await this.ask();
    } catch (thrown) {
      this.phase = 'failed';
      this.error = toErrorData(thrown);
    }
  }

  /** Something that runs at the first press: all strategies on one common machine. */
  #firstChoice(): readonly string[] {
    const soc = this.socs.find((row) => row.id === 'xeon-2020') ?? this.socs[0];
    const hypervisors = this.hypervisors
      .filter((row) => row.id === 'xen-pv-dom0' || row.id === 'kvm-vhost')
      .map((row) => row.id);
    return [
      ...this.strategies.map((row) => row.id),
      ...(hypervisors.length > 0 ? hypervisors : this.hypervisors.slice(0, 1).map((row) => row.id)),
      ...(soc === undefined ? [] : [soc.id]),
    ];
  }

  hasResult(pair: Pair): boolean {
    return this.results.some(
      (result) =>
        result.strategy === pair.strategy &&
        result.hypervisor === pair.hypervisor &&
        result.soc === pair.soc,
    );
  }

  choose(ids: readonly string[], on: boolean): void {
    const next = new Set(this.chosen);
    for (const id of ids) {
      if (on) next.add(id);
      else next.delete(id);
    }
    this.chosen = next;
    this.#save();
    void this.ask();
  }

  set(path: string, text: string): void {
    const field = this.fields.find((each) => each.path === path);
    const others = Object.entries(this.values).filter(([each]) => each !== path);
    const same = field !== undefined && text === String(field.def);
    this.values = Object.fromEntries(same ? others : [...others, [path, text]]);
    this.#save();
    void this.ask();
  }

  /** Shows an earlier plan with its results. */
  recall(set: ResultSet): void {
    this.values = set.values;
    const kept = [...new Set(set.results.flatMap((r) => [r.strategy, r.hypervisor, r.soc]))];
    this.chosen = new Set(kept);
    this.#save();
    void this.ask();
  }

  forget(key: string): void {
    this.sets = this.sets.filter((set) => set.key !== key);
    this.#save();
  }

  /** Asks the lab which pairs of the choice can run. */
  async ask(): Promise<void> {
    const base = this.base.scenario;
    if (base === null || this.phase !== 'ready') return;
    const pick = <T extends string>(rows: readonly CatalogueRow[]) =>
      rows.map((row) => row.id).filter((id): id is T => this.chosen.has(id));
    const question = ++this.#question;
    const args = {
      strategies: pick<StrategyId>(this.strategies),
      hypervisors: pick<HypervisorId>(this.hypervisors),
      socs: pick<SocId>(this.socs),
      base,
    };
    const pairs = await this.#lab.call('experiment.pairs', args).catch(() => null);
    if (question === this.#question && pairs !== null) this.pairs = pairs;
  }

  // Running: one pair after the other.

  run(): void {
    const base = this.base.scenario;
    if (base === null || this.running) return;
    const pairs = this.missing.length > 0 ? this.missing : this.runnable;
    const { key } = this;
    this.#pending = { key, name: describe(base), values: this.values, results: [] };
    this.jobs = pairs.map((pair): Job => {
      const scenario: Scenario = {
        ...base,
        strategy: pair.strategy,
        hypervisor: pair.hypervisor,
        soc: pair.soc,
      };
      return {
        id: this.#nextJob++,
        key,
        pair,
        scenario,
        state: 'waiting',
        progress: null,
        startedAt: 0,
        result: null,
        error: null,
      };
    });
    void this.#work();
  }

  /** Stops the run under way and drops those that wait; results so far stay. */
  cancel(): void {
    this.jobs = this.jobs.map((job) =>
      job.state === 'waiting' ? { ...job, state: 'cancelled' } : job,
    );
    this.#abort?.abort();
  }

  #change(id: number, change: Partial<Job>): void {
    this.jobs = this.jobs.map((job) => (job.id === id ? { ...job, ...change } : job));
  }

  async #work(): Promise<void> {
    for (;;) {
      const job = this.jobs.find((each) => each.state === 'waiting');
      if (job === undefined) return;
      const abort = new AbortController();
      this.#abort = abort;
      this.#change(job.id, { state: 'running', startedAt: performance.now() });
      try {
        const result = await this.#lab.call(
          'experiment.run',
          { scenario: job.scenario, record: this.keepTraces },
          {
            signal: abort.signal,
            onProgress: (progress) => this.#change(job.id, { progress }),
          },
        );
        const cut = result.status === 'incomplete';
        this.#change(job.id, { state: cut ? 'cancelled' : 'done', result });
        if (!cut) this.#add(job.key, result);
      } catch (thrown) {
        const error = toErrorData(thrown);
        const state = error.code === 'CANCELLED' ? 'cancelled' : 'failed';
        this.#change(job.id, { state, error });
        // Without a lab the others would fail as well: leave them to another press of Run.
        if (error.code === 'HOST_LOST') this.cancel();
      }
    }
  }

  /** A plan is kept from its first result on. */
  #add(key: string, result: Result): void {
    if (this.#pending?.key === key && !this.sets.some((set) => set.key === key)) {
      this.sets = [this.#pending, ...this.sets].slice(0, KEPT_SETS);
    }
    this.sets = this.sets.map((set) => {
      if (set.key !== key) return set;
      const others = set.results.filter(
        (each) =>
          each.strategy !== result.strategy ||
          each.hypervisor !== result.hypervisor ||
          each.soc !== result.soc,
      );
      return { ...set, results: [...others, result] };
    });
    this.#save();
  }

  #save(): void {
    saveState({
      sets: this.sets,
      chosen: [...this.chosen],
      values: this.values,
      keepTraces: this.keepTraces,
    });
  }

  keep(on: boolean): void {
    this.keepTraces = on;
    this.#save();
  }
}

export const [useExperiment, provideExperiment] = createContext<Experiment>();
