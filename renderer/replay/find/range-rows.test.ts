import { describe, expect, it } from 'vitest';
import { groupRows } from './range-rows.ts';

const rows = [
  { track: 1, kind: 10, events: 2, busy: 50, longest: 30, bytes: 0 },
  { track: 2, kind: 10, events: 1, busy: 70, longest: 70, bytes: 4096 },
  { track: 2, kind: 11, events: 9, busy: 0, longest: 0, bytes: 0 },
];
const names = {
  kind: (code: number) => `kind ${code}`,
  track: (id: number) => `track ${id}`,
  actor: () => 'backend',
};

describe('rows of a range', () => {
  it('are none where nothing begins', () => {
    expect(groupRows([], 'kind', names)).toEqual([]);
  });

  it('are put together by kind, track or actor, the busiest first', () => {
    expect(groupRows(rows, 'kind', names)).toEqual([
      { name: 'kind 10', events: 3, busy: 120, longest: 70, bytes: 4096 },
      { name: 'kind 11', events: 9, busy: 0, longest: 0, bytes: 0 },
    ]);
    expect(groupRows(rows, 'track', names).map((row) => [row.name, row.events])).toEqual([
      ['track 2', 10],
      ['track 1', 2],
    ]);
    expect(groupRows(rows, 'actor', names)).toHaveLength(1);
  });
});
