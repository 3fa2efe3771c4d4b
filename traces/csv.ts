/** Comma-separated values as RFC 4180 has them, with plain line feeds. */

/** One line. NULL is an empty field, empty text a pair of quotes. */
export function csvLine(values: readonly (string | number | null)[]): string {
  return `${values.map(field).join(',')}\n`;
}

function field(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
