/** The user's reports and the one that is open. What is typed is saved by itself. */
import { createContext } from 'svelte';
import {
  toErrorData,
  type LabErrorData,
  type ReportDocument,
  type SavedReport,
} from '../../core/contract/index.ts';
import { parseReport, type SectionInput } from '../../core/report/spec.ts';
import type { Lab } from '../app/lab.svelte.ts';
import { History } from '../parts/history.ts';
import {
  draftOf,
  EMPTY,
  inserted,
  item,
  moved,
  removed,
  replaced,
  specOf,
  type Draft,
} from './draft.ts';

const SAVE_AFTER_MS = 700;
/** A report that was never saved, kept over a crash of the page. */
const UNSAVED_KEY = 'mapcopy.report';
/** The report that was open last: what is found elsewhere goes there. */
const LAST_KEY = 'mapcopy.report.last';

export class Reports {
  list = $state.raw<readonly SavedReport[]>([]);
  phase = $state<'idle' | 'loading' | 'ready' | 'failed'>('idle');
  error = $state.raw<LabErrorData | null>(null);

  /** Id of the open report; null for one without a file so far. */
  id = $state<string | null>(null);
  /** Null while none is open. */
  draft = $state.raw<Draft | null>(null);
  selected = $state<number | null>(null);
  saving = $state<'saved' | 'waiting' | 'saving' | 'failed'>('saved');
  document = $state.raw<ReportDocument | null>(null);
  /** Why the report cannot be shown or saved as it is. */
  problem = $state.raw<LabErrorData | null>(null);
  /** The document is behind what was typed. */
  reading = $state(false);

  readonly history = new History();

  readonly #lab: Lab;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reader: AbortController | null = null;
  #write: Promise<void> = Promise.resolve();

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  async refresh(): Promise<void> {
    if (this.phase !== 'ready') this.phase = 'loading';
    try {
      this.list = await this.#lab.call('report.list', {});
      this.phase = 'ready';
      this.error = null;
      this.#takeUnsaved();
    } catch (thrown) {
      this.error = toErrorData(thrown);
      this.phase = 'failed';
    }
  }

