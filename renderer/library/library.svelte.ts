/** The library's traces and the imports that are under way. */
import { createContext } from 'svelte';
import {
  LabError,
  toErrorData,
  type ImportCounts,
  type LabErrorData,
  type LibraryEntry,
  type Source,
} from '../../core/contract/index.ts';
import type { Lab } from '../app/lab.svelte.ts';

export interface ImportJob {
  readonly id: number;
  readonly name: string;
  readonly state: 'waiting' | 'sending' | 'reading' | 'done' | 'failed' | 'cancelled';
  /** From 0 to 1. */
  readonly share: number;
  readonly events: number;
  readonly trace: string | null;
  readonly counts: ImportCounts | null;
  readonly error: LabErrorData | null;
}

type Given = { readonly file: File } | { readonly source: Source };

export class Library {
  entries = $state.raw<readonly LibraryEntry[]>([]);
  phase = $state<'idle' | 'loading' | 'ready' | 'failed'>('idle');
  error = $state.raw<LabErrorData | null>(null);
  jobs = $state.raw<readonly ImportJob[]>([]);
  readonly importing = $derived(
    this.jobs.filter((job) => ['waiting', 'sending', 'reading'].includes(job.state)),
  );
  /** Traces the user removed, for as long as the removal can be undone. */
  removed = $state.raw<ReadonlySet<string>>(new Set());

  readonly #lab: Lab;
  readonly #given = new Map<number, Given>();
  readonly #aborts = new Map<number, AbortController>();
  #next = 1;
  #working = false;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  async refresh(): Promise<void> {
    if (this.phase === 'idle' || this.phase === 'failed') this.phase = 'loading';
    try {
      this.entries = await this.#lab.call('library.list', {});
      this.phase = 'ready';
      this.error = null;
    } catch (thrown) {
      this.error = toErrorData(thrown);
      this.phase = 'failed';
    }
  }

  async rename(id: string, name: string): Promise<void> {
    const entry = await this.#lab.call('library.rename', { trace: id, name });
    this.entries = this.entries.map((each) => (each.id === id ? entry : each));
  }

  /** Takes traces out of sight; `forget` removes their files, `restore` brings them back. */
  hide(ids: readonly string[]): void {
    this.removed = new Set([...this.removed, ...ids]);
  }

  restore(ids: readonly string[]): void {
    this.removed = new Set([...this.removed].filter((id) => !ids.includes(id)));
  }

  async forget(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      if (this.removed.has(id)) await this.#lab.call('library.remove', { trace: id });
    }
    await this.refresh();
    this.restore(ids);
  }

  // Importing: one file after the other.

  addFiles(files: readonly File[]): void {
    for (const file of files) this.#enqueue(file.name, { file });
  }

  addSources(sources: readonly Source[]): void {
    for (const source of sources) {
      const name = source.kind === 'path' ? source.path.replace(/^.*[\\/]/, '') : source.name;
      this.#enqueue(name, { source });
    }
  }

  cancel(id: number): void {
    this.#aborts.get(id)?.abort();
    if (this.jobs.find((job) => job.id === id)?.state === 'waiting') {
      this.#change(id, { state: 'cancelled' });
    }
  }

  dismiss(id: number): void {
    this.jobs = this.jobs.filter((job) => job.id !== id);
    this.#given.delete(id);
  }

  #enqueue(name: string, given: Given): void {
    const id = this.#next++;
    this.#given.set(id, given);
    const job: ImportJob = {
      id,
      name,
      state: 'waiting',
      share: 0,
      events: 0,
      trace: null,
      counts: null,
      error: null,
    };
    this.jobs = [...this.jobs, job];
    void this.#work();
  }

  #change(id: number, change: Partial<ImportJob>): void {
    this.jobs = this.jobs.map((job) => (job.id === id ? { ...job, ...change } : job));
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    for (;;) {
      const job = this.jobs.find((each) => each.state === 'waiting');
      if (job === undefined) break;
      await this.#run(job.id);
    }
    this.#working = false;
  }

  async #run(id: number): Promise<void> {
    const given = this.#given.get(id);
    const native = this.#lab.native;
    if (given === undefined || native === null) {
      this.#change(id, {
        state: 'failed',
        error: toErrorData(
          new LabError('HOST_LOST', 'the lab is not connected', '', 'try again when it is back'),
        ),
      });
      return;
    }
    const abort = new AbortController();
    this.#aborts.set(id, abort);
    const { signal } = abort;
    try {
      this.#change(id, { state: 'sending' });
      const source =
        'source' in given
          ? given.source
          : await native.sourceOf(
              given.file,
              (done, total) => this.#change(id, { share: total === 0 ? 0 : done / total }),
              signal,
            );
      this.#change(id, { state: 'reading', share: 0 });
      const { entry, counts } = await this.#lab.call(
        'library.import',
        { source },
        {
          signal,
          onProgress: ({ bytesDone, bytesTotal, events }) =>
            this.#change(id, { share: bytesTotal === 0 ? 0 : bytesDone / bytesTotal, events }),
        },
      );
      this.#change(id, { state: 'done', share: 1, trace: entry.id, counts, events: entry.events });
      await this.refresh();
    } catch (thrown) {
      const told = toErrorData(thrown);
      // An uploaded file lies in a folder of the host's that means nothing to the user.
      const name = this.jobs.find((job) => job.id === id)?.name ?? '';
      const at = 'file' in given ? told.where.lastIndexOf(name) : -1;
      const error = at > 0 ? { ...told, where: told.where.slice(at) } : told;
      this.#change(id, { state: error.code === 'CANCELLED' ? 'cancelled' : 'failed', error });
    } finally {
      this.#aborts.delete(id);
      this.#given.delete(id);
    }
  }
}

export const [useLibrary, provideLibrary] = createContext<Library>();
