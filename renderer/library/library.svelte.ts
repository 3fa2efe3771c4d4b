/** The library's traces and the imports that are under way. */
import { createContext } from 'svelte';
import {
  LabError,
  toErrorData,
  type CsvMapping,
  type CsvSplit,
  type ImportCounts,
  type ImportQuestion,
  type LabErrorData,
  type LibraryEntry,
  type NotedTrace,
  type Notes,
  type Source,
  type TrashItem,
} from '../../core/contract/index.ts';
import { plural } from '../../core/figures/numbers.ts';
import type { Lab } from '../app/lab.svelte.ts';
import { History } from '../parts/history.ts';
import { inCollection, inFacets, matches, sorted, type Listed } from './entries.ts';
import { all, NOTHING, only, type Selection } from './selection.ts';
import { queryOf, viewOf, WHOLE, type LibraryView } from './view.ts';

const VIEW_KEY = 'mapcopy.library';

const listed = (entry: LibraryEntry, notes: NotedTrace | undefined): Listed => ({
  ...entry,
  tags: notes?.tags ?? [],
  note: notes?.text ?? '',
});

/** The list as it was when the window was closed; without the words, which would hide new traces. */
function lastView(): LibraryView {
  const query = Object.fromEntries(new URLSearchParams(localStorage.getItem(VIEW_KEY) ?? ''));
  return { ...viewOf(query), words: WHOLE.words, problems: null };
}

export interface ImportJob {
  readonly id: number;
  readonly name: string;
  readonly state: 'waiting' | 'sending' | 'asking' | 'reading' | 'done' | 'failed' | 'cancelled';
  /** From 0 to 1. */
  readonly share: number;
  readonly events: number;
  readonly trace: string | null;
  readonly counts: ImportCounts | null;
  readonly error: LabErrorData | null;
  /** While it is `asking`. */
  readonly question: ImportQuestion | null;
}

/** A trace that is to be written as a file or trimmed, or whose view is to be saved; a range in ticks where one is chosen. */
export interface Asking {
  readonly kind: 'export' | 'trim' | 'view';
  readonly trace: string;
  readonly name: string;
  readonly range: { readonly from: number; readonly to: number } | null;
}

/** What the user says of a recording; nothing where it is to be imported as it is. */
export interface ImportAnswer {
  readonly mapping?: CsvMapping;
  readonly clockHz?: number;
}

type Given = { readonly file: File } | { readonly source: Source; readonly answer?: ImportAnswer };

/** Is the same asked: of a clock, or of the same columns? */
function isAlike(a: ImportQuestion | null, b: ImportQuestion | null): boolean {
  if (a?.kind !== 'columns' || b?.kind !== 'columns') return a?.kind === b?.kind;
  const columnsOf = ({ guess }: typeof a) => JSON.stringify(Object.keys(guess.mapping.columns));
  return columnsOf(a) === columnsOf(b);
}

export class Library {
  entries = $state.raw<readonly Listed[]>([]);
  phase = $state<'idle' | 'loading' | 'ready' | 'failed'>('idle');
  error = $state.raw<LabErrorData | null>(null);
  jobs = $state.raw<readonly ImportJob[]>([]);
  readonly importing = $derived(
    this.jobs.filter((job) => ['waiting', 'sending', 'reading'].includes(job.state)),
  );
  trash = $state.raw<readonly TrashItem[]>([]);
  /** The dialog that is open, and what it is about. */
  asking = $state.raw<Asking | null>(null);
  view = $state.raw<LibraryView>(lastView());
  selection = $state.raw<Selection>(NOTHING);
  /** Grows with each change of saved views: whoever shows them reads them again. */
  viewsChanged = $state(0);
  readonly shown = $derived(
    sorted(
      this.entries.filter(
        (entry) =>
          inCollection(entry, this.view.collection) &&
          inFacets(entry, this.view.facets) &&
          matches(entry, this.view.words),
      ),
      this.view.sort,
      this.view.reversed,
    ),
  );
  readonly chosen = $derived(this.entries.filter((entry) => this.selection.ids.has(entry.id)));

  /** What the user changed of the library. */
  readonly history = new History();

