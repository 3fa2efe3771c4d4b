import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { toErrorData, LabError } from '../../../core/contract/index.ts';
import { homeFolder } from '../../lab/folder.ts';
import type { Command } from '../command.ts';
import { JSON_OPTION, usage } from '../options.ts';
import { number } from '../text.ts';

interface Recovered {
  readonly file: string;
  readonly events: number;
}

/** `mapcopy recover [FILE.part]`. */
export const recover: Command = {
  name: 'recover',
  summary: 'Turn a recording that was cut off into a trace that opens.',
  synopsis: '[FILE.mctrace.part] [--json]',
  options: JSON_OPTION,
  notes: [
    'Everything up to the last commit is kept, and the trace is marked incomplete. Without a\nfile, every left-over part in the library is recovered.',
    'Example:\n  mapcopy recover copy.mctrace.part',
  ],
  async run(args, io) {
    const [given, extra] = args.positionals;
    if (extra !== undefined) {
      throw usage('there is one argument too many', `recover ${extra}`, 'give one file');
    }
    const { traces } = (await import('../../lab/real-parts.ts')).realParts;
    const json = (value: unknown) => io.out(`${JSON.stringify(value, null, 2)}\n`);
    if (given !== undefined) {
      const recovered = traces.recoverTrace(partOf(given));
      if (args.has('json')) json(recovered);
      else io.out(line(recovered));
      return 0;
    }
    const home = homeFolder({
      env: process.env,
      platform: process.platform,
      userHome: os.homedir(),
    });
    const folder = path.join(home, 'traces');
    const done: Recovered[] = [];
    let status = 0;
    for (const part of existsSync(folder) ? traces.findParts(folder) : []) {
      try {
        done.push(traces.recoverTrace(part));
      } catch (thrown) {
        status = 1;
        io.err(`${LabError.from(toErrorData(thrown)).line}\n`);
      }
    }
    if (args.has('json')) json(done);
    else io.out(done.length === 0 ? `Nothing to recover in ${folder}\n` : done.map(line).join(''));
    return status;
  },
};

/** The part that is meant: people also name the trace that it would have become. */
function partOf(given: string): string {
  const file = path.resolve(given);
  return !file.endsWith('.part') && existsSync(`${file}.part`) ? `${file}.part` : file;
}

function line({ file, events }: Recovered): string {
  return `${file}: ${number(events)} events, incomplete\n`;
}
