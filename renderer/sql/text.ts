/** An answer as text. */
import type { QueryAnswer, QueryValue } from '../../core/contract/index.ts';

/** A field of RFC 4180: quoted where it must be. NULL is an empty field. */
const field = (value: QueryValue): string => {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export function toCsv({ columns, rows }: QueryAnswer): string {
  return [columns, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

/** A list of objects. Columns of one name are told apart by a number. */
export function toJson({ columns, rows }: QueryAnswer): string {
  const names = columns.map((name, index) => {
    const earlier = columns.slice(0, index).filter((each) => each === name).length;
    return earlier === 0 ? name : `${name}_${earlier + 1}`;
  });
  const lines = rows.map((row) =>
    JSON.stringify(Object.fromEntries(names.map((name, index) => [name, row[index] ?? null]))),
  );
  return lines.length === 0 ? '[]\n' : `[\n${lines.join(',\n')}\n]\n`;
}
