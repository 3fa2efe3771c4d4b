/** Short messages at the lower edge, with at most one thing to do about them. */
import { createContext } from 'svelte';

export interface Toast {
  readonly id: number;
  readonly kind: 'done' | 'info' | 'warn';
  readonly text: string;
  readonly action: { readonly name: string; readonly run: () => void } | undefined;
}

const LIFE_MS = 7000;
const LIMIT = 4;

export class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #next = 1;

  add(kind: Toast['kind'], text: string, action?: Toast['action']): number {
    const id = this.#next++;
    this.list = [...this.list.slice(1 - LIMIT), { id, kind, text, action }];
    setTimeout(() => this.dismiss(id), LIFE_MS);
    return id;
  }

  dismiss(id: number): void {
    this.list = this.list.filter((each) => each.id !== id);
  }
}

export const [useToasts, provideToasts] = createContext<Toasts>();
