/** Entry of `npm run build` and `npm run package`. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildApp } from './app.ts';
import { buildPage } from './page.ts';
import { packageApp } from './package.ts';

const HELP = `Builds Mapcopy into dist/.

Usage: npm run build [-- --page]        page, main process, lab process and preload
       npm run package [-- --folder]    the same, then packages for this system

  --page             Build the page alone: what the browser host needs.
  --package          Make packages; downloads Electron's runtime where it is not there.
  --folder           With --package: only the unpacked folder, no installers.
  --electron PATH    With --package: a folder with an Electron runtime, instead of a download.
  --out PATH         With --package: where the packages go (dist/packages).
  --help             Show this help.
`;

const root = path.resolve(import.meta.dirname, '../..');

function readOptions() {
  try {
    return parseArgs({
      options: {
        page: { type: 'boolean', default: false },
        package: { type: 'boolean', default: false },
        folder: { type: 'boolean', default: false },
        electron: { type: 'string' },
        out: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`error: BAD_USAGE: ${(error as Error).message}, build, see --help\n`);
    process.exit(2);
  }
}

const values = readOptions();
if (values.help) {
  process.stdout.write(HELP);
} else {
  await buildPage(root);
  if (!values.page || values.package) await buildApp(root);
  if (values.package) {
    await packageApp(root, {
      folderOnly: values.folder,
      ...(values.electron === undefined ? {} : { electronDist: path.resolve(values.electron) }),
      ...(values.out === undefined ? {} : { output: path.resolve(values.out) }),
    });
  }
}
