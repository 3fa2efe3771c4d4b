/** A chart's table as a file: the same numbers, with what they rest on above them. */
import type { Cell, ChartModel } from './model.ts';

/**
 * RFC 4180 with a header of `#` lines: words, provenance, and the chart itself as JSON. Numbers are
 * written with every digit.
 */
export function csvOf({ table, sentence, notes, provenance, spec }: ChartModel): string {
  const { line, seeds, profiles, scenarios, fingerprints } = provenance;
  const about = [
    ...(spec.title === '' ? [] : [spec.title]),
    sentence,
    ...notes,
    line,
    `origin: ${provenance.origin}`,
    `version: ${provenance.version}`,
    `seeds: ${seeds.join(' ')}`,
    `profiles: ${Object.entries(profiles)
      .map(([id, hash]) => `${id}=${hash}`)
      .join(' ')}`,
    `scenarios: ${scenarios.join(' ')}`,
    `fingerprints: ${fingerprints.join(' ')}`,
    `chart: ${JSON.stringify(spec)}`,
  ];
  const names = table.columns.map(({ name, unit }) => (unit === '' ? name : `${name}, ${unit}`));
  return [
    ...about.map((each) => `# ${each.replace(/[\r\n]+/g, ' ')}`),
    names.map(field).join(','),
    ...table.rows.map((row) => row.map(field).join(',')),
    '',
  ].join('\r\n');
}

/** A text that a spreadsheet would take for a formula is quoted with an apostrophe before it. */
function field(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
