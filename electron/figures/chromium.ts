import { existsSync } from 'node:fs';
import path from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];

/** A Chromium of the system: `MAPCOPY_CHROMIUM`, or one of the usual names on the PATH. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const own = env['MAPCOPY_CHROMIUM'];
  if (own !== undefined && own !== '') return own;
  const folders = (env['PATH'] ?? '').split(path.delimiter);
  const endings = process.platform === 'win32' ? ['.exe'] : [''];
  return NAMES.flatMap((name) =>
    folders.flatMap((folder) => endings.map((ending) => path.join(folder, name + ending))),
  ).find((file) => existsSync(file));
}
