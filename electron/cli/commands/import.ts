import path from 'node:path';
import type { ImportCounts } from '../../../core/contract/index.ts';
import type { Command } from '../command.ts';
import { oneFile } from '../one-file.ts';
import { JSON_OPTION, usage } from '../options.ts';
import { bytes, number, pairs } from '../text.ts';

/** Warnings that the text for people shows; `--json` has more. */
const WARNINGS_SHOWN = 10;

/** `mapcopy import FILE --out FILE`. */
export const importCommand: Command = {
  name: 'import',
  summary: 'Turn a recording of a real system into a trace.',
  synopsis: 'FILE --out FILE [--json]',
  options: {
    out: { value: 'FILE', doc: 'Trace to write, NAME.mctrace.' },
    ...JSON_OPTION,
  },
  notes: [
    'The format is recognised by the content. Every line of the recording is accounted for: an\nevent with a kind of its own (typed), one whose fields were read (generic), one kept as text\n(raw), a comment (skipped), or a warning with its line.',
    'Example:\n  mapcopy import trace.txt --out guest.mctrace',
  ],
  async run(args, io) {
    const input = oneFile('import', args.positionals);
    const output = args.get('out');
    if (output === undefined) {
      throw usage('no trace to write is named', 'import', 'add --out FILE');
    }
    const { realParts } = await import('../../lab/real-parts.ts');
    const stop = new AbortController();
    const release = io.onStop((signal) => stop.abort(`stopped by ${signal}`));
    try {
      const counts = await realParts.traces.importTrace({
        input: path.resolve(input),
        output: path.resolve(output),
        name: path.parse(input).name,
        recordedAt: new Date().toISOString(),
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
