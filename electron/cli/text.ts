/** Plain text for people: aligned tables, readable numbers. */

/** Columns of a table; numbers read best at the right. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** An aligned table with a rule under its titles. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...rows.map((row) => (row[index] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    columns
      .map((column, index) => {
        const cell = cells[index] ?? '';
        const width = widths[index] as number;
        return column.align === 'right' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [
    line(columns.map(({ title }) => title)),
    widths.map((width) => '-'.repeat(width)).join('  '),
    ...rows.map(line),
    '',
  ].join('\n');
}

/** Label and value pairs, values in one column. */
export function pairs(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`.trimEnd() + '\n').join('');
}

/** A number with at most four significant digits below 10000 and grouped digits above. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) || Math.abs(value) >= 10_000) {
    return Math.round(value).toLocaleString('en-US');
  }
  return String(Number(value.toPrecision(4)));
}

/** Nanoseconds in the unit that reads best. */
export function duration(ns: number): string {
  if (Math.abs(ns) < 10_000) return `${number(ns)} ns`;
  if (Math.abs(ns) < 10_000_000) return `${number(ns / 1e3)} µs`;
  if (Math.abs(ns) < 10_000_000_000) return `${number(ns / 1e6)} ms`;
  return `${number(ns / 1e9)} s`;
}

/** Bytes in the unit that reads best. */
export function bytes(value: number): string {
  if (Math.abs(value) < 10_240) return `${number(value)} B`;
  if (Math.abs(value) < 10 * 1024 ** 2) return `${number(value / 1024)} KiB`;
  if (Math.abs(value) < 10 * 1024 ** 3) return `${number(value / 1024 ** 2)} MiB`;
  return `${number(value / 1024 ** 3)} GiB`;
}

/** A fraction as per cent. */
export function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`;
}

/** Breaks text into lines of at most `width` characters; a number stays with its %. */
export function wrap(text: string, width = 88): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ (?!%)/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}
