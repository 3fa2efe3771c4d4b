/** Answers outlive the lab: one that is killed, one that is started again, one that is thrown away. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumOrSkip } from './chromium.ts';
import { openPage, startHost, type TestHost } from './lab.ts';

const SOON = { timeout: 60_000 };
const browser: Browser | undefined = await chromiumOrSkip();

describe.runIf(browser !== undefined)('kept answers', () => {
  let home: string;
  let host: TestHost;
  let page: Page;
  const complaints: string[] = [];
  const by = (id: string) => page.getByTestId(id);
  const cells = (state: string) => page.locator(`[data-testid=result-cell][data-state=${state}]`);
  const open = async () => {
    host = await startHost(home);
    const watched = await openPage(browser as Browser, host.address);
    page = watched.page;
    page.setDefaultTimeout(30_000);
    page.on('close', () => complaints.push(...watched.complaints));
    await by('nav-experiment').click();
    await by('choose-grant-map').waitFor();
  };
  const restart = async (signal: 'SIGTERM' | 'SIGKILL') => {
    await page.close();
    host.child.kill(signal);
    await host.ended;
    await open();
  };
  beforeAll(async () => {
    home = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-kept-'));
    await open();
  });
  afterAll(async () => {
    await browser?.close();
    host.child.kill('SIGTERM');
    await host.ended;
    rmSync(home, { recursive: true, force: true });
  });

  it('are partial where the lab was killed, open as they were, and are carried on', async () => {
    await by('question-persistent-grants').click();
    await expect.poll(() => cells('done').count(), SOON).toBeGreaterThan(2);
    await restart('SIGKILL');
    const kept = by('kept').filter({ hasText: 'Persistent grants or not' });
    expect(await kept.innerText()).toMatch(/partial/);
    await kept.click();
    await expect.poll(() => cells('done').count(), SOON).toBeGreaterThan(2);
    await by('question-persistent-grants').and(page.locator('[aria-pressed=true]')).waitFor();
    expect(await by('partial').innerText()).toMatch(/partial: \d+ of \d+.runs/);
    expect(await by('answer').innerText()).toMatch(/so far, \d+ of \d+ runs/);
    await by('run').click();
    await by('run').filter({ hasText: 'again' }).waitFor({ timeout: 60_000 });
    await expect.poll(() => kept.innerText(), SOON).not.toMatch(/partial|running/);
  });

  it('are whole in the next lab, with their charts', async () => {
    await restart('SIGTERM');
    expect(await cells('done').count()).toBe(0);
    await by('kept').first().click();
    await expect.poll(() => cells('done').count(), SOON).toBeGreaterThan(8);
    await by('matrix-charts').click();
    await page.getByTestId('chart-sweeps').getByText('Persistent grants or not').waitFor();
    await by('nav-experiment').click();
  });

  it('go to the trash with a way back', async () => {
    await by('all-studies').click();
    await by('sweep-item').first().click();
    await by('sweep-remove').click();
    await by('sweep-item').waitFor({ state: 'detached' });
    await page.keyboard.press('Control+z');
    await by('sweep-item').waitFor();
    await by('sweep-item').first().click();
    await by('sweep-remove').click();
    await by('sweep-item').waitFor({ state: 'detached' });
    await by('nav-library').click();
    await by('collection-trash').click();
    await by('trash-item').getByRole('button').click();
    await by('trash-item').waitFor({ state: 'detached' });
    await by('nav-experiment').click();
    await by('all-studies').waitFor();
  });

  it('that are damaged say so by name, and can be thrown away', async () => {
    const [study] = readdirSync(path.join(home, 'studies'));
    writeFileSync(path.join(home, 'studies', study ?? '', 'sweep.sqlite'), 'no database, but long');
    await restart('SIGTERM');
    expect(await by('kept').first().isDisabled()).toBe(true);
    await by('all-studies').click();
    await by('sweep-item').first().click();
    await page.getByText('This study cannot be read').waitFor();
    await by('sweep-remove').click();
    await page.getByText('Nothing kept yet').waitFor();
  });

  it('give the browser nothing to complain of', async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });
});
