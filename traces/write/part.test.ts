import Database from 'better-sqlite3';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { tempFolder } from '../testing/temp.ts';
import { createPart, discardPart, openPart } from './part.ts';

it.each(['recording', 'import'] as const)('nobody else can take the part of a %s', (durability) => {
  const part = createPart(join(tempFolder(), 'a.mctrace'), durability);
  onTestFinished(() => discardPart(part));
  part.db.close();
  // As by the thread that an import hands it to.
  part.db = openPart(part.part, durability);
  const other = new Database(part.part, { timeout: 0 });
  onTestFinished(() => {
    other.close();
  });
  expect(() => other.exec('BEGIN IMMEDIATE')).toThrow('database is locked');
});
