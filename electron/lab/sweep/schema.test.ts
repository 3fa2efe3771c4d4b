import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ACTOR_IDS } from '../../../core/contract/index.ts';
import { COLUMN_NAMES } from './schema.ts';

const README = readFileSync(new URL('./README.md', import.meta.url), 'utf8');

/** Columns that a cell of the README names: `a`, `b`, or `a` ... `z` for a run of them. */
function columnsIn(cell: string): string[] {
  const named = ACTOR_IDS.flatMap((actor) =>
    cell.includes('ACTOR') ? [cell.replaceAll('ACTOR', actor)] : actor === 'frontend' ? [cell] : [],
  );
  return named.flatMap((text) => {
    const names = [...text.matchAll(/`([a-z0-9_]+)`/g)].map(([, name]) => name ?? '');
    if (!text.includes('...')) return names;
    const [first, last] = names.map((name) => COLUMN_NAMES.indexOf(name));
    expect(first).toBeGreaterThanOrEqual(0);
    expect(last).toBeGreaterThan(first ?? 0);
    return COLUMN_NAMES.slice(first, (last ?? 0) + 1);
  });
}

describe('the results database', () => {
  it('has the columns that the README explains, each once', () => {
    const [, table = ''] = README.split('\n| columns | unit | |\n');
    const cells = table
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.split('|')[1] ?? '');
    expect(cells.flatMap(columnsIn).sort()).toEqual([...COLUMN_NAMES].sort());
  });

  it('names its columns so that SQL needs no quotes', () => {
    expect(COLUMN_NAMES.filter((name) => !/^[a-z][a-z0-9_]*$/.test(name))).toEqual([]);
    expect(new Set(COLUMN_NAMES).size).toBe(COLUMN_NAMES.length);
  });
});
