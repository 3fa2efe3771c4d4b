/** The chart on the table, the runs it is about, and the charts that the user keeps. */
import { createContext } from 'svelte';
import {
  toErrorData,
  type FigureProgress,
  type LabErrorData,
  type LibraryEntry,
  type SavedChart,
} from '../../core/contract/index.ts';
import { detailsOf, type ChartRow } from '../../core/figures/chart/rows.ts';
import { parseChartSpec, type ChartSpec } from '../../core/figures/chart/spec.ts';
import type { ChartModel } from '../../core/figures/chart/model.ts';
import { chartModel } from '../../core/figures/models/index.ts';
import type { Lab } from '../app/lab.svelte.ts';
import { History } from '../parts/history.ts';
import { compact } from './link.ts';

const KEY = 'mapcopy.chart';

/** What a change of a field is called, where its own name does not say it. */
const WORDS: Partial<Record<keyof ChartSpec, string>> = {
  chart: 'type of chart',
  source: 'choice of runs',
  where: 'filter',
};

type Outcome = { readonly model: ChartModel } | { readonly error: LabErrorData };

export class Charts {
  spec = $state.raw<ChartSpec | null>(null);
  rows = $state.raw<readonly ChartRow[] | null>(null);
  loading = $state(false);
  progress = $state.raw<FigureProgress | null>(null);
  /** Why the runs could not be read. */
  error = $state.raw<LabErrorData | null>(null);
  saved = $state.raw<readonly SavedChart[]>([]);
  /** The kept chart that is on the table. */
  id = $state<string | null>(null);

  /** The chart, or why there is none. */
  readonly outcome = $derived.by((): Outcome | null => {
    if (this.spec === null || this.rows === null) return null;
    try {
      return { model: chartModel(this.spec, this.rows) };
    } catch (thrown) {
      return { error: toErrorData(thrown) };
    }
  });

  readonly history = new History();

  readonly #lab: Lab;
  /** What the rows are of. */
  #loaded = '';
  #abort: AbortController | null = null;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** Puts a chart on the table. */
  show(spec: ChartSpec, id: string | null = null, what = 'another chart'): void {
    const before = { spec: this.spec, id: this.id };
    this.#take(spec, id);
    if (before.spec === null) return;
    const old = before.spec;
    this.history.did({
      what,
      undo: () => this.#take(old, before.id),
      redo: () => this.#take(spec, id),
    });
  }

  change(fields: Partial<ChartSpec>): void {
    if (this.spec === null) return;
    const [field = 'chart'] = Object.keys(fields) as (keyof ChartSpec)[];
    this.show({ ...this.spec, ...fields }, this.id, `${WORDS[field] ?? field} changed`);
  }

  #take(spec: ChartSpec, id: string | null): void {
    this.spec = spec;
    this.id = id;
    localStorage.setItem(KEY, JSON.stringify(compact(spec)));
    void this.load();
  }

  /** The chart of last time, or one of the samples. */
  begin(entries: readonly LibraryEntry[]): void {
    const kept = localStorage.getItem(KEY);
    if (kept !== null) {
      try {
        this.show(parseChartSpec(JSON.parse(kept), 'last chart'));
        return;
      } catch {
        localStorage.removeItem(KEY);
      }
    }
    const runs = entries.filter(({ strategy, problem }) => strategy !== null && problem === null);
    const samples = runs.filter(({ origin }) => origin === 'sample');
    const traces = (samples.length > 0 ? samples : runs).slice(0, 12).map(({ id }) => id);
    if (traces.length === 0) return;
    const source = { kind: 'traces', traces };
    this.show(parseChartSpec({ chart: 'stacked', source, group: 'run', size: 'double' }));
  }

  /** Reads the runs, unless they are there. */
  async load(again = false): Promise<void> {
    const { spec } = this;
    if (spec === null) return;
    const details = detailsOf(spec);
    const wanted = JSON.stringify([spec.source, details]);
    if (wanted === this.#loaded && !again) return;
    this.#loaded = wanted;
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.loading = true;
    this.error = null;
    this.progress = null;
    try {
      const source = spec.source as unknown as Record<string, unknown>;
      const options = {
        signal: abort.signal,
        onProgress: (progress: FigureProgress) => (this.progress = progress),
      };
      const rows = await this.#lab.call('figure.rows', { source, details: [...details] }, options);
      if (this.#abort === abort) this.rows = rows;
    } catch (thrown) {
      if (this.#abort !== abort) return;
      this.rows = null;
      this.error = toErrorData(thrown);
      this.#loaded = '';
    } finally {
      if (this.#abort === abort) this.loading = false;
    }
  }

  cancel(): void {
    this.#abort?.abort();
  }

  async refresh(): Promise<void> {
    this.saved = await this.#lab.call('figure.list', {});
  }

  /** Keeps the chart in the library; over the one that is on the table, or as a new one. */
  async save(name: string): Promise<void> {
    if (this.spec === null) return;
    const spec = compact({ ...this.spec, title: name });
    const kept = await this.#lab.call('figure.save', { chart: this.id, name, spec });
    this.spec = { ...this.spec, title: name };
    this.id = kept.id;
    await this.refresh();
  }

  async remove(id: string): Promise<void> {
    await this.#lab.call('figure.remove', { chart: id });
    if (this.id === id) this.id = null;
    await this.refresh();
  }
}

export const [useCharts, provideCharts] = createContext<Charts>();
