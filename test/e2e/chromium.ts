/**
 * A real Chromium for end-to-end tests. Where there is none, tests that need it are skipped with a
 * printed reason; with `MAPCOPY_REQUIRE_CHROMIUM=1` its absence is a failure.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** Path of the browser: `MAPCOPY_CHROMIUM`, or the first of the usual names on the PATH. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const own = env['MAPCOPY_CHROMIUM'];
  if (own !== undefined && own !== '') return own;
  const folders = (env['PATH'] ?? '').split(path.delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name))).find((file) =>
    existsSync(file),
  );
}

/** Starts Chromium, or says why not and returns undefined. */
export async function chromiumOrSkip(): Promise<Browser | undefined> {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    const reason = 'there is no Chromium on the PATH (MAPCOPY_CHROMIUM names another place)';
    if (process.env['MAPCOPY_REQUIRE_CHROMIUM'] === '1') throw new Error(reason);
    console.warn(`SKIPPED: ${reason}`);
    return undefined;
  }
  return await chromium.launch({
    executablePath,
    headless: true,
    // The sandbox of Chromium does not work for root, which is what containers run as.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}
