/** The marks and named views of the open trace, which lie beside it in its notes. */
import { toErrorData, type Notes } from '../../../core/contract/index.ts';
import type { Lab } from '../../app/lab.svelte.ts';
import { formatRoute, parseRoute } from '../../app/route.ts';
import { History } from '../../parts/history.ts';
import { linkTo, viewIn } from '../link.ts';
import type { Replay } from '../replay.svelte.ts';
import { inOrder, markFrom, withMark, withView, type Mark, type NamedView } from './marks.ts';

/** What is being named: a moment, or the view as it is. */
export interface Draft {
  readonly kind: 'mark' | 'view';
  readonly tick: number;
  readonly text: string;
  /** The mark that is changed; null for a new one. */
  readonly old: Mark | null;
}

export class Marks {
  list = $state.raw<readonly Mark[]>([]);
  views = $state.raw<readonly NamedView[]>([]);
  draft = $state.raw<Draft | null>(null);
  /** Why the notes could not be read or written; empty while all is well. */
  problem = $state('');
  readonly history = new History();
  readonly #lab: Lab;
  readonly #replay: Replay;

  constructor(lab: Lab, replay: Replay) {
    this.#lab = lab;
    this.#replay = replay;
  }

  /** A trace was opened. */
  async load(trace: string): Promise<void> {
    this.draft = null;
    this.history.clear();
    this.#show({ bookmarks: [], views: [] });
    try {
      const notes = await this.#lab.call('notes.get', { trace });
      if (this.#replay.id === trace) this.#show(notes);
    } catch (thrown) {
      if (this.#replay.id === trace) this.problem = toErrorData(thrown).what;
    }
  }

  /** Begins to name the moment under the playhead, or the view with its chosen range. */
  begin(): void {
    const { range, playhead } = this.#replay;
    const kind = range === null ? 'mark' : 'view';
    this.draft = { kind, tick: Math.round(range?.from ?? playhead), text: '', old: null };
  }

  edit(mark: Mark): void {
    this.draft = { kind: 'mark', tick: mark.tick, text: mark.text, old: mark };
  }

  /** Keeps the draft under its text. */
  async keep(text: string): Promise<void> {
    const { draft } = this;
    const named = text.trim();
    if (draft === null || named === '') return;
    const kept =
      draft.kind === 'mark'
        ? await this.#changeMark(draft.old, { tick: draft.tick, text: named })
        : await this.#changeView(named, this.#link());
    if (kept) this.draft = null;
  }

  remove(mark: Mark): Promise<boolean> {
    return this.#changeMark(mark, null);
  }

  removeView({ name }: NamedView): Promise<boolean> {
    return this.#changeView(name, null);
  }

  /** Goes to the next (1) or previous (-1) mark. */
  step(step: 1 | -1): void {
    const mark = markFrom(this.list, this.#replay.playhead, step);
    if (mark !== undefined) this.open(mark);
  }

  open(mark: Mark): void {
    this.#replay.bring(mark.tick);
  }

  openView({ view }: NamedView): void {
    const trace = this.#replay.id;
    if (trace !== null) void this.#replay.open(trace, viewIn(parseRoute(view)));
  }

  /** What is shown, as a link. */
  #link(): string {
    const { id, view, playhead: at, selectedId: event, range } = this.#replay;
    return formatRoute(linkTo(id ?? '', { from: view.from, to: view.to, event, at, range }));
  }

  #show({ bookmarks, views }: Pick<Notes, 'bookmarks' | 'views'>): void {
    this.list = inOrder(bookmarks);
    this.views = views;
    this.problem = '';
  }

  /** Puts one mark in the place of another; null where there was or will be none. */
  #changeMark(old: Mark | null, next: Mark | null): Promise<boolean> {
    const what = old === null ? 'set' : next === null ? 'removed' : 'changed';
    return this.#change(
      `mark “${(next ?? old)?.text}” ${what}`,
      (notes) => withMark(notes, old, next),
      (notes) => withMark(notes, next, old),
    );
  }

  #changeView(name: string, view: string | null): Promise<boolean> {
    const old = this.views.find((each) => each.name === name)?.view ?? null;
    return this.#change(
      `view “${name}” ${view === null ? 'removed' : 'kept'}`,
      (notes) => withView(notes, name, view),
      (notes) => withView(notes, name, old),
    );
  }

  async #change(
    what: string,
    change: (notes: Notes) => Notes,
    back: (notes: Notes) => Notes,
  ): Promise<boolean> {
    const trace = this.#replay.id;
    if (trace === null) return false;
    try {
      await this.#write(trace, change);
      const undo = () => this.#write(trace, back);
      this.history.did({ what, undo, redo: () => this.#write(trace, change) });
      return true;
    } catch (thrown) {
      this.problem = toErrorData(thrown).what;
      return false;
    }
  }

  /** Others change notes as well: what is there now is read first. */
  async #write(trace: string, change: (notes: Notes) => Notes): Promise<void> {
    const notes = change(await this.#lab.call('notes.get', { trace }));
    await this.#lab.call('notes.set', { trace, notes });
    if (this.#replay.id === trace) this.#show(notes);
  }
}
