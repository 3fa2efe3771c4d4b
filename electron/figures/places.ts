/** The files that a chart or a report names. */
import { existsSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { LabError } from '../../core/contract/index.ts';
import type { ChartSource } from '../../core/figures/chart/spec.ts';
import { homeFolder } from '../lab/folder.ts';
import { locateTrace } from '../lab/places.ts';
import { DATABASE } from '../lab/sweep/schema.ts';

/** A source with its files found. */
export interface Places {
  /** File and name of each trace, in the order of the source. */
  readonly traces: readonly { readonly file: string; readonly name: string | null }[];
  /** Database of a sweep. */
  readonly database: string | null;
}

const SAMPLES = path.resolve(import.meta.dirname, '../../traces/samples');

const home = () =>
  homeFolder({ env: process.env, platform: process.platform, userHome: os.homedir() });

/**
 * For the command line: a trace beside the document that names it, or of the library by its id.
 * @throws LabError FILE_NOT_FOUND, NOT_FOUND
 */
export function traceBeside(ref: string, folder: string): string {
  const beside = path.resolve(folder, ref);
  if (existsSync(beside)) return beside;
  if (!/^(user|sample)\//.test(ref)) throw missing(beside);
  return locateTrace({ home: home(), samples: SAMPLES }, ref).file;
}

/** The same for the database of a sweep, by itself or by its folder. @throws LabError FILE_NOT_FOUND */
export function sweepBeside(ref: string, folder: string): string {
  const beside = databaseIn(path.resolve(folder, ref));
  const ofLibrary = databaseIn(path.join(home(), 'studies', path.basename(ref)));
  const database = [beside, ofLibrary].find((file) => existsSync(file));
  if (database === undefined) throw missing(beside);
  return database;
}

/** The same for all that a source names. */
export function placesBeside(source: ChartSource, folder: string): Places {
  const refs = source.kind === 'traces' ? source.traces : [];
  return {
    traces: refs.map((ref) => ({ file: traceBeside(ref, folder), name: null })),
    database: source.kind === 'sweep' ? sweepBeside(source.database, folder) : null,
  };
}

const databaseIn = (place: string): string =>
  statSync(place, { throwIfNoEntry: false })?.isDirectory() === true
    ? path.join(place, DATABASE)
    : place;

const missing = (file: string) =>
  new LabError('FILE_NOT_FOUND', 'there is no such file', file, 'check the path in the document');
