/** Which panels of Replay are open, how tall, and on which page; kept over restarts. */

export type LowerTab = 'request' | 'events' | 'sql' | 'hazards' | 'selection' | 'marks' | 'summary';
export type StateTab = 'reach' | 'grants' | 'iommu' | 'iotlb' | 'rings' | 'pool' | 'cpus';

interface Kept {
  side: boolean;
  lower: boolean;
  height: number;
  stateTab: StateTab;
}

const KEY = 'mapcopy.replay.panels';
/** Narrower windows begin without the side panel, lower ones with the lower panel as tabs only. */
const SIDE_FROM = 1240;
const LOWER_FROM = 640;

function kept(): Partial<Kept> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Kept>;
  } catch {
    return {};
  }
}

export class Panels {
  side = $state(window.innerWidth >= SIDE_FROM);
  lower = $state(window.innerHeight >= LOWER_FROM);
  height = $state(Math.round(Math.min(420, Math.max(180, window.innerHeight * 0.27))));
  stateTab = $state<StateTab>('reach');
  /** Null until one is chosen: then the trace decides. */
  lowerTab = $state<LowerTab | null>(null);
  detail = $state<'event' | 'run'>('event');

  #wide = window.innerWidth >= SIDE_FROM;
  #tall = window.innerHeight >= LOWER_FROM;

  constructor() {
    const { side, lower, height, stateTab } = kept();
    this.side = (side ?? true) && this.side;
    this.lower = (lower ?? true) && this.lower;
    if (typeof height === 'number' && height >= 80 && height < window.innerHeight - 320) {
      this.height = height;
    }
    this.stateTab = stateTab ?? 'reach';
  }

  /** The window has another size: what has no room is closed, and is there again when it has. */
  fit(width: number, height: number): void {
    const [wide, tall] = [width >= SIDE_FROM, height >= LOWER_FROM];
    if (wide !== this.#wide) this.side = wide && (kept().side ?? true);
    if (tall !== this.#tall) this.lower = tall && (kept().lower ?? true);
    [this.#wide, this.#tall] = [wide, tall];
  }

  toggleSide(): void {
    this.side = !this.side;
    this.#keep();
  }

  toggleLower(): void {
    this.lower = !this.lower;
    this.#keep();
  }

  /** Opens a page of the lower panel. */
  show(tab: LowerTab): void {
    this.lowerTab = tab;
    this.lower = true;
  }

  /** Turns to a page where the panel is open: it is not opened for that. */
  turnTo(tab: LowerTab): void {
    this.lowerTab = tab;
  }

  /** A press on a tab: the one that is shown closes the panel. */
  press(tab: LowerTab, shown: LowerTab): void {
    this.lower = !(this.lower && tab === shown);
    this.lowerTab = tab;
    this.#keep();
  }

  showState(tab: StateTab): void {
    this.stateTab = tab;
    this.#keep();
  }

  resize(height: number): void {
    this.height = Math.max(80, Math.min(window.innerHeight - 320, height));
    this.#keep();
  }

  /** What there was no room for is no choice of the user's. */
  #keep(): void {
    const { height, stateTab } = this;
    const before = kept();
    const side = this.#wide ? this.side : (before.side ?? true);
    const lower = this.#tall ? this.lower : (before.lower ?? true);
    localStorage.setItem(KEY, JSON.stringify({ side, lower, height, stateTab } satisfies Kept));
  }
}
