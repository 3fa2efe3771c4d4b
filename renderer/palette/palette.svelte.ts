/** The palette's state: open or not, what was used last, and the topic that is being read. */
import { createContext } from 'svelte';
import type { CatalogueRow } from '../../core/contract/index.ts';
import type { Lab } from '../app/lab.svelte.ts';
import { catalogueTopics, type Topic } from './topics.ts';

const RECENT_KEY = 'mapcopy.palette';
const RECENT = 5;

export interface Catalogue {
  readonly group: string;
  readonly topics: readonly Topic[];
}

function storedRecent(): readonly string[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(RECENT_KEY) ?? '[]');
    return Array.isArray(list) ? list.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}

export class Palette {
  open = $state(false);
  topic = $state.raw<Topic | null>(null);
  recent = $state.raw<readonly string[]>(storedRecent());
  catalogues = $state.raw<readonly Catalogue[]>([]);
  readonly #lab: Lab;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  show(): void {
    this.open = true;
    if (this.catalogues.length === 0) void this.#load();
  }

  used(id: string): void {
    this.recent = [id, ...this.recent.filter((each) => each !== id)].slice(0, RECENT);
    localStorage.setItem(RECENT_KEY, JSON.stringify(this.recent));
  }

  async #load(): Promise<void> {
    const list = (what: 'strategies' | 'hypervisors' | 'socs' | 'workloads') =>
      this.#lab.call('catalogue.list', { what }).catch((): readonly CatalogueRow[] => []);
    const [strategies, hypervisors, socs, workloads] = await Promise.all([
      list('strategies'),
      list('hypervisors'),
      list('socs'),
      list('workloads'),
    ]);
    this.catalogues = [
      { group: 'Strategies', topics: catalogueTopics('strategy', strategies) },
      { group: 'Hypervisors', topics: catalogueTopics('hypervisor', hypervisors) },
      { group: 'SoCs', topics: catalogueTopics('soc', socs) },
      { group: 'Workloads', topics: catalogueTopics('workload', workloads) },
    ];
  }
}

export const [usePalette, providePalette] = createContext<Palette>();
