import Database from 'better-sqlite3';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { rejectionOf, tempFolder } from '../testing/temp.ts';
import { closePart, createPart } from '../write/part.ts';
import { writeMeta } from '../write/summary.ts';
import { importTrace } from './import.ts';

it('an unfinished recording is not replaced; what a killed import left is', async () => {
  const folder = tempFolder();
  const output = join(folder, 'a.mctrace');
  const input = join(folder, 'a.txt');
  writeFileSync(input, ' kvm-1 [000] 5.000001: map: IOMMU: iova=0x1000 paddr=0x2000 size=4096\n');
  const attempt = () => importTrace({ input, output, name: 'a', recordedAt: '' });
  const part = createPart(output, 'import');
  closePart(part);
  expect(await rejectionOf(attempt())).toMatchObject({ code: 'UNWRITABLE', where: output });
  const db = new Database(part.part);
  writeMeta(db, { source_name: 'a.txt' });
  db.close();
  for (const suffix of ['-rows', '-side', '-side-journal']) writeFileSync(part.part + suffix, '');
  expect((await attempt()).events).toBe(1);
  expect(readdirSync(folder).sort()).toEqual(['a.mctrace', 'a.txt']);
});
