import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';

const RECENT_MAX = 10;

const SettingsSchema = v.object({
  /** Files opened last, the newest first. */
  recent: v.array(v.string()),
  /** Where the file dialog was left; Electron does not remember it. */
  lastFolder: v.string(),
  theme: v.picklist(['system', 'light', 'dark']),
});
export type SettingsData = v.InferOutput<typeof SettingsSchema>;

const DEFAULTS: SettingsData = { recent: [], lastFolder: '', theme: 'system' };

/** What the desktop app remembers between starts. */
export class Settings {
  readonly #file: string;
  #data: SettingsData;

  constructor(home: string) {
    this.#file = path.join(home, 'desktop.json');
    this.#data = load(this.#file);
  }

  get data(): SettingsData {
    return this.#data;
  }

  /** Written beside the old file and renamed, so that a crash leaves one or the other whole. */
  update(change: Partial<SettingsData>): void {
    this.#data = { ...this.#data, ...change };
    mkdirSync(path.dirname(this.#file), { recursive: true });
    const temporary = `${this.#file}.new`;
    writeFileSync(temporary, JSON.stringify(this.#data, null, 2), { flush: true });
    renameSync(temporary, this.#file);
  }

  addRecent(file: string): void {
    const others = this.#data.recent.filter((each) => each !== file);
    this.update({ recent: [file, ...others].slice(0, RECENT_MAX) });
  }
}

/** Settings are a convenience: when they cannot be read the app starts with defaults. */
function load(file: string): SettingsData {
  try {
    const checked = v.safeParse(SettingsSchema, JSON.parse(readFileSync(file, 'utf8')));
    return checked.success ? checked.output : DEFAULTS;
  } catch {
    return DEFAULTS;
  }
}
