/**
 * A real Chromium for end-to-end tests. Where there is none, tests that need it are skipped with a
 * printed reason; with `MAPCOPY_REQUIRE_CHROMIUM=1` its absence is a failure.
 */
import { chromium, type Browser } from 'playwright-core';
import { findChromium } from '../../electron/figures/chromium.ts';

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
