/** Which column of an answer leads to an event, a request or a time of the timeline. */
import { wordsOf } from './words.ts';

export type Lead = 'event' | 'request' | 'time' | null;

const EVENTS =
  'events named_events hypercalls flushes copies maps dmas notifications waits faults traps'.split(
    ' ',
  );
const REQUESTS = ['requests', 'latencies'];
const TIMES = ['ts', 'submitted', 'completed', 'opened', 'closed'];

/** What the rows are, as the first table after FROM tells. */
function rowsOf(sql: string): Lead {
  const words = wordsOf(sql).filter(({ kind }) => kind !== 'comment');
  for (const [index, word] of words.entries()) {
    if (!/^(from|join)$/i.test(word.text)) continue;
    const table = words[index + 1]?.text.toLowerCase() ?? '';
    if (EVENTS.includes(table)) return 'event';
    if (REQUESTS.includes(table)) return 'request';
  }
  return null;
}

/** One for each column. `id` is that of the rows; other names say themselves where they lead. */
export function leadsOf(sql: string, columns: readonly string[]): readonly Lead[] {
  const rows = rowsOf(sql);
  return columns.map((column, index) => {
    const name = column.toLowerCase();
    if (name === 'id')
      return columns.findIndex((each) => each.toLowerCase() === 'id') === index ? rows : null;
    if (name === 'event' || name === 'event_id' || name.endsWith('_event')) return 'event';
    if (name === 'request' || name === 'request_id') return 'request';
    return TIMES.includes(name) ? 'time' : null;
  });
}
