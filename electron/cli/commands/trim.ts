import path from 'node:path';
import type { Command } from '../command.ts';
import { oneFile } from '../one-file.ts';
import { type Arguments, JSON_OPTION, usage } from '../options.ts';
import { printFile } from '../print-file.ts';
import { stoppable } from '../stoppable.ts';
import { readTimeRange, TIME_OPTIONS } from '../time-range.ts';
import { number } from '../text.ts';

/** `mapcopy trim FILE --out FILE.mctrace`. */
export const trimCommand: Command = {
  name: 'trim',
  summary: 'Make a new trace of a part of one.',
  synopsis: 'FILE [--from T] [--until T] [--requests A-B] [--tracks NAMES] --out FILE.mctrace',
  options: {
    ...TIME_OPTIONS,
    to: { value: 'T', doc: 'The same as --until.' },
    requests: { value: 'A-B', doc: 'Keep the events of these requests and their batches.' },
    tracks: {
      value: 'NAMES',
      doc: 'Keep these tracks: ids, names or actors, with commas between.',
    },
    out: { value: 'FILE', doc: 'Trace to write, NAME.mctrace.' },
    force: { doc: 'Replace a trace that is there.' },
    ...JSON_OPTION,
  },
  notes: [
    'Where several are given, an event must meet them all. Times, requests and hazards keep their\nnumbers; events are numbered anew. The new trace says of what it is a part.',
    'Example:\n  mapcopy trim copy.mctrace --from 1ms --until 1.2ms --out part.mctrace',
  ],
  async run(args, io) {
    const input = oneFile('trim', args.positionals);
    const output = args.get('out');
    if (output?.endsWith('.mctrace') !== true) {
      throw usage('no trace to write is named', 'trim', 'add --out FILE.mctrace');
    }
    const selection = readSelection(args);
    if (Object.keys(selection).length === 0) {
      throw usage('nothing is selected', 'trim', 'add --from, --until, --requests or --tracks');
    }
    const { trimTrace } = await import('../../../traces/trim/trim.ts');
    const done = await stoppable(io, (signal) =>
      trimTrace({
        input: path.resolve(input),
        output: path.resolve(output),
        force: args.has('force'),
        selection,
        onProgress: (events, total) => io.progress(`${number(events)} of ${number(total)} events`),
        signal,
      }),
    );
    printFile(io, args, done);
    return 0;
  },
};

function readSelection(args: Arguments) {
  const end = args.has('to') ? 'to' : 'until';
  if (end === 'to' && args.has('until')) {
    throw usage('the end is given twice', 'trim --until --to', 'give one of them');
  }
  const requests = readRequests(args.get('requests'));
  const tracks = args.get('tracks')?.split(',');
  return {
    ...readTimeRange('trim', args, end),
    ...(requests === undefined ? {} : { requests }),
    ...(tracks === undefined ? {} : { tracks }),
  };
}

function readRequests(given: string | undefined): readonly [number, number] | undefined {
  if (given === undefined) return undefined;
  const [, first, last = first] = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(given) ?? [];
  if (first === undefined || Number(first) < 1 || Number(last) < Number(first)) {
    throw usage('those are no requests', `trim --requests ${given}`, 'write 5 or 5-9');
  }
  return [Number(first), Number(last)];
}
