import path from 'node:path';
import type { Command } from '../command.ts';
import { oneFile } from '../one-file.ts';
import { type Arguments, JSON_OPTION, usage } from '../options.ts';
import { printFile } from '../print-file.ts';
import { stoppable } from '../stoppable.ts';
import { number } from '../text.ts';

/** Powers of ten of a picosecond. */
const UNITS: Readonly<Record<string, number>> = { ps: 0, ns: 3, us: 6, ms: 9, s: 12 };

/** `mapcopy trim FILE --out FILE.mctrace`. */
export const trimCommand: Command = {
  name: 'trim',
  summary: 'Make a new trace of a part of one.',
  synopsis: 'FILE [--from T] [--to T] [--requests A-B] [--tracks NAMES] --out FILE.mctrace',
  options: {
    from: { value: 'T', doc: 'Keep events that last beyond this time: 1.5ms, 200us, 300 (ns).' },
    to: { value: 'T', doc: 'Keep events that begin before this time.' },
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
    'Example:\n  mapcopy trim copy.mctrace --from 1ms --to 1.2ms --out part.mctrace',
  ],
  async run(args, io) {
    const input = oneFile('trim', args.positionals);
    const output = args.get('out');
    if (output?.endsWith('.mctrace') !== true) {
      throw usage('no trace to write is named', 'trim', 'add --out FILE.mctrace');
    }
    const selection = readSelection(args);
    if (Object.keys(selection).length === 0) {
      throw usage('nothing is selected', 'trim', 'add --from, --to, --requests or --tracks');
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
  const fromPs = readTime(args, 'from');
  const toPs = readTime(args, 'to');
  if (fromPs !== undefined && toPs !== undefined && fromPs >= toPs) {
    throw usage('the time ends before it begins', 'trim --from --to', 'give --to a later time');
  }
  const requests = readRequests(args.get('requests'));
  const tracks = args.get('tracks')?.split(',');
  return {
    ...(fromPs === undefined ? {} : { fromPs }),
    ...(toPs === undefined ? {} : { toPs }),
    ...(requests === undefined ? {} : { requests }),
    ...(tracks === undefined ? {} : { tracks }),
  };
}

/** A time in picoseconds, exactly; a bare number is nanoseconds. */
function readTime(args: Arguments, option: string): bigint | undefined {
  const given = args.get(option);
  if (given === undefined) return undefined;
  const [, whole, rest = '', unit = 'ns'] =
    /^(\d{1,12})(?:\.(\d+))?(ps|ns|us|ms|s)?$/.exec(given) ?? [];
  const places = UNITS[unit] ?? 0;
  if (whole === undefined || rest.length > places) {
    throw usage('that is no time', `trim --${option} ${given}`, 'write 1.5ms, 200us or 300ns');
  }
  return BigInt(whole + rest.padEnd(places, '0'));
}

function readRequests(given: string | undefined): readonly [number, number] | undefined {
  if (given === undefined) return undefined;
  const [, first, last = first] = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(given) ?? [];
  if (first === undefined || Number(first) < 1 || Number(last) < Number(first)) {
    throw usage('those are no requests', `trim --requests ${given}`, 'write 5 or 5-9');
  }
  return [Number(first), Number(last)];
}