  readonly #lab: Lab;
  readonly #given = new Map<number, Given>();
  readonly #aborts = new Map<number, AbortController>();
  #changing: Promise<unknown> = Promise.resolve();
  #next = 1;
  #working = false;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  show(view: Partial<LibraryView>): void {
    this.view = { ...this.view, ...view };
    const query = Object.entries(queryOf(this.view)).filter(([, value]) => value !== null);
    localStorage.setItem(VIEW_KEY, new URLSearchParams(query as [string, string][]).toString());
  }

  async refresh(): Promise<void> {
    if (this.phase === 'idle' || this.phase === 'failed') this.phase = 'loading';
    try {
      const [entries, trash, noted] = await Promise.all([
        this.#lab.call('library.list', {}),
        this.#lab.call('library.trash', {}),
        this.#lab.call('notes.list', {}),
      ]);
      const notes = new Map(noted.map((each) => [each.trace, each]));
      this.entries = entries.map((entry) => listed(entry, notes.get(entry.id)));
      this.trash = trash;
      this.phase = 'ready';
      this.error = null;
    } catch (thrown) {
      this.error = toErrorData(thrown);
      this.phase = 'failed';
    }
  }

  async rename(id: string, name: string): Promise<void> {
    const old = this.entries.find((each) => each.id === id)?.name ?? name;
    await this.#rename(id, name);
    this.history.did({
      what: `${old} renamed to ${name}`,
      undo: () => this.#rename(id, old),
      redo: () => this.#rename(id, name),
    });
  }

  async #rename(id: string, name: string): Promise<void> {
    const entry = await this.#lab.call('library.rename', { trace: id, name });
    this.#changeEntry(id, entry);
  }

  #changeEntry(id: string, change: Partial<Listed>): void {
    this.entries = this.entries.map((each) => (each.id === id ? { ...each, ...change } : each));
  }

  /** One change of notes after the other: the next begins with what the last has left. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#changing.then(work, work);
    this.#changing = turn;
    return turn;
  }

  /** Changes what the user has added; bookmarks and saved views stay. */
  annotate(
    ids: readonly string[],
    text: string,
    change: (listed: Listed) => Pick<Listed, 'tags' | 'note'>,
  ): Promise<void> {
    const write = async (entry: Listed, { tags, note }: Pick<Listed, 'tags' | 'note'>) => {
      const notes = await this.#lab.call('notes.get', { trace: entry.id });
      const next = { ...notes, text: note, tags: [...tags] };
      await this.#lab.call('notes.set', { trace: entry.id, notes: next });
      this.#changeEntry(entry.id, { tags, note });
    };
    return this.#inTurn(async () => {
      const before = this.entries.filter((entry) => ids.includes(entry.id));
      const writeAll = async (notesOf: typeof change) => {
        for (const entry of before) await write(entry, notesOf(entry));
      };
      await writeAll(change);
      this.history.did({
        what: text,
        undo: () => this.#inTurn(() => writeAll((entry) => entry)),
        redo: () => this.#inTurn(() => writeAll(change)),
      });
    });
  }

  /** @throws LabError, with those that were removed until then in the trash */
  async remove(ids: readonly string[]): Promise<void> {
    const items: string[] = [];
    try {
      await this.#remove(ids, items);
    } finally {
      const gone = ids.slice(0, items.length);
      if (gone.length > 0) this.#moved(`${plural(gone.length, 'trace')} removed`, gone, items);
    }
  }

  /** @throws LabError, with those that were restored until then in the library */
  async restore(items: readonly string[]): Promise<void> {
    const isStudy = (item: string) => this.trash.find(({ id }) => id === item)?.kind === 'study';
    for (const item of items.filter(isStudy)) await this.#restoreStudy(item);
    const traces = items.filter((item) => !isStudy(item));
    const ids: string[] = [];
    try {
      if (traces.length > 0) await this.#restore(traces, ids);
    } finally {
      if (ids.length > 0) this.#moved(`${plural(ids.length, 'trace')} restored`, ids, null);
    }
  }

  /** It shows in Experiment. */
  async #restoreStudy(first: string): Promise<void> {
    let [item, study, name] = [first, '', ''];
    const restore = async () => {
      ({ id: study, name } = await this.#lab.call('study.restore', { item }));
      await this.refresh();
    };
    const remove = async () => {
      item = (await this.#lab.call('study.remove', { id: study })).id;
      await this.refresh();
    };
    await restore();
    this.history.did({ what: `${name} restored`, undo: remove, redo: restore });
  }

  /**
   * Traces went to the trash, or came out of it.
   * @param items their ids in the trash; null where they came out of it
   */
  #moved(what: string, ids: readonly string[], items: readonly string[] | null): void {
    let traces = ids;
    let inTrash = items ?? [];
    const remove = async () => {
      const next: string[] = [];
      await this.#remove(traces, next);
      inTrash = next;
    };
    const restore = async () => {
      const next: string[] = [];
      await this.#restore(inTrash, next);
      // A name that was taken meanwhile gives another id, which earlier steps do not know.
      if (next.some((id, index) => id !== traces[index])) this.history.clear();
      traces = next;
    };
    const [undo, redo] = items === null ? [remove, restore] : [restore, remove];
    this.history.did({ what, undo, redo });
  }

  /** @param items gets those that are in the trash now */
  async #remove(ids: readonly string[], items: string[]): Promise<void> {
    try {
      for (const trace of ids) items.push((await this.#lab.call('library.remove', { trace })).id);
    } finally {
      this.selection = NOTHING;
      await this.refresh();
    }
  }

  /** @param ids gets those that are in the library now */
  async #restore(items: readonly string[], ids: string[]): Promise<void> {
    try {
      for (const item of items) ids.push((await this.#lab.call('library.restore', { item })).id);
    } finally {
      await this.refresh();
      this.selection = all(ids);
    }
  }

  async emptyTrash(): Promise<void> {
    await this.#lab.call('library.emptyTrash', {});
    this.history.clear();
    await this.refresh();
  }

  async viewsOf(trace: string): Promise<Notes['views']> {
    return (await this.#lab.call('notes.get', { trace })).views;
  }

  /** Changes the saved views of a trace; what else its notes hold stays. */
  async changeViews(
    trace: string,
    what: string,
    change: (views: Notes['views']) => Notes['views'],
  ): Promise<void> {
    let before: Notes['views'] = [];
    const write = (next: typeof change) =>
      this.#inTurn(async () => {
        const notes = await this.#lab.call('notes.get', { trace });
        before = notes.views;
        await this.#lab.call('notes.set', { trace, notes: { ...notes, views: next(before) } });
        this.viewsChanged += 1;
      });
    await write(change);
    const old = before;
    this.history.did({ what, undo: () => write(() => old), redo: () => write(change) });
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
    const state = this.jobs.find((job) => job.id === id)?.state;
    if (state === 'waiting' || state === 'asking') {
      this.#change(id, { state: 'cancelled' });
    }
  }

  /** Files about which the same is asked as about this one, it included. */
  alike({ question }: ImportJob): readonly ImportJob[] {
    return this.jobs.filter((job) => job.state === 'asking' && isAlike(job.question, question));
  }

  /** The user says what was asked. */
  answer(ids: readonly number[], answer: ImportAnswer): void {
    for (const id of ids) {
      const given = this.#given.get(id);
      if (given === undefined || !('source' in given)) continue;
      this.#given.set(id, { ...given, answer });
      this.#change(id, { state: 'waiting', question: null });
    }
    void this.#work();
  }

  /** Guesses the columns of a CSV file anew. @throws LabError */
  async split(id: number, split: CsvSplit): Promise<void> {
    const given = this.#given.get(id);
    if (given === undefined || !('source' in given)) return;
    const { source } = given;
    const question = await this.#lab.call('library.question', { source, split });
    if (question !== null) this.#change(id, { question });
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
      question: null,
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
      const answer = 'source' in given ? given.answer : undefined;
      if (answer === undefined) {
        const question = await this.#lab.call('library.question', { source }, { signal });
        if (question !== null) {
          this.#given.set(id, { source });
          this.#change(id, { state: 'asking', question });
          return;
        }
      }
      this.#change(id, { state: 'reading', share: 0 });
      const { entry, counts } = await this.#lab.call(
        'library.import',
        { source, ...answer },
        {
          signal,
          onProgress: ({ bytesDone, bytesTotal, events }) =>
            this.#change(id, { share: bytesTotal === 0 ? 0 : bytesDone / bytesTotal, events }),
        },
      );
      this.#change(id, {
        state: 'done',
        share: 1,
        trace: entry.id,
        counts,
        events: entry.events,
      });
      await this.refresh();
      this.selection = only(entry.id);
    } catch (thrown) {
      const told = toErrorData(thrown);
      // An uploaded file lies in a folder of the host's that means nothing to the user.
      const name = this.jobs.find((job) => job.id === id)?.name ?? '';
      const at = 'file' in given ? told.where.lastIndexOf(name) : -1;
      const error = at > 0 ? { ...told, where: told.where.slice(at) } : told;
      this.#change(id, { state: error.code === 'CANCELLED' ? 'cancelled' : 'failed', error });
    } finally {
      this.#aborts.delete(id);
      if (this.jobs.find((job) => job.id === id)?.state !== 'asking') this.#given.delete(id);
    }
  }
}

export const [useLibrary, provideLibrary] = createContext<Library>();
