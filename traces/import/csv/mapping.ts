/** A mapping as a user writes it: JSON whose mistakes are told with their line. */
import * as v from 'valibot';
import { nearest } from '../../../core/base/nearest.ts';
import { LabError } from '../../../core/contract/errors.ts';
import { KINDS } from '../../../core/contract/kinds.ts';
import {
  CSV_FIELDS,
  CsvMappingSchema,
  type CsvField,
  type CsvMapping,
} from '../../../core/contract/methods/index.ts';

const SINGLE = new Set<CsvField>(
  CSV_FIELDS.filter((field) => !['detail', 'ignore'].includes(field)),
);

/**
 * Reads a mapping.
 *
 * @param file for messages, which name it with a line
 * @throws LabError BAD_ARGUMENT
 */
export function parseMapping(text: string, file: string): CsvMapping {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (thrown) {
    const message = (thrown as Error).message;
    throw bad(
      `the mapping is not JSON: ${message.split(' in JSON')[0]}`,
      file,
      lineOfFault(message, text),
    );
  }
  const parsed = v.safeParse(CsvMappingSchema, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const path = (issue.path ?? []).map(({ key }) => String(key));
    const key = path.at(-1);
    const close = typeof issue.input === 'string' ? nearest(issue.input, CSV_FIELDS) : undefined;
    const hint = path[0] === 'columns' && close !== undefined ? `; did you mean "${close}"?` : '';
    const what = `${path.join(' > ') || 'the mapping'}: ${issue.message}${hint}`;
    throw bad(what, file, key === undefined ? 1 : lineOfKey(text, key));
  }
  const mapping = parsed.output;
  const problem = problemOf(mapping);
  if (problem !== null) throw bad(problem.what, file, lineOfKey(text, problem.key));
  return mapping;
}

/**
 * Checks what the shape of a mapping does not say.
 *
 * @throws LabError BAD_ARGUMENT
 */
export function checkMapping(mapping: CsvMapping): void {
  const problem = problemOf(mapping);
  if (problem !== null) throw bad(problem.what, problem.key, null);
}

interface Problem {
  readonly what: string;
  /** The key in the mapping that is wrong. */
  readonly key: string;
}

function problemOf({ columns, kinds = {} }: CsvMapping): Problem | null {
  const taken = new Map<CsvField, string>();
  for (const [column, field] of Object.entries(columns)) {
    const first = taken.get(field);
    if (first !== undefined && SINGLE.has(field)) {
      return { what: `"${first}" and "${column}" are both "${field}"`, key: column };
    }
    taken.set(field, column);
  }
  if (!taken.has('time') && !taken.has('name')) {
    return { what: 'no column is the "time" and none the "name"', key: 'columns' };
  }
  for (const [name, kind] of Object.entries(kinds)) {
    if (kindCode(kind) !== undefined) continue;
    const close = nearest(kind, [...CODES.keys()]);
    const hint = close === undefined ? '' : `; did you mean "${close}"?`;
    return { what: `there is no kind "${kind}"${hint}`, key: name };
  }
  return null;
}

const CODES = new Map(KINDS.map(({ name, code }) => [name, code]));

/** Code of a kind by its name. */
export function kindCode(name: string): number | undefined {
  return CODES.get(name);
}

function bad(what: string, file: string, line: number | null): LabError {
  const where = line === null ? file : `${file}:${line}`;
  return new LabError(
    'BAD_ARGUMENT',
    what,
    where,
    'write a mapping with "mapcopy import FILE --guess" and edit that',
  );
}

/** Line of a key, from 1; 1 where the text has it nowhere. */
function lineOfKey(text: string, key: string): number {
  const at = text.indexOf(JSON.stringify(key));
  return at < 0 ? 1 : lineAt(text, at);
}

/** V8 says where JSON goes wrong as a position, as a line, or, at the end of the text, not at all. */
function lineOfFault(message: string, text: string): number {
  const position = /position (\d+)/.exec(message)?.[1];
  return lineAt(text, position === undefined ? text.trimEnd().length : Number(position));
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}
