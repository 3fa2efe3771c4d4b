import { usage } from './options.ts';

/** The only argument of a command that takes one file. */
export function oneFile(command: string, positionals: readonly string[]): string {
  const [file, extra] = positionals;
  if (file === undefined || file === '') {
    throw usage('no file is named', command, `write mapcopy ${command} FILE`);
  }
  if (extra !== undefined) {
    throw usage('there is one argument too many', `${command} ${extra}`, 'give one file');
  }
  return file;
}
