/** What the columns of a CSV file mean, by their names and by what stands in them. */
import { KINDS } from '../../../core/contract/kinds.ts';
import type {
  CsvField,
  CsvGuess,
  CsvSplit,
  TimeUnit,
} from '../../../core/contract/methods/index.ts';
import { splitRow } from './rows.ts';
import { isDate } from './times.ts';

type Delimiter = CsvSplit['delimiter'];

const DELIMITERS = [',', ';', '\t', '|'] as const;
const ROWS = 200;
const SHOWN_ROWS = 50;
const MAX_NAMES = 50;

/** In order of preference; the first column that fits a field has it. */
const NAMES: readonly (readonly [CsvField, RegExp])[] = [
  ['time', /^(?:ts|time|timestamp|time ?stamp|start|tsc|when)(?:[ _([]+\w+[\])]?)?$/],
  ['duration', /^(?:dur|duration|latency|elapsed|took)(?:[ _([]+\w+[\])]?)?$/],
  ['name', /^(?:name|event|event[ _]?name|tracepoint|probe|type|kind)$/],
  ['cpu', /^(?:cpu|pcpu|processor|core)$/],
  ['comm', /^(?:comm|command|process|thread|task)$/],
  ['pid', /^(?:pid|tid|thread[ _]?id|process[ _]?id)$/],
  ['frame', /^(?:frame|paddr|phys|phys[ _]?addr(?:ess)?|gpa|pfn|gfn|mfn)$/],
  ['arg', /^(?:arg|addr|address|iova|dma[ _]?addr(?:ess)?|rip|pc|sector)$/],
  ['bytes', /^(?:bytes|size|len|length)(?:[ _([]+bytes?[\])]?)?$/],
  ['n', /^(?:n|count|nents|pages|segments)$/],
  ['status', /^(?:status|error|ret|rc|result)$/],
];
const KIND_NAMES = new Set(KINDS.map(({ name }) => name));
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The columns' names, each once. */
export function columnNames(first: readonly string[], header: boolean): string[] {
  const seen = new Map<string, number>();
  return first.map((title, i) => {
    const name = (header ? title.trim() : '') || `column ${i + 1}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  });
}

/**
 * Guesses the mapping of a CSV file; null when these are no columns.
 *
 * @param head the file's first bytes; the last line may be cut off
 * @param split how it falls into columns, where that is known: then they need not look like events
 */
export function guessMapping(head: string, isWhole: boolean, split?: CsvSplit): CsvGuess | null {
  const lines = head
    .replace(/^\ufeff/, '')
    .split('\n', ROWS + 1)
    .map((line) => line.replace(/\r$/, ''));
  if (lines.length > 1 && !(isWhole && lines.length <= ROWS)) lines.pop();
  const text = lines.filter((line) => line !== '');
  if (split !== undefined) {
    const rows = text.map((line) => splitRow(line, split.delimiter) ?? [line]);
    return rows.length === 0 ? null : guessRows(rows, split);
  }
  for (const delimiter of DELIMITERS) {
    const rows = text.map((line) => splitRow(line, delimiter)).filter((row) => row !== null);
    const width = rows[0]?.length ?? 0;
    const even = rows.filter((row) => row.length === width).length;
    if (width < 2 || rows.length < 2 || even < rows.length * 0.9) continue;
    const header = !(rows[0] ?? []).some((cell) => isTime(cell.trim(), delimiter));
    const guess = guessRows(rows, { delimiter, header });
    if (Object.values(guess.mapping.columns).includes('time')) return guess;
  }
  return null;
}

function guessRows(
  rows: readonly (readonly string[])[],
  { delimiter, header }: CsvSplit,
): CsvGuess {
  const titles = columnNames(rows[0] ?? [], header);
  const data = rows.slice(header ? 1 : 0);
  const columns: Record<string, CsvField> = Object.fromEntries(
    titles.map((title) => [title, 'detail' as const]),
  );
  for (const [field, pattern] of NAMES) {
    const found = titles.findIndex(
      (title, i) =>
        columns[title] === 'detail' &&
        pattern.test(title.toLowerCase()) &&
        (field !== 'time' || data.some((row) => isTime((row[i] ?? '').trim(), delimiter))),
    );
    if (found >= 0) columns[titles[found] ?? ''] = field;
  }
  const indexOf = (field: CsvField) => titles.findIndex((title) => columns[title] === field);
  if (indexOf('time') < 0) {
    // Without names: a column that counts up is the time.
    const rising = titles.findIndex(
      (title, i) => columns[title] === 'detail' && rises(data, i, delimiter),
    );
    if (rising >= 0) columns[titles[rising] ?? ''] = 'time';
  }
  const at = indexOf('time');
  const nameAt = indexOf('name');
  const names = [...new Set(data.map((row) => row[nameAt]?.trim() ?? ''))];
  const kinds = Object.fromEntries(
    names
      .filter((name) => name !== '')
      .slice(0, MAX_NAMES)
      .map((name) => [name, KIND_NAMES.has(name) ? name : 'generic']),
  );
  const times = data.map((row) => (row[at] ?? '').trim());
  const timeUnit = unitOf(titles[at] ?? '', times);
  const withComma = delimiter !== ',' && times.some((time) => /^-?\d+,/.test(time));
  const decimal = withComma ? ({ decimal: ',' } as const) : {};
  return {
    mapping: { delimiter, header, timeUnit, ...decimal, columns, kinds },
    titles,
    rows: rows.slice(0, SHOWN_ROWS),
  };
}

function isTime(text: string, delimiter: Delimiter): boolean {
  return isNumber(text, delimiter) || isDate(text);
}

/** Where a comma parts columns, one in a number may part thousands: that is no number here. */
function isNumber(text: string, delimiter: Delimiter): boolean {
  return NUMBER.test(delimiter === ',' ? text : text.replace(',', '.'));
}

function rises(
  rows: readonly (readonly string[])[],
  column: number,
  delimiter: Delimiter,
): boolean {
  const values = rows.map((row) => (row[column] ?? '').trim());
  const numbers = values.map((value) => Number(value.replace(',', '.')));
  return (
    values.length > 1 &&
    values.every((value, i) => {
      const before = numbers[i - 1] ?? -Infinity;
      return isNumber(value, delimiter) && (numbers[i] ?? before) >= before;
    }) &&
    values.at(-1) !== values[0]
  );
}

/** By the column's name; else seconds where there are fractions, and nanoseconds. */
function unitOf(title: string, values: readonly string[]): TimeUnit {
  const word = /(?:^|[ _([])(ns|nsec|us|usec|µs|ms|msec|s|sec|seconds)[\])]?$/.exec(
    title.toLowerCase(),
  );
  switch (word?.[1]) {
    case 'ns':
    case 'nsec':
      return 'ns';
    case 'us':
    case 'usec':
    case 'µs':
      return 'us';
    case 'ms':
    case 'msec':
      return 'ms';
    case undefined:
      return values.some((value) => /[.,eE]/.test(value)) ? 's' : 'ns';
    default:
      return 's';
  }
}
