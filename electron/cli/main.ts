/** Entry of the command line; loaded by `mapcopy.mjs` once the Node version is known to do. */
import { processIo } from './io.ts';
import { runCommandLine } from './run-command.ts';

process.exitCode = await runCommandLine(process.argv.slice(2), processIo());
