import { exitStatusOf, LabError, toErrorData, VERSION } from '../../core/contract/index.ts';
import { helpOf, type Command } from './command.ts';
import { chartCommand } from './commands/chart.ts';
import { claimsCommand } from './commands/claims.ts';
import { crossoverCommand } from './commands/crossover.ts';
import { diffCommand } from './commands/diff.ts';
import { exportCommand } from './commands/export.ts';
import { importCommand } from './commands/import.ts';
import { info } from './commands/info.ts';
import { list } from './commands/list.ts';
import { recover } from './commands/recover.ts';
import { queryCommand } from './commands/query.ts';
import { rankCommand } from './commands/rank.ts';
import { reportCommand } from './commands/report.ts';
import { run } from './commands/run.ts';
import { serve } from './commands/serve.ts';
import { sweepCommand } from './commands/sweep.ts';
import { trimCommand } from './commands/trim.ts';
import { validateCommand } from './commands/validate.ts';
import type { Io } from './io.ts';
import { nearest } from '../../core/base/nearest.ts';
import { COMMON_OPTIONS, readArguments, usage } from './options.ts';

const COMMANDS: readonly Command[] = [
  list,
  run,
  rankCommand,
  sweepCommand,
  crossoverCommand,
  validateCommand,
  claimsCommand,
  info,
  queryCommand,
  diffCommand,
  chartCommand,
  reportCommand,
  exportCommand,
  trimCommand,
  importCommand,
  recover,
  serve,
];

/**
 * Runs a command line.
 * @param argv arguments after the program's name
 * @returns the exit status: 0; 2 for what the user can mend; 1 for anything else
 */
export async function runCommandLine(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (thrown) {
    const error = LabError.from(toErrorData(thrown));
    io.progress('');
    io.err(`${error.line}\n`);
    return exitStatusOf(error.data.code);
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined) {
    io.err(overview());
    throw usage('no command is given', 'mapcopy', 'give one of the commands above');
  }
  if (name === '--help' || name === 'help') {
    const about = COMMANDS.find((each) => each.name === rest[0]);
    io.out(about === undefined ? overview() : helpOf(about));
    return 0;
  }
  if (name === '--version') {
    io.out(`mapcopy ${VERSION}\n`);
    return 0;
  }
  const command = COMMANDS.find((each) => each.name === name);
  if (command === undefined) throw unknownCommand(name);
  if (rest.includes('--help')) {
    io.out(helpOf(command));
    return 0;
  }
  const args = readArguments(command.name, rest, { ...command.options, ...COMMON_OPTIONS });
  return await command.run(args, io);
}

function unknownCommand(name: string): LabError {
  const close = nearest(
    name,
    COMMANDS.map((command) => command.name),
  );
  const help = 'see "mapcopy --help"';
  return usage(
    name.startsWith('-')
      ? `there is no option ${name}`
      : `there is no command ${JSON.stringify(name)}`,
    'mapcopy',
    close === undefined ? help : `did you mean ${close}? ${help}`,
  );
}

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  return [
    'Mapcopy simulates and compares ways of carrying I/O payload between virtual machines.',
    '',
    'Usage: mapcopy COMMAND [options]        (from a checkout: npm run -s mapcopy -- COMMAND)',
    '',
    'Commands:',
    ...COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    '  mapcopy COMMAND --help  explains a command and its options.',
    '  mapcopy --version       prints the version.',
    '',
    'Exit status: 0; 2 for bad usage or bad input, explained on standard error; 1 otherwise.',
    '',
  ].join('\n');
}
