/** Rows of a range's statistics, put together by kind, actor or track. */
import type { RangeRow } from '../../../core/contract/index.ts';

export type GroupBy = 'kind' | 'actor' | 'track';

export interface Group {
  readonly name: string;
  readonly events: number;
  readonly busy: number;
  readonly longest: number;
  readonly bytes: number;
}

/** The busiest first. */
export function groupRows(
  rows: readonly RangeRow[],
  by: GroupBy,
  nameOf: Readonly<Record<GroupBy, (id: number) => string>>,
): readonly Group[] {
  const groups = Map.groupBy(rows, (row) => nameOf[by](by === 'kind' ? row.kind : row.track));
  return [...groups]
    .map(([name, list]) => ({
      name,
      events: list.reduce((sum, row) => sum + row.events, 0),
      busy: list.reduce((sum, row) => sum + row.busy, 0),
      longest: Math.max(...list.map((row) => row.longest)),
      bytes: list.reduce((sum, row) => sum + row.bytes, 0),
    }))
    .sort((a, b) => b.busy - a.busy || b.events - a.events);
}
