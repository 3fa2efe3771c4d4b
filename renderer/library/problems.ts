/** Unread lines, by reason and as text. */
import type { ImportCounts } from '../../core/contract/index.ts';

type Warning = ImportCounts['warnings'][number];

/** The most frequent reason first. */
export function byReason(
  warnings: readonly Warning[],
): readonly { readonly reason: string; readonly count: number }[] {
  return [...Map.groupBy(warnings, ({ reason }) => reason)]
    .map(([reason, list]) => ({ reason, count: list.length }))
    .sort((a, b) => b.count - a.count);
}

/**
 * A list to keep or to send: the counts, then a line for each warning.
 *
 * @param texts the lines that were warned of, in the same order
 */
export function listText(
  name: string,
  counts: ImportCounts,
  texts: readonly string[] = [],
): string {
  const head = [
    `${name} (${counts.format})`,
    `${counts.lines} lines: ${counts.events} events (${counts.typed} typed, ${counts.generic} generic, ${counts.raw} raw), ${counts.skipped} comments and blank lines, ${counts.warningsTotal} warnings`,
    ...(counts.warningsTotal > counts.warnings.length
      ? [`The first ${counts.warnings.length} warnings:`]
      : []),
    '',
  ];
  return [
    ...head,
    ...counts.warnings.map(({ line, reason }, index) => {
      const text = texts[index] ?? '';
      return `line ${line}: ${reason}${text === '' ? '' : `: ${text}`}`;
    }),
    '',
  ].join('\n');
}
