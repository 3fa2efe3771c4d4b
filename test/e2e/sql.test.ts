/** The SQL page, the command palette and the tour, in a real browser. */
import { beforeAll, expect, it } from 'vitest';
import { complaintsOf } from './axe.ts';
import { describeLab } from './describe-lab.ts';

const ENDLESS =
  'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c';

await describeLab('the SQL page', ({ page }) => {
  beforeAll(async () => {
    await page.locator('[data-trace="sample/map-64k.mctrace"]').click();
    await page.getByTestId('query-trace').click();
    await page.getByTestId('sql-tab').waitFor();
  });

  const status = () => page.getByTestId('sql-status').innerText();
  const failure = () => page.getByTestId('sql-error');
  async function ask(sql: string) {
    await page.getByTestId('sql-editor').click();
    await page.keyboard.press('Control+a');
    await page.keyboard.type(sql);
    await page.keyboard.press('Escape');
    await page.getByTestId('sql-editor').click();
    await page.keyboard.press('Control+Enter');
  }

  it('says where an error is, and that what writes is refused', async () => {
    await ask('SELECT kind\nFROM named_events WHERE FROM x');
    await failure().getByText('line 2, column 25').waitFor();
    await ask('DELETE FROM events');
    await failure().getByText('DELETE is refused').waitFor();
  });

  it('asks for a selection where the SQL needs one', async () => {
    await ask('SELECT * FROM events WHERE request = $request');
    await failure().getByText('no followed request now').waitFor();
  });

  it('gives up a query that does not end, and goes on', async () => {
    await ask(ENDLESS);
    await page.getByTestId('sql-cancel').click();
    await failure().getByText('The query was cancelled').waitFor();
    await ask('SELECT 1 + 1 AS two');
    await expect.poll(status, { timeout: 10_000 }).toMatch(/\b1\s+row\b/);
  });

  it('says aloud that an answer is cut', async () => {
    await ask('SELECT a.id FROM events a, events b');
    await page.getByTestId('sql-truncated').waitFor();
    expect(await status()).toMatch(/10\s000\s+rows/);
  });

  it('leads from an answer to the timeline, by pointer and by keys', async () => {
    await page.getByTestId('sql-examples').selectOption({ label: 'The slowest requests' });
    await page.getByTestId('sql-run').click();
    await page.getByTestId('sql-lead-request').first().click();
    await page.getByTestId('tab-request').getByText('Request #').waitFor();
    await page.getByTestId('sql-lead-event').first().click();
    await page.getByTestId('event-panel').waitFor();
    await ask('SELECT id FROM events WHERE id = 42');
    await expect.poll(status, { timeout: 10_000 }).toMatch(/\b1\s+row\b/);
    await page.getByTestId('sql-rows').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain('event=42');
  });

  it('is a grid with heads that sort, by pointer and by keys', async () => {
    await ask("SELECT 1 AS n, 'b' AS t UNION ALL SELECT 20, 'a' UNION ALL SELECT 3, NULL");
    await expect.poll(status, { timeout: 10_000 }).toMatch(/\b3\s+rows\b/);
    const rows = () =>
      page
        .getByTestId('sql-row')
        .evaluateAll((all) =>
          all.map((each) => [...each.children].map((cell) => cell.textContent.trim()).join(' ')),
        );
    await page.getByRole('columnheader', { name: 'n', exact: true }).click();
    await expect.poll(rows, { timeout: 10_000 }).toEqual(['1 1 b', '2 3 NULL', '3 20 a']);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await expect.poll(rows, { timeout: 10_000 }).toEqual(['1 3 NULL', '2 20 a', '3 1 b']);
    const head = page.getByRole('columnheader', { name: 't', exact: true });
    expect(await head.getAttribute('aria-sort')).toBe('ascending');
    expect(await status()).toContain('sorted by t');
    const active = await page.getByTestId('sql-rows').getAttribute('aria-activedescendant');
    expect(await head.getAttribute('id')).toBe(active);
  });

  it('copies a cell, a row with its heads, and everything as it is sorted', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    await page.getByTestId('sql-rows').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Control+c');
    await expect.poll(copied, { timeout: 10_000 }).toBe('a');
    await page.keyboard.press('Control+Shift+c');
    await expect.poll(copied, { timeout: 10_000 }).toBe('n,t\r\n20,a\r\n');
    await page.getByTestId('sql-copy').selectOption('csv');
    await expect.poll(copied, { timeout: 10_000 }).toBe('n,t\r\n3,\r\n20,a\r\n1,b\r\n');
    await ask('SELECT id FROM events WHERE id = 42');
    await expect.poll(status, { timeout: 10_000 }).toMatch(/\b1\s+row\b/);
  });

  it('keeps its text and history over a reload', async () => {
    await page.reload();
    await page.getByTestId('tab-sql').click();
    await page.getByTestId('sql-editor').getByText('WHERE id = 42').waitFor();
    const first = page.getByTestId('sql-history').locator('option').nth(1);
    expect(await first.textContent()).toContain('WHERE id = 42');
  });

  it('saves what it shows', async () => {
    await page.getByTestId('sql-run').click();
    const download = page.waitForEvent('download');
    await page.getByTestId('sql-save-csv').click();
    expect((await download).suggestedFilename()).toMatch(/\.csv$/);
  });

  it.each(['light', 'dark'] as const)('is accessible in %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect(await complaintsOf(page)).toEqual([]);
  });
});

