/** The files that a chart's source names. */
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

/**
 * For the command line: files beside the document, or traces and sweeps of the library by their ids.
 * @throws LabError FILE_NOT_FOUND, NOT_FOUND
 */
export function placesBeside(source: ChartSource, folder: string): Places {
  const home = homeFolder({ env: process.env, platform: process.platform, userHome: os.homedir() });
  if (source.kind === 'sweep') {
    const beside = databaseIn(path.resolve(folder, source.database));
    const ofLibrary = databaseIn(path.join(home, 'studies', path.basename(source.database)));
    const database = [beside, ofLibrary].find((file) => existsSync(file));
    if (database === undefined) throw missing(beside);
    return { traces: [], database };
  }
  if (source.kind !== 'traces') return { traces: [], database: null };
  const traces = source.traces.map((ref) => {
    const beside = path.resolve(folder, ref);
    if (existsSync(beside)) return { file: beside, name: null };
    if (!/^(user|sample)\//.test(ref)) throw missing(beside);
    return { file: locateTrace({ home, samples: SAMPLES }, ref).file, name: null };
  });
  return { traces, database: null };
}

const databaseIn = (place: string): string =>
  statSync(place, { throwIfNoEntry: false })?.isDirectory() === true
    ? path.join(place, DATABASE)
    : place;

const missing = (file: string) =>
  new LabError('FILE_NOT_FOUND', 'there is no such file', file, 'check the path in the chart');
