import { existsSync, mkdirSync, readdirSync, statSync, type Stats } from 'node:fs';
import path from 'node:path';
import {
  LabError,
  toErrorData,
  type LibraryEntry,
  type TraceInfo,
  type TrashItem,
} from '../../core/contract/index.ts';
import { DisplayNames } from './display-names.ts';
import { freeFile, slugOf, TRACE_EXTENSION } from './file-names.ts';
import type { LabParts, Reader, TraceSummary } from './parts.ts';
import {
  idOf,
  locateTrace,
  userFolder,
  type LibraryPlaces,
  type Origin,
  type TracePlace,
} from './places.ts';
import { OpenReaders } from './readers.ts';
import { Trash } from './trash.ts';

/**
 * The traces the user sees: his own and the samples. A trace's id is its origin and file name,
 * `user/NAME.mctrace`, and nothing outside the two folders has one.
 */
export class Library {
  /** Everything that Mapcopy keeps for the user. */
  readonly home: string;
  /** Where the user's traces are. */
  readonly folder: string;
  readonly trash: Trash;
  readonly #places: LibraryPlaces;
  readonly #parts: LabParts;
  readonly #names: DisplayNames;
  readonly #readers: OpenReaders;
  /** Files that are being written and must not be named again. */
  readonly #taken = new Set<string>();
  readonly #summaries = new Map<string, { stamp: string; entry: LibraryEntry }>();

  constructor(places: LibraryPlaces, parts: LabParts) {
    this.home = places.home;
    this.folder = userFolder(places);
    this.trash = new Trash(places.home);
    this.#places = places;
    this.#parts = parts;
    this.#names = new DisplayNames(path.join(places.home, 'names.json'));
    this.#readers = new OpenReaders((file) => parts.traces.openTrace(file));
  }

