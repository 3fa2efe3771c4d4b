import { type Arguments, COMMON_OPTIONS, optionLines, type OptionSpecs } from './options.ts';
import type { Io } from './io.ts';

/** One command of the command line. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What comes after the name, as `FILE --out FILE`. */
  readonly synopsis: string;
  readonly options: OptionSpecs;
  /** Paragraphs of help after the options: meaning, examples, exit status. */
  readonly notes: readonly string[];
  /** @returns the exit status; throws LabError for what the user can mend */
  run(args: Arguments, io: Io): Promise<number>;
}

/** Help for one command, for someone who has never seen it. */
export function helpOf(command: Command): string {
  return [
    command.summary,
    '',
    `Usage: mapcopy ${command.name} ${command.synopsis}`.trimEnd(),
    '',
    'Options:',
    ...optionLines({ ...command.options, ...COMMON_OPTIONS }),
    ...command.notes.flatMap((note) => ['', note]),
    '',
  ].join('\n');
}
