/** Files that a document of the user's names: beside it, or traces of the library. */
import { existsSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { LabError } from '../../core/contract/index.ts';
import { homeFolder } from '../lab/folder.ts';
import { locateTrace } from '../lab/places.ts';
import { ROOT } from '../launch/browser.ts';

/** @throws LabError FILE_NOT_FOUND, NOT_FOUND for an id that the library does not have */
export function findTrace(ref: string, folder: string): string {
  const beside = path.resolve(folder, ref);
  if (existsSync(beside)) return beside;
  if (!/^(user|sample)\//.test(ref)) throw missing(beside);
  const home = homeFolder({ env: process.env, platform: process.platform, userHome: os.homedir() });
  return locateTrace({ home, samples: path.join(ROOT, 'traces/samples') }, ref).file;
}

/** The database of a sweep that is named by itself or by its folder. @throws LabError FILE_NOT_FOUND */
export function findSweep(ref: string, folder: string): string {
  const place = path.resolve(folder, ref);
  const isFolder = statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
  const database = isFolder ? path.join(place, 'sweep.sqlite') : place;
  if (!existsSync(database)) throw missing(database);
  return database;
}

const missing = (file: string) =>
  new LabError('FILE_NOT_FOUND', 'there is no such file', file, 'check the path in the document');
