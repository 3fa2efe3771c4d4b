/** A mapping of columns while it is edited. */
import {
  CSV_FIELDS,
  TIME_UNITS,
  type CsvField,
  type CsvGuess,
  type CsvMapping,
} from '../../core/contract/index.ts';
import { KINDS } from '../../core/contract/kinds.ts';

/** What a column can be, in words. */
export const FIELD_WORDS: Readonly<Record<CsvField, string>> = {
  time: 'time',
  duration: 'duration',
  name: 'event name',
  cpu: 'CPU',
  comm: 'process',
  pid: 'process id',
  frame: 'frame',
  arg: 'argument',
  bytes: 'bytes',
  n: 'elements',
  status: 'status',
  detail: 'a detail',
  ignore: 'nothing',
};

/** What parts the columns of a line. */
export const DELIMITERS: readonly {
  readonly id: CsvMapping['delimiter'];
  readonly name: string;
}[] = [
  { id: ',', name: 'a comma' },
  { id: ';', name: 'a semicolon' },
  { id: '\t', name: 'a tab' },
  { id: '|', name: 'a bar' },
];

export const FIELDS: readonly CsvField[] = CSV_FIELDS;
export const UNITS = TIME_UNITS;

/** Fields that any number of columns may have. */
const SHARED: readonly CsvField[] = ['detail', 'ignore'];

/** Kinds that a recorded event can have. */
export const RECORDED_KINDS: readonly string[] = KINDS.filter(
  ({ code, name }) => code >= 150 && name !== 'raw',
).map(({ name }) => name);

/** A column becomes a field; another column that was it becomes a detail. */
export function withField(mapping: CsvMapping, column: string, field: CsvField): CsvMapping {
  const columns = Object.fromEntries(
    Object.entries(mapping.columns).map(([each, was]): [string, CsvField] => [
      each,
      each === column ? field : was === field && !SHARED.includes(field) ? 'detail' : was,
    ]),
  );
  return { ...mapping, columns };
}

/** The event names in the rows that are known, with the kinds that were chosen for them so far. */
export function withNames(mapping: CsvMapping, { titles, rows }: CsvGuess): CsvMapping {
  const at = titles.findIndex((title) => mapping.columns[title] === 'name');
  const names = rows.slice(mapping.header ? 1 : 0).map((row) => row[at]?.trim() ?? '');
  const kinds = [...new Set(names)]
    .filter((name) => name !== '')
    .map((name) => [
      name,
      mapping.kinds?.[name] ?? (RECORDED_KINDS.includes(name) ? name : 'generic'),
    ]);
  return { ...mapping, kinds: Object.fromEntries(kinds) as Record<string, string> };
}

/** Events of a name become events of a kind. */
export function withKind(mapping: CsvMapping, name: string, kind: string): CsvMapping {
  return { ...mapping, kinds: { ...mapping.kinds, [name]: kind } };
}

const SAMPLES = 5;

/** The first rows with data. */
export function samples({ mapping, rows }: CsvGuess): readonly (readonly string[])[] {
  return rows.slice(mapping.header ? 1 : 0).slice(0, SAMPLES);
}

/** Why a mapping cannot be used; empty when it can. */
export function problemOf({ columns }: CsvMapping): string {
  const fields = Object.values(columns);
  return fields.includes('time') || fields.includes('name')
    ? ''
    : 'Choose which column is the time, or the event name.';
}
