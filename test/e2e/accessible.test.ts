/** The rooms, in light and dark, as a checker for accessibility sees them; and by keyboard alone. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumOrSkip } from './chromium.ts';
import { openPage, startHost, type TestHost, type WatchedPage } from './lab.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser: Browser | undefined = await chromiumOrSkip();

/** What is wrong, one line a rule, with the first place. */
async function complaintsOf(page: Page): Promise<string[]> {
  // Evaluated by the debugger, which the page's policy does not bind.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(
    async () =>
      await (
        globalThis as unknown as { axe: { run: (options: object) => Promise<AxeResults> } }
      ).axe.run({ resultTypes: ['violations'] }),
  );
  return violations.map(
    ({ id, help, nodes }) => `${id}: ${help} (${nodes.length}) ${nodes[0]?.html.slice(0, 120)}`,
  );
}

describe.runIf(browser !== undefined)('the lab', () => {
  let host: TestHost;
  let watched: WatchedPage;
  let page: Page;
  beforeAll(async () => {
    host = await startHost();
    watched = await openPage(browser as Browser, host.address);
    page = watched.page;
    await page.getByTestId('trace-row').first().waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await host.stop();
  });

  describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
    beforeAll(() => page.emulateMedia({ colorScheme, reducedMotion: 'reduce' }));

    it('has an accessible Library', async () => {
      await page.getByTestId('nav-library').click();
      await page.getByTestId('trace-row').first().waitFor();
      expect(await complaintsOf(page)).toEqual([]);
    });

    it('has an accessible Experiment', async () => {
      await page.getByTestId('nav-experiment').click();
      await page.getByTestId('choose-grant-map').waitFor();
      expect(await complaintsOf(page)).toEqual([]);
    });

    it('has an accessible Replay', async () => {
      await page.getByTestId('nav-library').click();
      await page.getByTestId('trace-row').first().dblclick();
      await page.getByTestId('visible-span').waitFor();
      expect(await complaintsOf(page)).toEqual([]);
    });
  });

  it('opens a trace by keyboard', async () => {
    await page.getByTestId('nav-library').click();
    await page.getByTestId('trace-row').first().focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('visible-span').waitFor();
    expect(watched.complaints).toEqual([]);
  });
});
