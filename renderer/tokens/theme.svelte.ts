/** Dark, light, or what the system says; kept between starts. */
import { createContext } from 'svelte';
import type { ThemeChoice } from '../../core/contract/native.ts';

const KEY = 'mapcopy.theme';

function stored(): ThemeChoice {
  const value = localStorage.getItem(KEY);
  return value === 'light' || value === 'dark' ? value : 'system';
}

export class Theme {
  choice = $state<ThemeChoice>(stored());
  #system = $state<'light' | 'dark'>('dark');
  readonly shown = $derived(this.choice === 'system' ? this.#system : this.choice);

  constructor() {
    const query = matchMedia('(prefers-color-scheme: light)');
    const follow = () => {
      this.#system = query.matches ? 'light' : 'dark';
      this.#apply();
    };
    query.addEventListener('change', follow);
    follow();
  }

  choose(choice: ThemeChoice): void {
    this.choice = choice;
    localStorage.setItem(KEY, choice);
    this.#apply();
  }

  #apply(): void {
    document.documentElement.dataset['theme'] = this.shown;
  }
}

export const [useTheme, provideTheme] = createContext<Theme>();
