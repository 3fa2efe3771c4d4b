/** FORMAT.md is the specification; code and page must say the same. */
import Database from 'better-sqlite3';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KINDS } from '../core/contract/kinds.ts';
import { APPLICATION_ID, FORMAT_VERSION, createSchema, expectedSchema } from './schema.ts';

const page = readFileSync(new URL('./FORMAT.md', import.meta.url), 'utf8');

function columnsOf(name: string): string[] {
  const db = new Database(':memory:');
  createSchema(db);
  const columns = db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(name);
  db.close();
  return columns as string[];
}

/** Tables with the columns that their headings, or the table below the heading, name. */
function documentedTables(): Map<string, string[]> {
  const tables = new Map<string, string[]>();
  for (const [, heading = ''] of page.matchAll(/^### (.*)$/gm)) {
    for (const [, name = '', list = ''] of heading.matchAll(/`(\w+)` \(([^)]*)\)/g)) {
      tables.set(
        name,
        [...list.matchAll(/`(\w+)`/g)].map(([, column = '']) => column),
      );
    }
  }
  const events = page.slice(page.indexOf('### `events`'));
  const rows = events.slice(0, events.indexOf('There is no index')).matchAll(/^\| `(\w+)` \|/gm);
  tables.set(
    'events',
    [...rows].map(([, column = '']) => column),
  );
  return tables;
}

describe('FORMAT.md and the schema agree', () => {
  it('on every table and its columns', () => {
    const documented = documentedTables();
    const real = expectedSchema().filter((object) => object.type === 'table');
    expect([...documented.keys()].sort()).toEqual(real.map((table) => table.name));
    for (const [table, columns] of documented)
      expect([table, columns]).toEqual([table, columnsOf(table)]);
  });

  it('on every view', () => {
    const section = page.slice(page.indexOf('## Views'), page.indexOf('## Exit reasons'));
    const documented = [...section.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(
      ([, names = '']) => [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
    );
    const real = expectedSchema().filter((object) => object.type === 'view');
    expect(documented.sort()).toEqual(real.map((view) => view.name));
  });

  it('on identity and version', () => {
    expect(page).toContain(`| \`application_id\` | ${APPLICATION_ID} `);
    expect(page).toContain(`| \`user_version\` | ${FORMAT_VERSION} |`);
  });

  it('on every kind', () => {
    const section = page.slice(page.indexOf('## Event kinds'));
    const documented = [...section.matchAll(/^\| (\d+) \|.*$/gm)].map(([line]) => line);
    const real = KINDS.map(
      (kind) =>
        `| ${kind.code} | \`${kind.name}\` | ${kind.category} | ${kind.counts.join(', ')} | ${kind.frame ?? ''} | ${kind.arg ?? ''} | ${kind.doc} |`,
    );
    const spaces = (line: string) => line.replace(/ +/g, ' ').replace(/\\\|/g, '|');
    expect(documented.map(spaces)).toEqual(real.map(spaces));
  });
});
