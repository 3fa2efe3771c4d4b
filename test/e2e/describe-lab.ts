/** Tests of the lab in a real browser: a host on a library of its own, and one page that is watched. */
import type { Browser } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { chromiumOrSkip } from './chromium.ts';
import { openPage, startHost, type TestHost, type WatchedPage } from './lab.ts';

export interface LabInBrowser extends WatchedPage {
  readonly host: TestHost;
  readonly browser: Browser;
}

/**
 * Describes the lab in a page that shows the Library with its samples; without Chromium it skips aloud.
 * The last test is that the browser did not complain once.
 */
export async function describeLab(name: string, tests: (lab: LabInBrowser) => void): Promise<void> {
  const browser = await chromiumOrSkip();
  if (browser === undefined) {
    describe.todo(name);
    return;
  }
  const host = await startHost();
  const end = async () => {
    await browser.close();
    await host.stop();
  };
  const open = async () => {
    const watched = await openPage(browser, host.address);
    await watched.page.getByTestId('trace-row').first().waitFor();
    return watched;
  };
  const watched = await open().catch(async (thrown: unknown) => {
    await end();
    throw thrown;
  });
  describe(name, () => {
    afterAll(end);
    tests({ host, browser, ...watched });
    it('gives the browser nothing to complain of', () => expect(watched.complaints).toEqual([]));
  });
}
