/** Folders of a library, and the ids of the traces in them. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { LabError, type LibraryEntry } from '../../core/contract/index.ts';
import { TRACE_EXTENSION } from './file-names.ts';

/** Whose trace it is. */
export type Origin = LibraryEntry['origin'];

/** Folders of a library. */
export interface LibraryPlaces {
  /** Everything of the user's; traces are in its `traces` folder. */
  readonly home: string;
  /** Traces that ship with the program; never written to. */
  readonly samples: string;
}

export interface TracePlace {
  readonly origin: Origin;
  readonly file: string;
}

/** Folder of the user's own traces. */
export function userFolder(places: LibraryPlaces): string {
  return path.join(places.home, 'traces');
}

/** Id of a file in one of the folders: its origin and name, `user/NAME.mctrace`. */
export function idOf(origin: Origin, file: string): string {
  return `${origin}/${path.basename(file)}`;
}

/**
 * The file that an id means. An id holds no separator but its first, so nothing outside the two
 * folders can be named.
 * @throws LabError NOT_FOUND
 */
export function locateTrace(places: LibraryPlaces, id: string): TracePlace {
  const [, origin, name] = /^(user|sample)\/([^/\\]+)$/.exec(id) ?? [];
  if (origin !== undefined && name?.endsWith(TRACE_EXTENSION) === true) {
    const file = path.join(origin === 'user' ? userFolder(places) : places.samples, name);
    if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) {
      return { origin: origin as Origin, file };
    }
  }
  throw new LabError(
    'NOT_FOUND',
    'there is no such trace in the library',
    id,
    'it may have been removed: list the library again',
  );
}
