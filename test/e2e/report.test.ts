/** The Report room as its users meet it: from nothing to a document that is kept. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { complaintsOf } from './axe.ts';
import { describeLab } from './describe-lab.ts';

await describeLab('Report', ({ page, host }) => {
  beforeAll(async () => {
    await page.getByTestId('nav-report').click();
  });

  const saved = () => page.getByTestId('report-saved').getByText('Saved', { exact: true });
  const preview = () => page.getByTestId('report-preview');
  const folder = () => path.join(host.home, 'reports');

  it('is empty at first, and says what a report is for', async () => {
    await page.getByText('A report keeps what you have found').waitFor();
    expect(await complaintsOf(page)).toEqual([]);
  });

  it('begins with the samples, and writes its own method', async () => {
    await page.getByTestId('report-sample').click();
    await preview().getByRole('heading', { name: 'Method' }).waitFor();
    const text = await preview().innerText();
    expect(text).toContain('The results are simulated');
    expect(text).toContain('Who a request waits for');
    expect(text).toContain('H4 stale IOTLB window');
    await saved().waitFor();
    expect(readdirSync(folder())).toHaveLength(1);
  });

  it.each(['light', 'dark'] as const)('is accessible in %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect(await complaintsOf(page)).toEqual([]);
  });

  it('shows and keeps what is typed, and takes it back by undo', async () => {
    await page.getByTestId('report-section').first().click();
    await page.getByTestId('section-text').fill('# Verdict\n\nIt **depends**.');
    await preview().getByRole('heading', { name: 'Verdict' }).waitFor();
    await saved().waitFor();
    const [file = ''] = readdirSync(folder());
    expect(readFileSync(path.join(folder(), file), 'utf8')).toContain('# Verdict');
    await page.getByTestId('report-section').first().focus();
    await page.keyboard.press('Control+z');
    await preview().getByRole('heading', { name: 'Question' }).waitFor();
    await page.keyboard.press('Control+y');
    await preview().getByRole('heading', { name: 'Verdict' }).waitFor();
  });

  it('moves and removes sections by keyboard', async () => {
    const kinds = () =>
      page
        .getByTestId('report-section')
        .evaluateAll((all) => all.map((each) => each.getAttribute('data-kind')).join(' '));
    await page.getByTestId('report-section').first().focus();
    await page.keyboard.press('Alt+ArrowDown');
    expect(await kinds()).toBe('results text chart diff text hazards');
    await page.getByTestId('report-section').nth(1).focus();
    await page.keyboard.press('Delete');
    expect(await kinds()).toBe('results chart diff text hazards');
  });

  it('leaves as one HTML file with its charts drawn inside', async () => {
    await page.getByTestId('report-figure').first().waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByTestId('report-html').click(),
    ]);
    expect(download.suggestedFilename()).toBe('Map-or-copy-64-KiB.html');
    const html = readFileSync(await download.path(), 'utf8');
    expect(html).toContain('<svg');
    expect(html).toContain('The results are simulated');
    expect(html).not.toMatch(/<script|(src|href)="https?:/);
  });

  it('is there again, at the same address, after the page was loaded anew', async () => {
    await saved().waitFor();
    const address = page.url();
    expect(address).toMatch(/#\/report\/.+/);
    await page.reload();
    await preview().getByRole('heading', { name: 'Method' }).waitFor();
    expect(page.url()).toBe(address);
    await page.getByTestId('report-section').nth(4).waitFor();
  });

  it('refuses to save a report without a title, keeps what was typed, and says why', async () => {
    await page.getByTestId('report-title').fill('');
    await page.getByText('A report needs a title.').waitFor();
    await page.getByText('Not saved').waitFor();
    await page.getByTestId('report-title').fill('Map or copy');
    await saved().waitFor();
  });

  it('says where a file that somebody broke is, and shows the others', async () => {
    writeFileSync(path.join(folder(), 'broken.json'), '{');
    await page.reload();
    await page.getByTestId('report-row').nth(1).waitFor();
    await page.getByTestId('report-row').filter({ hasText: 'broken' }).click();
    await page.getByText('this is no JSON').first().waitFor();
  });

  it('can be removed and had back', async () => {
    await page.getByTestId('report-row').filter({ hasText: 'Map or copy' }).click();
    await page.getByTestId('report-remove').click();
    await page.getByText('Undo', { exact: true }).click();
    await preview().getByRole('heading', { name: 'Method' }).waitFor();
    await saved().waitFor();
  });

  it('is removed again by redo and had back by undo, as everything else', async () => {
    const rows = page.getByTestId('report-row').filter({ hasText: 'Map or copy' });
    await page.getByTestId('report-remove').click();
    await rows.waitFor({ state: 'detached' });
    await page.keyboard.press('Control+z');
    await saved().waitFor();
    await rows.waitFor();
    await page.getByTestId('redo').click();
    await rows.waitFor({ state: 'detached' });
    expect(page.url()).toMatch(/#\/report$/);
    await page.reload();
    await page.getByTestId('report-row').first().waitFor();
    expect(await rows.count()).toBe(0);
  });
});
