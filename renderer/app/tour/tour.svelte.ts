/** How far the tour has come. */
import { createContext } from 'svelte';
import { TOUR, type Step } from './steps.ts';

const KEY = 'mapcopy.tour';
type State = 'new' | 'left' | 'done';

function stored(): { state: State; index: number } {
  const [state, index] = (localStorage.getItem(KEY) ?? 'new 0').split(' ');
  const at = Number(index);
  return {
    state: state === 'left' || state === 'done' ? state : 'new',
    index: Number.isInteger(at) && at > 0 && at < TOUR.length ? at : 0,
  };
}

export class Tour {
  state = $state<State>(stored().state);
  index = $state(stored().index);
  running = $state(false);
  /** Is the library to invite to it? Help and the palette have it in any case. */
  readonly invites = $derived(this.state !== 'done');
  readonly step = $derived<Step | undefined>(TOUR[this.index]);

  start(index = 0): void {
    this.index = index;
    this.running = true;
    this.#keep('left');
  }

  /** Goes on where it was left. */
  resume(): void {
    this.start(this.state === 'left' ? this.index : 0);
  }

  go(step: 1 | -1): void {
    const next = this.index + step;
    if (next >= TOUR.length) this.leave('done');
    else if (next >= 0) {
      this.index = next;
      this.#keep('left');
    }
  }

  leave(state: 'left' | 'done' = 'left'): void {
    this.running = false;
    if (state === 'done') this.index = 0;
    this.#keep(state);
  }

  #keep(state: State): void {
    this.state = state;
    localStorage.setItem(KEY, `${state} ${this.index}`);
  }
}

export const [useTour, provideTour] = createContext<Tour>();
