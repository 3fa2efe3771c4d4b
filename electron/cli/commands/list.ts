import {
  CATALOGUES,
  fieldsOf,
  HAZARDS,
  type CatalogueRow,
  type ScenarioField,
} from '../../../core/contract/index.ts';
import { catalogue } from '../../../core/experiment/index.ts';
import type { Command } from '../command.ts';
import { nearest } from '../../../core/base/nearest.ts';
import { JSON_OPTION, usage } from '../options.ts';
import { table } from '../text.ts';

type What = (typeof CATALOGUES)[number];

/** `mapcopy list WHAT`. */
export const list: Command = {
  name: 'list',
  summary: 'List what a scenario can be made of, or the hazards that are checked.',
  synopsis: `${CATALOGUES.join('|')} [--json]`,
  options: JSON_OPTION,
  notes: [
    '"fields" lists every field of a scenario with its default, range and meaning: what\n--set path=value can set.',
    'Examples:\n  mapcopy list strategies\n  mapcopy list fields --json',
  ],
  async run(args, io) {
    const what = whatOf(args.positionals);
    if (args.has('json')) io.out(`${JSON.stringify(rowsOf(what), null, 2)}\n`);
    else io.out(what === 'fields' ? fieldTable(fieldsOf()) : rowTable(rowsOf(what)));
    return Promise.resolve(0);
  },
};

function whatOf(positionals: readonly string[]): What {
  const [what, extra] = positionals;
  const options = `give one of ${CATALOGUES.join(', ')}`;
  if (what === undefined) throw usage('nothing to list is named', 'list', options);
  if (extra !== undefined) throw usage(`there is one argument too many`, `list ${extra}`, options);
  const found = CATALOGUES.find((each) => each === what);
  if (found !== undefined) return found;
  const close = nearest(what, CATALOGUES);
  const remedy = close === undefined ? options : `did you mean ${close}? ${options}`;
  throw usage(`there is no list of ${JSON.stringify(what)}`, 'list', remedy);
}

function rowsOf(what: What): readonly CatalogueRow[] {
  if (what === 'hazards') {
    return Object.entries(HAZARDS).map(([id, hazard]) => ({ id, ...hazard }));
  }
  if (what === 'fields')
    return fieldsOf().map((field) => ({ ...field, id: field.path, name: field.path }));
  return catalogue(what);
}

/** Widest text that still reads as a column of a table. */
const COLUMN_MAX = 95;

/** Id, name and every further field that fits a line; `--json` has them all. */
function rowTable(rows: readonly CatalogueRow[]): string {
  const texts = Object.keys(rows[0] ?? {}).filter(
    (key) => !['id', 'name', 'hash'].includes(key) && rows.every((row) => isShort(row[key])),
  );
  const columns = ['id', 'name', ...texts];
  const text = table(
    columns.map((title) => ({ title })),
    rows.map((row) => columns.map((column) => shown(row[column]))),
  );
  const all = Object.keys(rows[0] ?? {}).length;
  return columns.length < all ? `${text}\n--json shows every field.\n` : text;
}

function isShort(value: unknown): boolean {
  const plain = Array.isArray(value)
    ? value.every((each) => typeof each === 'string')
    : typeof value === 'string' || typeof value === 'number';
  return plain && shown(value).length <= COLUMN_MAX;
}

function shown(value: unknown): string {
  return Array.isArray(value) ? value.join(' ') : String(value);
}

function fieldTable(fields: readonly ScenarioField[]): string {
  return table(
    [{ title: 'field' }, { title: 'default' }, { title: 'values' }, { title: 'meaning' }],
    fields.map((field) => [field.path, String(field.def), valuesOf(field), field.doc]),
  );
}

function valuesOf(field: ScenarioField): string {
  if (field.type === 'choice') {
    return field.options.length > 6 ? 'see its list' : field.options.join('|');
  }
  if (field.type === 'boolean') return 'true|false';
  return `${field.min}..${field.max} ${field.unit}`.trimEnd();
}
