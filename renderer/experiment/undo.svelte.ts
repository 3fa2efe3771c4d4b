/** A value that remembers what it was. */
const DEPTH = 100;

export class Undo<T> {
  value: T = $state.raw() as T;
  #past = $state.raw<readonly T[]>([]);
  #future = $state.raw<readonly T[]>([]);
  #mark = '';
  readonly #onChange: () => void;

  constructor(value: T, onChange: () => void) {
    this.value = value;
    this.#onChange = onChange;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** @param mark changes one after another with the same mark are undone at once, as typed letters */
  set(value: T, mark = ''): void {
    if (mark === '' || mark !== this.#mark) this.#past = [...this.#past, this.value].slice(-DEPTH);
    this.#mark = mark;
    this.#future = [];
    this.value = value;
    this.#onChange();
  }

  /** Takes a value for the first; there is nothing before it. */
  reset(value: T): void {
    this.#past = [];
    this.#future = [];
    this.#mark = '';
    this.value = value;
  }

  undo(): void {
    const last = this.#past.at(-1);
    if (last === undefined) return;
    this.#past = this.#past.slice(0, -1);
    this.#go(last, () => (this.#future = [this.value, ...this.#future]));
  }

  redo(): void {
    const [next, ...rest] = this.#future;
    if (next === undefined) return;
    this.#future = rest;
    this.#go(next, () => (this.#past = [...this.#past, this.value]));
  }

  #go(value: T, keep: () => void): void {
    keep();
    this.#mark = '';
    this.value = value;
    this.#onChange();
  }
}
