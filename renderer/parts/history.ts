/** What was changed, to be taken back and done again; every room has its history in this class. */
import { createSubscriber } from 'svelte/reactivity';

export interface Step {
  /** What was done, as `2 traces removed`. */
  readonly what: string;
  readonly undo: () => void | Promise<void>;
  readonly redo: () => void | Promise<void>;
}

const DEPTH = 200;

export class History {
  readonly #past: Step[] = [];
  readonly #future: Step[] = [];
  /** What the last step has changed. */
  #field = '';
  #turn: Promise<unknown> = Promise.resolve();
  #changed: () => void = () => undefined;
  /** Whoever shows what could be undone is drawn again when that changes. */
  readonly #watch = createSubscriber((update) => {
    this.#changed = update;
  });

  /** What undo would take back; null where there is nothing. */
  get undoes(): string | null {
    this.#watch();
    return this.#past.at(-1)?.what ?? null;
  }

  get redoes(): string | null {
    this.#watch();
    return this.#future.at(-1)?.what ?? null;
  }

  /**
   * Something was changed.
   * @param field changes of one field in a row are one step, as the letters that are typed into it
   */
  did(step: Step, field = ''): void {
    const first = field !== '' && field === this.#field ? this.#past.pop() : undefined;
    this.#past.push({ ...step, undo: first?.undo ?? step.undo });
    if (this.#past.length > DEPTH) this.#past.shift();
    this.#future.length = 0;
    this.#field = field;
    this.#changed();
  }

  /**
   * Takes the last step back, after those that are still being taken back. A step that fails is
   * forgotten, so that it does not bar the way to those before it.
   *
   * @returns what it was, or null where there was nothing; rejects as the step does
   */
  undo(): Promise<string | null> {
    return this.#move(this.#past, this.#future, 'undo');
  }

  /** Does again what was taken back last. @returns and rejects as `undo` does */
  redo(): Promise<string | null> {
    return this.#move(this.#future, this.#past, 'redo');
  }

  clear(): void {
    this.#past.length = 0;
    this.#future.length = 0;
    this.#field = '';
    this.#changed();
  }

  #move(from: Step[], to: Step[], way: 'undo' | 'redo'): Promise<string | null> {
    const turn = this.#turn.then(async () => {
      const step = from.pop();
      if (step === undefined) return null;
      this.#field = '';
      try {
        await step[way]();
        to.push(step);
      } finally {
        this.#changed();
      }
      return step.what;
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
