import path from 'node:path';
import { EXPORT_FORMATS, type ExportFormat } from '../../../core/contract/index.ts';
import type { Command } from '../command.ts';
import { oneFile } from '../one-file.ts';
import { JSON_OPTION, usage } from '../options.ts';
import { printFile } from '../print-file.ts';
import { stoppable } from '../stoppable.ts';
import { readTimeRange, TIME_OPTIONS } from '../time-range.ts';
import { number } from '../text.ts';

/** `mapcopy export FILE --to FORMAT --out FILE`. */
export const exportCommand: Command = {
  name: 'export',
  summary: 'Write the events of a trace for other programs.',
  synopsis: `FILE --to ${EXPORT_FORMATS.join('|')} --out FILE [--from T] [--until T] [--force] [--json]`,
  options: {
    to: {
      value: 'FORMAT',
      doc: 'chrome-json (Speedscope, Firefox, Perfetto), perfetto (protobuf), csv, jsonl or parquet.',
    },
    out: { value: 'FILE', doc: 'File to write.' },
    ...TIME_OPTIONS,
    force: { doc: 'Replace a file that is there.' },
    ...JSON_OPTION,
  },
  notes: [
    'Times are exact decimal numbers: microseconds in Chrome JSON, nanoseconds (ts_ns, dur_ns) in CSV\nand JSON lines, where an integer beyond 2^53 - 1 is a string of its digits. Perfetto has whole\nnanoseconds, and picoseconds as arguments; Parquet has picoseconds. The file appears when it is complete; Ctrl-C leaves\nnothing. Requests and tracks are chosen by trimming the trace first.',
    'Example:\n  mapcopy export copy.mctrace --to perfetto --out copy.pftrace --from 1ms --until 1.2ms',
  ],
  async run(args, io) {
    const input = oneFile('export', args.positionals);
    const to = readFormat(args.get('to'));
    const output = args.get('out');
    if (output === undefined || output === '') {
      throw usage('no file to write is named', 'export', 'add --out FILE');
    }
    const range = readTimeRange('export', args);
    const { exportTrace } = await import('../../../traces/export/export.ts');
    const done = await stoppable(io, (signal) =>
      exportTrace({
        input: path.resolve(input),
        output: path.resolve(output),
        to,
        range,
        force: args.has('force'),
        onProgress: (events, total) => io.progress(`${number(events)} of ${number(total)} events`),
        signal,
      }),
    );
    printFile(io, args, done);
    return 0;
  },
};

function readFormat(given: string | undefined): ExportFormat {
  const known = EXPORT_FORMATS.find((each) => each === given);
  if (known !== undefined) return known;
  const choice = `give --to ${EXPORT_FORMATS.join(', ')}`;
  if (given === undefined) throw usage('no format is named', 'export', choice);
  throw usage('there is no such format', `export --to ${given}`, choice);
}