  #takeUnsaved(): void {
    const text = localStorage.getItem(UNSAVED_KEY);
    if (text === null || this.draft !== null) return;
    try {
      this.#show(null, draftOf(parseReport(JSON.parse(text), 'draft')));
      this.#changed();
    } catch {
      localStorage.removeItem(UNSAVED_KEY);
    }
  }

  /** Opens a saved report; what was typed in another is saved first. */
  async open(id: string): Promise<void> {
    if (id === this.id && this.draft !== null) return;
    await this.flush();
    const found = this.list.find((each) => each.id === id);
    if (found?.spec == null) return;
    this.#show(id, draftOf(parseReport(found.spec, found.file)));
    await this.#read();
  }

  async create(draft: Draft = EMPTY): Promise<void> {
    await this.flush();
    this.#show(null, draft);
    if (draft.items.length > 0) this.#changed();
  }

  /** Adds a section at the end of the open report, else to the one that was open last, else to a new one. */
  async collect(section: SectionInput): Promise<void> {
    if (this.phase !== 'ready') await this.refresh();
    const last = localStorage.getItem(LAST_KEY);
    if (this.draft === null && last !== null) await this.open(last);
    if (this.draft === null) await this.create({ ...EMPTY, items: [item(section)] });
    else {
      this.selected = this.draft.items.at(-1)?.key ?? null;
      this.add(section);
    }
  }

  /** Removes the open report, which undo brings back. */
  async remove(): Promise<void> {
    const { draft } = this;
    if (draft === null) return;
    await this.#remove();
    this.history.clear();
    this.history.did({
      what: `${draft.title || 'a report'} removed`,
      undo: () => this.create(draft),
      redo: () => this.#remove(),
    });
  }

  async #remove(): Promise<void> {
    // A save that is under way ends first: it may give the report its id.
    await this.flush();
    const { id } = this;
    if (id !== null) await this.#lab.call('report.remove', { report: id });
    localStorage.removeItem(UNSAVED_KEY);
    this.draft = null;
    this.id = null;
    await this.refresh();
  }

  #show(id: string | null, draft: Draft): void {
    this.history.clear();
    this.id = id;
    if (id !== null) localStorage.setItem(LAST_KEY, id);
    this.draft = draft;
    this.selected = draft.items[0]?.key ?? null;
    this.document = null;
    this.problem = null;
    this.saving = 'saved';
  }

  setTitle(title: string): void {
    this.#change('title changed', 'title', (draft) => ({ ...draft, title }));
  }
  setAuthors(authors: string): void {
    this.#change('authors changed', 'authors', (draft) => ({ ...draft, authors }));
  }
  /** Adds a section below the selected one and selects it. */
  add(section: SectionInput): void {
    const added = item(section);
    this.#change('section added', '', (draft) => inserted(draft, this.selected, added));
    this.selected = added.key;
  }
  set(key: number, section: SectionInput): void {
    this.#change('section changed', `section ${key}`, (draft) => replaced(draft, key, section));
  }
  drop(key: number): void {
    const items = this.draft?.items ?? [];
    const at = items.findIndex((each) => each.key === key);
    this.#change('section removed', '', (draft) => removed(draft, key));
    this.selected = (items[at + 1] ?? items[at - 1])?.key ?? null;
  }
  move(key: number, step: -1 | 1): void {
    this.#change('section moved', '', (draft) => moved(draft, key, step));
  }

  /** @param field typing on in it is no further step */
  #change(what: string, field: string, how: (draft: Draft) => Draft): void {
    const before = this.draft;
    if (before === null) return;
    const next = how(before);
    if (next === before) return;
    this.#take(next);
    this.history.did({ what, undo: () => this.#take(before), redo: () => this.#take(next) }, field);
  }

  #take(draft: Draft): void {
    this.draft = draft;
    if (!draft.items.some(({ key }) => key === this.selected)) {
      this.selected = draft.items[0]?.key ?? null;
    }
    this.#changed();
  }

  #changed(): void {
    if (this.draft === null) return;
    const spec = specOf(this.draft);
    localStorage.setItem(UNSAVED_KEY, JSON.stringify(spec));
    clearTimeout(this.#timer);
    this.saving = 'waiting';
    this.#timer = setTimeout(() => void this.flush(), SAVE_AFTER_MS);
  }

  /** Saves what is still to be saved, and reads the document again. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.saving === 'waiting') this.#write = this.#write.then(() => this.#save());
    await this.#write;
  }

  async #save(): Promise<void> {
    const { draft, id } = this;
    if (draft === null) return;
    if (draft.items.length === 0) {
      this.saving = 'saved';
      this.document = null;
      this.problem = null;
      return;
    }
    this.saving = 'saving';
    const spec = specOf(draft);
    try {
      parseReport(spec, 'report');
      const saved = await this.#lab.call('report.save', { report: id, spec });
      localStorage.removeItem(UNSAVED_KEY);
      if (this.id === id && this.draft !== null) {
        this.id = saved.id;
        localStorage.setItem(LAST_KEY, saved.id);
      }
      // Typed on meanwhile: the timer is set and saves again.
      if (this.draft === draft) this.saving = 'saved';
      this.problem = null;
      this.list = await this.#lab.call('report.list', {});
    } catch (thrown) {
      this.problem = toErrorData(thrown);
      this.saving = 'failed';
      return;
    }
    void this.#read();
  }

  async #read(): Promise<void> {
    this.#reader?.abort();
    const reader = new AbortController();
    this.#reader = reader;
    const { draft } = this;
    if (draft === null || draft.items.length === 0) return;
    this.reading = true;
    try {
      const { signal } = reader;
      const document = await this.#lab.call('report.document', { spec: specOf(draft) }, { signal });
      if (this.#reader !== reader) return;
      this.document = document;
      this.problem = null;
    } catch (thrown) {
      if (this.#reader === reader && !reader.signal.aborted) this.problem = toErrorData(thrown);
    } finally {
      if (this.#reader === reader) this.reading = false;
    }
  }
}

export const [useReports, provideReports] = createContext<Reports>();
