import { expect, it } from 'vitest';
import { columnNames, exportedName, originalName } from './names.ts';

const columns = columnNames({ frame: 'paddr: where it leads', arg: null });

it.each([
  ['paddr', 'field.paddr'],
  ['bytes', 'field.bytes'],
  ['arg', 'field.arg'],
  ['field.bytes', 'field.field.bytes'],
])('a detail %s, which a column is called as well, is exported as %s', (name, exported) => {
  expect(exportedName(name, columns)).toBe(exported);
  expect(originalName(exported, columns)).toBe(name);
});

it.each(['iova', 'field.comm', 'field', 'Bytes'])('a detail %s keeps its name', (name) => {
  expect(exportedName(name, columns)).toBe(name);
  expect(originalName(name, columns)).toBe(name);
});
