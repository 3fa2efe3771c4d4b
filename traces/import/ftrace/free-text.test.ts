import { expect, it } from 'vitest';
import { imported, lostLines } from '../testing.ts';

const line = (us: number, text: string) => `   sh-9   [000] d..1.   1.00000${us}: ${text}\n`;

it('a message that somebody wrote may have several lines', async () => {
  const result = await imported(
    line(1, 'tracing_mark_write: begin of it') +
      'and: its second line\n\nprose\n' +
      line(2, 'bprint: fn: x=1') +
      '  y=2\n' +
      line(3, 'sched_wakeup: comm=a') +
      'prose\n',
  );
  expect(result.counts).toMatchObject({ events: 3, skipped: 1, warningsTotal: 2 });
  expect(result.counts.warnings.map(({ line: at }) => at)).toEqual([4, 8]);
  expect(result.reader.event(1).source?.text.split('\n').slice(1)).toEqual([
    'and: its second line',
  ]);
  expect(result.reader.event(2).source?.text.split('\n').slice(1)).toEqual(['  y=2']);
  expect(lostLines(result)).toBe(0);
});
