/** The marks of the open trace. */
import type { Replay } from '../replay.svelte.ts';
import { inOrder, markFrom, type Mark } from './marks.ts';

const KEY = 'mapcopy.marks.';

export class Marks {
  list = $state.raw<readonly Mark[]>([]);
  /** The mark whose text is being typed; `id` is empty for a new one. */
  draft = $state.raw<Mark | null>(null);
  readonly #replay: Replay;

  constructor(replay: Replay) {
    this.#replay = replay;
  }

  /** A trace was opened. */
  load(trace: string): void {
    this.draft = null;
    try {
      this.list = inOrder(JSON.parse(localStorage.getItem(KEY + trace) ?? '[]') as Mark[]);
    } catch {
      this.list = [];
    }
  }

  /** Begins a mark at the playhead, or of the chosen range. */
  begin(): void {
    const { range, playhead } = this.#replay;
    this.draft = {
      id: '',
      ts: Math.round(range?.from ?? playhead),
      to: range === null ? null : Math.round(range.to),
      text: '',
    };
  }

  edit(mark: Mark): void {
    this.draft = mark;
  }

  /** Keeps the draft with its text; an empty text drops it. */
  keep(text: string): void {
    const draft = this.draft;
    this.draft = null;
    const trimmed = text.trim();
    if (draft === null || trimmed === '') return;
    const mark = { ...draft, id: draft.id === '' ? crypto.randomUUID() : draft.id, text: trimmed };
    this.#set([...this.list.filter((each) => each.id !== mark.id), mark]);
  }

  remove(mark: Mark): void {
    this.#set(this.list.filter((each) => each.id !== mark.id));
  }

  /** Goes to the next (1) or previous (-1) mark. */
  step(step: 1 | -1): void {
    const mark = markFrom(this.list, this.#replay.playhead, step);
    if (mark !== undefined) this.open(mark);
  }

  open(mark: Mark): void {
    this.#replay.bring(mark.ts, (mark.to ?? mark.ts) - mark.ts);
    if (mark.to !== null) this.#replay.range = { from: mark.ts, to: mark.to };
  }

  #set(marks: readonly Mark[]): void {
    this.list = inOrder(marks);
    const trace = this.#replay.id;
    if (trace !== null) localStorage.setItem(KEY + trace, JSON.stringify(this.list));
  }
}