  /**
   * Turns recordings that a crash cut off into incomplete traces, removes imports and trims that it cut
   * off, and deletes what has been in the trash for too long. A part that another process is still writing, or that cannot be saved,
   * stays where it is.
   * @returns the files that were recovered
   */
  recover(): string[] {
    this.trash.expire(this.#parts.now());
    const recovered: string[] = [];
    if (!existsSync(this.folder)) return recovered;
    for (const part of this.#parts.traces.findParts(this.folder)) {
      try {
        if (this.#parts.traces.removeUnfinished(part)) continue;
        recovered.push(this.#parts.traces.recoverTrace(part).file);
      } catch {
        // Reported by "mapcopy recover"; a start must not fail for it.
      }
    }
    return recovered;
  }

  /** Every trace, the newest of the user's first, then the samples by name. */
  async list(): Promise<LibraryEntry[]> {
    const user = await this.#listFolder('user', this.folder);
    const samples = await this.#listFolder('sample', this.#places.samples);
    user.sort((a, b) => b.recordedAt.localeCompare(a.recordedAt) || a.id.localeCompare(b.id));
    samples.sort((a, b) => a.id.localeCompare(b.id));
    return [...user, ...samples];
  }

  /** One trace of the library. @throws LabError NOT_FOUND */
  entry(id: string): LibraryEntry {
    const { origin, file } = this.#locate(id);
    return this.#entryOf(origin, file, statSync(file));
  }

  /** Entry of a file that was just written into the user's folder. */
  entryOfFile(file: string): LibraryEntry {
    return this.entry(idOf('user', file));
  }

  /** Id of one of the user's traces by its file; null for a file that is none. */
  idOfFile(file: string): string | null {
    const inFolder = path.dirname(file) === path.resolve(this.folder);
    return inFolder && existsSync(file) ? idOf('user', file) : null;
  }

  /** Where the trace with this id is. @throws LabError NOT_FOUND */
  file(id: string): string {
    return this.#locate(id).file;
  }

  /** The open trace with this id. @throws LabError NOT_FOUND, or what `openTrace` throws */
  reader(id: string): Reader {
    return this.#readers.get(this.#locate(id).file);
  }

  /** Where the notes on a trace are. Those on a sample are the user's. @throws LabError NOT_FOUND */
  notesFile(id: string): string {
    const { origin, file } = this.#locate(id);
    const { traces } = this.#parts;
    if (origin === 'user') return traces.notesFileOf(file);
    return traces.notesFileOf(path.join(this.home, 'sample-notes', path.basename(file)));
  }

  /** Traces that have notes, and the files these are in. */
  noted(): { trace: string; file: string }[] {
    const folders: [Origin, string][] = [
      ['user', this.folder],
      ['sample', this.#places.samples],
    ];
    return folders
      .flatMap(([origin, folder]) =>
        namesIn(folder).map((name) => {
          const trace = idOf(origin, name);
          return { trace, file: this.notesFile(trace) };
        }),
      )
      .filter(({ file }) => existsSync(file));
  }

  info(id: string): TraceInfo {
    return this.reader(id).info(id, this.#names.get(id));
  }

  rename(id: string, name: string): LibraryEntry {
    this.#locate(id);
    this.#names.set(id, name);
    return this.entry(id);
  }

  /** Moves a trace of the user's to the trash. */
  remove(id: string): TrashItem {
    const { origin, file } = this.#locate(id);
    if (origin === 'sample') {
      throw new LabError(
        'BAD_ARGUMENT',
        'a sample ships with the program and cannot be removed',
        id,
        'remove a trace of your own instead',
      );
    }
    const { name } = this.entry(id);
    this.#readers.close(file);
    const item = this.trash.put(file, name, this.#parts.now());
    this.#names.remove(id);
    this.#summaries.delete(file);
    return item;
  }

  /** Brings a trace back from the trash. @throws LabError NOT_FOUND */
  restore(item: string): LibraryEntry {
    this.#makeFolder();
    const { file, name } = this.trash.take(item, 'trace', (slug) =>
      freeFile(this.folder, slug, this.#taken),
    );
    const entry = this.entryOfFile(file);
    return entry.name === name ? entry : this.rename(entry.id, name);
  }

  /**
   * Reserves a name for a trace that is about to be written, and makes the folder.
   * @returns the file, and a function to call when it is written or given up
   */
  reserve(name: string): { file: string; release: () => void } {
    this.#makeFolder();
    const file = freeFile(this.folder, slugOf(name), this.#taken);
    this.#taken.add(file);
    return { file, release: () => this.#taken.delete(file) };
  }

  close(): void {
    this.#readers.closeAll();
  }

  #makeFolder(): void {
    try {
      mkdirSync(this.folder, { recursive: true });
    } catch (error) {
      throw new LabError(
        'UNWRITABLE',
        `the library folder cannot be made (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
        this.folder,
        'set MAPCOPY_HOME to a folder that you may write to',
      );
    }
  }

  async #listFolder(origin: Origin, folder: string): Promise<LibraryEntry[]> {
    const entries: LibraryEntry[] = [];
    for (const name of namesIn(folder)) {
      const file = path.join(folder, name);
      const stats = statSync(file, { throwIfNoEntry: false });
      if (stats?.isFile() === true) entries.push(this.#entryOf(origin, file, stats));
      // Opening a file takes a moment; other calls are let through in between.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    return entries;
  }

  #entryOf(origin: Origin, file: string, stats: Stats): LibraryEntry {
    const id = idOf(origin, file);
    const stamp = `${stats.mtimeMs} ${stats.size} ${stats.ino}`;
    let known = this.#summaries.get(file);
    if (known?.stamp !== stamp) {
      // A file that changed under an open reader was replaced: what the reader sees is gone.
      this.#readers.close(file);
      known = { stamp, entry: summarise(this.#parts, { id, file, origin, stats }) };
      this.#summaries.set(file, known);
    }
    const name = this.#names.get(id);
    return name === undefined ? known.entry : { ...known.entry, name };
  }

  #locate(id: string): TracePlace {
    return locateTrace(this.#places, id);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(TRACE_EXTENSION));
  } catch {
    return []; // No folder, no traces.
  }
}

interface Found {
  readonly id: string;
  readonly file: string;
  readonly origin: Origin;
  readonly stats: Stats;
}

/** What the file says of itself, or what is wrong with it. */
function summarise(parts: LabParts, { id, file, origin, stats }: Found): LibraryEntry {
  const common = { id, file, origin, sizeBytes: stats.size };
  let reader: Reader | undefined;
  try {
    reader = parts.traces.openTrace(file);
    return { ...reader.summary(), ...common, problem: null };
  } catch (thrown) {
    return { ...unreadable(file), ...common, problem: toErrorData(thrown).what };
  } finally {
    reader?.close();
  }
}

function unreadable(file: string): TraceSummary {
  return {
    name: path.basename(file, TRACE_EXTENSION),
    kind: 'interrupted',
    status: 'unreadable',
    strategy: null,
    hypervisor: null,
    soc: null,
    workload: null,
    pair: null,
    events: 0,
    requests: 0,
    spanNs: 0,
    recordedAt: '',
    hazards: null,
    activity: [],
    importCounts: null,
    part: null,
  };
}
