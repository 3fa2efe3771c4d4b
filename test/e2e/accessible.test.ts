/** The rooms, in light and dark, as a checker for accessibility sees them; and by keyboard alone. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complaintsOf } from './axe.ts';
import { chromiumOrSkip } from './chromium.ts';
import { openPage, startHost, type TestHost, type WatchedPage } from './lab.ts';

const browser: Browser | undefined = await chromiumOrSkip();

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
