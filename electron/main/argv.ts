import path from 'node:path';

/**
 * Files that a command line names: everything that is not an option.
 *
 * @param argv as the program got it, the program itself first
 * @param packaged an unpackaged app has its folder as first argument
 */
export function filesFromArgv(argv: readonly string[], cwd: string, packaged: boolean): string[] {
  return argv
    .slice(packaged ? 1 : 2)
    .filter((argument) => argument !== '' && !argument.startsWith('-'))
    .map((argument) => path.resolve(cwd, argument));
}
