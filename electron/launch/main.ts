/** Entry of `npm start`: the desktop app where it can run, the browser host elsewhere. */
import path from 'node:path';
import { exitStatusOf, LabError, toErrorData } from '../../core/contract/index.ts';
import { processIo } from '../cli/io.ts';
import { readArguments, type OptionSpecs } from '../cli/options.ts';
import { portOf, serveOptions } from '../cli/commands/serve.ts';
import { ROOT, serveBrowser } from './browser.ts';
import { runDesktop } from './desktop.ts';
import { electronRuntime, hasDisplay } from './electron-runtime.ts';

const HELP = `Starts Mapcopy: the desktop app, or its browser host where Electron cannot run.

Usage: npm start [-- [FILE...] [options]]

  FILE...     Traces and recordings to open (desktop app).
  --browser   Use the browser host even where Electron is there.
  --port N    Port of the browser host; any free one by default.
  --no-open   Print the address of the browser host without opening a browser.
  --help      Show this help.
`;

const OPTIONS: OptionSpecs = {
  browser: { doc: '' },
  ...serveOptions,
  help: { doc: '' },
};

async function start(): Promise<number> {
  const args = readArguments('start', process.argv.slice(2), OPTIONS);
  const io = processIo();
  if (args.has('help')) {
    io.out(HELP);
    return 0;
  }
  const { env, platform } = process;
  const files = args.positionals.map((file) => path.resolve(file));
  const runtime = electronRuntime({ root: ROOT, env, platform });
  const chosen = env['ELECTRON_OVERRIDE_DIST_PATH'] !== undefined;
  const usable = runtime !== undefined && (chosen || hasDisplay({ env, platform }));
  if (usable && !args.has('browser')) return await runDesktop(runtime, files);
  if (!args.has('browser')) {
    io.err(
      runtime === undefined
        ? "Electron's runtime is not installed (npx install-electron fetches it): Mapcopy opens in the browser.\n"
        : 'There is no display for a window: Mapcopy opens in the browser.\n',
    );
  }
  if (files.length > 0) io.err('Drop files on the page to open them in the browser.\n');
  await serveBrowser({ port: portOf(args), open: !args.has('no-open'), ...io });
  return 0;
}

try {
  process.exitCode = await start();
} catch (thrown) {
  const error = LabError.from(toErrorData(thrown));
  process.stderr.write(`${error.line}\n`);
  process.exitCode = exitStatusOf(error.data.code);
}
