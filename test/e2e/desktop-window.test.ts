/**
 * The desktop app in its own runtime: a window opens, the lab answers in it, and the page has nothing
 * of Node. Needs Electron's runtime and a display; elsewhere it skips aloud, and the same page and lab
 * are tested through the browser host.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../electron/build/app.ts';
import { buildPage } from '../../electron/build/page.ts';
import { electronRuntime, hasDisplay } from '../../electron/launch/electron-runtime.ts';
import { ROOT } from './lab.ts';

const { platform, env } = process;
const program = electronRuntime({ root: ROOT, env, platform });
const reason =
  program === undefined
    ? 'Electron’s runtime is not installed (npx install-electron fetches it)'
    : hasDisplay({ env, platform })
      ? undefined
      : 'there is no display for a window';
if (reason !== undefined) console.warn(`SKIPPED: the desktop window: ${reason}`);

describe.skipIf(reason !== undefined)('the desktop window', () => {
  const home = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-desktop-'));
  let app: ElectronApplication;
  let page: Page;

  beforeAll(async () => {
    await buildPage(ROOT);
    await buildApp(ROOT);
    app = await _electron.launch({
      ...(program === undefined ? {} : { executablePath: program }),
      args: [ROOT],
      env: { ...(env as Record<string, string>), MAPCOPY_HOME: home },
    });
    page = await app.firstWindow();
  });
  afterAll(async () => {
    await app.close();
    rmSync(home, { recursive: true, force: true });
  });

  it('shows the traces that ship with the app', async () => {
    await page.getByTestId('trace-row').first().waitFor();
    expect(await page.getByTestId('trace-row').count()).toBeGreaterThan(0);
    expect(page.url()).toMatch(/^app:\/\/lab\//);
  });

  it('gives the page nothing of Node', async () => {
    expect(
      await page.evaluate(() => ['require', 'process'].filter((name) => name in window)),
    ).toEqual([]);
  });
});