await describeLab('the palette and the tour', ({ page }) => {
  const box = () => page.getByTestId('palette');
  const step = () => page.getByTestId('tour-step');

  it('finds nothing and says so; Escape leaves', async () => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('qqqq');
    await box().getByText('Nothing is called that').waitFor();
    await page.keyboard.press('Escape');
    await box().waitFor({ state: 'detached' });
  });

  it('opens from a field that one types in, and finds a trace', async () => {
    await page.getByTestId('library-filter').focus();
    await page.keyboard.press('Control+Shift+P');
    await page.keyboard.type('64 map');
    expect(await complaintsOf(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain('map-64k');
    await page.getByTestId('visible-span').waitFor();
  });

  it('saves a view by name and comes back to it', async () => {
    await page.getByLabel('Zoom in').click();
    await page.waitForTimeout(600);
    const view = new URL(page.url()).hash;
    await page.keyboard.press('Control+k');
    await page.keyboard.type('save view');
    await page.keyboard.press('Enter');
    await page.getByTestId('view-save').click();
    await page.getByText('a view needs a name').waitFor();
    await page.getByTestId('view-name').fill('the busy part');
    await page.keyboard.press('Enter');
    await page.getByTestId('view-dialog').waitFor({ state: 'detached' });
    await page.getByTestId('nav-library').click();
    await page.locator('[data-trace="sample/map-64k.mctrace"]').click();
    await page.getByTestId('saved-view').getByText('the busy part').click();
    await expect.poll(() => new URL(page.url()).hash).toBe(view);
    await page.getByTestId('visible-span').waitFor();
  });

  it('explains a hazard and leads to the traces in which it happened', async () => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('H4');
    await page.keyboard.press('Enter');
    await page.getByTestId('topic').getByText('cached translation').waitFor();
    await page.getByRole('button', { name: 'Traces in which it happened' }).click();
    await expect.poll(() => page.getByTestId('trace-row').count()).toBe(1);
    await page.getByTestId('collection-all').click();
    await page.getByRole('button', { name: 'Show all, not only H4' }).click();
  });

  it('leaves the tour, takes it up where it was left, and goes back', async () => {
    await page.getByTestId('tour-start').click();
    await page.keyboard.press('ArrowRight');
    await step().getByText('Step 2 of').waitFor();
    await page.keyboard.press('Escape');
    await page.reload();
    await page.getByTestId('tour-start').click();
    await step().getByText('Step 2 of').waitFor();
    await page.getByTestId('tour-back').click();
    await step().getByText('Step 1 of').waitFor();
  });

  it('keeps the focus in the tour', async () => {
    for (let press = 0; press < 5; press += 1) {
      await page.keyboard.press('Tab');
      const inside = await page.evaluate(
        () => document.activeElement?.closest('dialog, body')?.tagName,
      );
      // Between the last button and the first the focus is with the browser itself.
      expect(['DIALOG', 'BODY']).toContain(inside);
      expect(await page.evaluate(() => document.activeElement?.closest('main') ?? null)).toBeNull();
    }
  });

  it('points at something real in every step, and can be had again', async () => {
    await page.getByTestId('tour-next').focus();
    for (;;) {
      await step().locator('.ring').waitFor();
      expect(await complaintsOf(page)).toEqual([]);
      const last = (await page.getByTestId('tour-next').innerText()) === 'Done';
      await page.getByTestId('tour-next').click();
      if (last) break;
    }
    await step().waitFor({ state: 'detached' });
    expect(await page.getByTestId('tour-card').count()).toBe(0);
    await page.getByTestId('help').click();
    await page.getByTestId('help-tour').click();
    await step().getByText('Step 1 of').waitFor();
    await page.getByTestId('tour-skip').click();
  });
});
