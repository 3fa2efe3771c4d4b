import path from 'node:path';
import {
  LabError,
  MAX_CLOCK_HZ,
  MIN_CLOCK_HZ,
  type CsvMapping,
  type ImportCounts,
} from '../../../core/contract/index.ts';
import type { Command } from '../command.ts';
import { oneFile } from '../one-file.ts';
import type { Io } from '../io.ts';
import { readText } from '../json-file.ts';
import { JSON_OPTION, usage, type Arguments } from '../options.ts';
import { bytes, number, pairs } from '../text.ts';

/** Warnings that the text for people shows; `--json` has more. */
const WARNINGS_SHOWN = 10;

/** `mapcopy import FILE --out FILE`, and `mapcopy import FILE --guess`. */
export const importCommand: Command = {
  name: 'import',
  summary: 'Turn a recording of a real system into a trace.',
  synopsis: 'FILE (--out FILE [--mapping FILE] [--clock-hz HZ] [--json] | --guess)',
  options: {
    out: { value: 'FILE', doc: 'Trace to write, NAME.mctrace.' },
    mapping: { value: 'FILE', doc: 'How the columns of a CSV file become events; JSON.' },
    guess: { doc: 'Print that mapping as it is guessed, for you to edit, and import nothing.' },
    'clock-hz': {
      value: 'HZ',
      doc: 'Clock rate of the machine that xentrace ran on; 2.4e9 is assumed without.',
    },
    ...JSON_OPTION,
  },
  notes: [
    'The format is recognised by the content. Every line of the recording is accounted for: an\nevent with a kind of its own (typed), one whose fields were read (generic), one kept as text\n(raw), a comment (skipped), or a warning with its line.',
    'A mapping has "delimiter" (, ; | or a tab as \\t), "header" (true, or false where columns are called\n"column 1" and so on), "timeUnit" (s, ms, us, ns), "decimal" (. or ,), "columns" by their names (time,\nduration, name, cpu, comm, pid, frame, arg, bytes, n, status, detail, ignore), and "kinds" of this\nlab by what stands in the column that is the name. A time may be a date of ISO 8601 instead.',
    'Examples:\n  mapcopy import trace.txt --out guest.mctrace\n  mapcopy import figures.csv --guess > mapping.json\n  mapcopy import figures.csv --mapping mapping.json --out figures.mctrace',
  ],
  async run(args, io) {
    const input = oneFile('import', args.positionals);
    const output = args.get('out');
    if (args.has('guess')) return await printGuess(input, args, io);
    if (output === undefined) {
      throw usage('no trace to write is named', 'import', 'add --out FILE');
    }
    const hints = await hintsOf(args);
    const { realParts } = await import('../../lab/real-parts.ts');
    const stop = new AbortController();
    const release = io.onStop((signal) => stop.abort(`stopped by ${signal}`));
    try {
      const counts = await realParts.traces.importTrace({
        input: path.resolve(input),
        output: path.resolve(output),
        name: path.parse(input).name,
        recordedAt: new Date().toISOString(),
        ...hints,
        onProgress: ({ bytesDone, bytesTotal, events }) =>
          io.progress(`${bytes(bytesDone)} of ${bytes(bytesTotal)}, ${number(events)} events`),
        signal: stop.signal,
      });
      io.progress('');
      const file = path.resolve(output);
      io.out(
        args.has('json')
          ? `${JSON.stringify({ file, ...counts }, null, 2)}\n`
          : countsText(file, counts),
      );
      return 0;
    } finally {
      io.progress('');
      release();
    }
  },
};

/** What the user knows of the recording. */
async function hintsOf(args: Arguments): Promise<{ mapping?: CsvMapping; clockHz?: number }> {
  const file = args.get('mapping');
  const hz = args.get('clock-hz');
  const { parseMapping } = await import('../../../traces/index.ts');
  return {
    ...(file === undefined ? {} : { mapping: parseMapping(readText(file, 'mapping'), file) }),
    ...(hz === undefined ? {} : { clockHz: rateOf(hz) }),
  };
}

function rateOf(text: string): number {
  const hz = Number(text);
  if (Number.isInteger(hz) && hz >= MIN_CLOCK_HZ && hz <= MAX_CLOCK_HZ) return hz;
  throw usage(
    `"${text}" is not a clock rate in hertz`,
    'import --clock-hz',
    'write a whole number such as 2400000000',
  );
}

async function printGuess(input: string, args: Arguments, io: Io): Promise<number> {
  const other = ['out', 'mapping', 'clock-hz'].find((name) => args.has(name));
  if (other !== undefined) {
    throw usage('--guess imports nothing', `import --${other}`, `leave out --${other} or --guess`);
  }
  const { importQuestion } = await import('../../../traces/index.ts');
  const question = await importQuestion(input);
  if (question?.kind !== 'columns') {
    throw new LabError(
      'BAD_ARGUMENT',
      'this is no CSV file, or it has no column of times',
      input,
      'import it without --guess, or write a mapping by hand (mapcopy import --help)',
    );
  }
  io.out(`${JSON.stringify(question.guess.mapping, null, 2)}\n`);
  return 0;
}

function countsText(file: string, counts: ImportCounts): string {
  const shown = counts.warnings.slice(0, WARNINGS_SHOWN);
  const more = counts.warningsTotal - shown.length;
  return [
    pairs([
      ['Format', counts.format],
      ['Lines', number(counts.lines)],
      ['Events', number(counts.events)],
      ['  typed', number(counts.typed)],
      ['  generic', number(counts.generic)],
      ['  raw', number(counts.raw)],
      ['Skipped', `${number(counts.skipped)} comments and blank lines`],
      ['Warnings', number(counts.warningsTotal)],
      ['Trace', file],
    ]),
    ...shown.map(({ line, reason }) => `line ${line}: ${reason}\n`),
    more > 0 ? `... and ${number(more)} more, in the table "warnings" of the trace\n` : '',
  ].join('');
}
