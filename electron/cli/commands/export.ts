import path from 'node:path';
import { LabError } from '../../../core/contract/index.ts';
import type { ExportFormat } from '../../../traces/export/export.ts';
import type { Command } from '../command.ts';
import { oneFile } from '../one-file.ts';
import { JSON_OPTION, usage } from '../options.ts';
import { number, pairs } from '../text.ts';

const FORMATS: readonly ExportFormat[] = ['chrome-json', 'csv', 'jsonl'];
/** Formats of the plan, and what serves in the meantime. */
const LATER: Readonly<Record<string, string>> = {
  perfetto: 'Perfetto opens --to chrome-json as well',
  parquet: 'DuckDB and others read --to csv, and SQLite files themselves',
};

/** `mapcopy export FILE --to FORMAT --out FILE`. */
export const exportCommand: Command = {
  name: 'export',
  summary: 'Write the events of a trace for other programs.',
  synopsis: 'FILE --to chrome-json|csv|jsonl --out FILE [--force] [--json]',
  options: {
    to: { value: 'FORMAT', doc: 'chrome-json (Perfetto, Speedscope, Firefox), csv or jsonl.' },
    out: { value: 'FILE', doc: 'File to write.' },
    force: { doc: 'Replace a file that is there.' },
    ...JSON_OPTION,
  },
  notes: [
    'Times are exact decimal numbers: microseconds in Chrome JSON, nanoseconds (ts_ns, dur_ns) in CSV\nand JSON lines. An integer beyond 2^53 - 1 is a string of its digits. The file appears when it is\ncomplete; Ctrl-C leaves nothing.',
    'Example:\n  mapcopy export copy.mctrace --to chrome-json --out copy.json',
  ],
  async run(args, io) {
    const input = oneFile('export', args.positionals);
    const to = readFormat(args.get('to'));
    const output = args.get('out');
    if (output === undefined || output === '') {
      throw usage('no file to write is named', 'export', 'add --out FILE');
    }
    const { exportTrace } = await import('../../../traces/export/export.ts');
    const stop = new AbortController();
    const release = io.onStop((signal) => stop.abort(`stopped by ${signal}`));
    try {
      const done = await exportTrace({
        input: path.resolve(input),
        output: path.resolve(output),
        to,
        force: args.has('force'),
        onProgress: (events, total) => io.progress(`${number(events)} of ${number(total)} events`),
        signal: stop.signal,
      });
      io.progress('');
      io.out(
        args.has('json')
          ? `${JSON.stringify(done)}\n`
          : pairs([
              ['File', done.file],
              ['Events', number(done.events)],
            ]),
      );
      return 0;
    } finally {
      io.progress('');
      release();
    }
  },
};

function readFormat(given: string | undefined): ExportFormat {
  const known = FORMATS.find((each) => each === given);
  if (known !== undefined) return known;
  const choice = `give --to ${FORMATS.join(', ')}`;
  if (given === undefined) throw usage('no format is named', 'export', choice);
  const instead = Object.hasOwn(LATER, given) ? LATER[given] : undefined;
  if (instead === undefined) {
    throw usage('there is no such format', `export --to ${given}`, choice);
  }
  const where = `export --to ${given}`;
  throw new LabError('NOT_IN_THIS_VERSION', `there is no ${given} yet`, where, instead);
}
