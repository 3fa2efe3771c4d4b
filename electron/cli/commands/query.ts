import {
  DEFAULT_QUERY_ROWS,
  MAX_QUERY_ROWS,
  type QueryAnswer,
  type QueryValue,
} from '../../../core/contract/index.ts';
import { csvLine } from '../../../traces/csv.ts';
import type { Command } from '../command.ts';
import { type Arguments, JSON_OPTION, usage } from '../options.ts';
import { stoppable } from '../stoppable.ts';
import { table } from '../text.ts';

/** How often a terminal hears that the query still runs. */
const TELL_MS = 500;

/** `mapcopy query FILE SQL`. */
export const queryCommand: Command = {
  name: 'query',
  summary: 'Ask a trace in SQL.',
  synopsis: 'FILE SQL [--csv | --json] [--limit N]',
  options: {
    csv: { doc: 'Print CSV, with a line of titles.' },
    ...JSON_OPTION,
    limit: {
      value: 'N',
      doc: `Rows at most, 1 to ${MAX_QUERY_ROWS}; ${DEFAULT_QUERY_ROWS} unless given. What is cut is said.`,
    },
  },
  notes: [
    'One statement that reads: SELECT, WITH, VALUES or EXPLAIN. Whatever writes, opens other files or\nchanges settings is refused. Ctrl-C ends any query, with status 1.',
    'Tables and views are those of traces/FORMAT.md (events, requests, hazards, named_events,\nhypercalls, flushes, copies, maps, dmas, notifications, counts, ...), and here also waits, faults,\ntraps, latencies and hazard_windows. Functions: percentile(value, p), median(value), ns(ticks),\nseconds(ticks), duration(ticks), clock(ticks), to_hex(n), u64(n).',
    'JSON is {columns, rows, truncated}. An integer beyond 2^53 - 1 is a string of its digits.',
    `Examples:
  mapcopy query copy.mctrace "SELECT * FROM counts"
  mapcopy query copy.mctrace "SELECT percentile(latency_ns, 99) FROM latencies" --json
  mapcopy query copy.mctrace "SELECT kind, count(*), duration(sum(dur)) FROM hypercalls GROUP BY kind"`,
  ],
  async run(args, io) {
    const { file, sql } = fileAndSql(args.positionals);
    if (args.has('csv') && args.has('json')) {
      throw usage('--csv and --json exclude each other', 'query', 'give one of them');
    }
    const limit = readLimit(args);
    const { startQuery } = await import('../../../traces/query/start.ts');
    const since = performance.now();
    const timer = setInterval(() => {
      io.progress(`the query runs, ${Math.round((performance.now() - since) / 1000)} s`);
    }, TELL_MS);
    const asked = stoppable(io, (signal) => startQuery({ file, sql, limit }, signal));
    const answer = await asked.finally(() => clearInterval(timer));
    io.out(print(answer, args));
    if (answer.truncated) {
      io.err(`warning: truncated: these are the first ${answer.rows.length} rows of more\n`);
    }
    return 0;
  },
};

function fileAndSql(positionals: readonly string[]): { file: string; sql: string } {
  const [file, sql, extra] = positionals;
  if (file === undefined || file === '') {
    throw usage('no file is named', 'query', 'write mapcopy query FILE "SELECT ..."');
  }
  if (sql === undefined) {
    throw usage('there is no SQL', 'query', 'write mapcopy query FILE "SELECT ..."');
  }
  if (extra !== undefined) {
    throw usage('there is one argument too many', `query ${extra}`, 'put the SQL in quotes');
  }
  return { file, sql };
}

function readLimit(args: Arguments): number {
  const given = args.get('limit');
  if (given === undefined) return DEFAULT_QUERY_ROWS;
  const limit = /^\d+$/.test(given) ? Number(given) : 0;
  if (limit >= 1 && limit <= MAX_QUERY_ROWS) return limit;
  throw usage(
    'the limit is not a number of rows',
    `query --limit ${given}`,
    `give 1 to ${MAX_QUERY_ROWS}`,
  );
}

function print(answer: QueryAnswer, args: Arguments): string {
  if (args.has('json')) return `${JSON.stringify(answer)}\n`;
  const { columns, rows } = answer;
  if (args.has('csv')) return [columns, ...rows].map(csvLine).join('');
  const numeric = columns.map((_, at) => rows.every((row) => typeof row[at] !== 'string'));
  return table(
    columns.map((title, at) => ({ title, align: numeric[at] === true ? 'right' : 'left' })),
    rows.map((row) => row.map(cell)),
  );
}

/** A value on one line of a table; a stranger's text must not steer the terminal. */
function cell(value: QueryValue): string {
  return value === null ? '' : String(value).replace(/\p{Cc}+/gu, ' ');
}
