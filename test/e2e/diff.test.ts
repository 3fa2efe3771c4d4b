/** The Diff room: two samples side by side, from the choice to a saved diff; and what goes wrong. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseDiff } from '../../core/contract/diff-schema.ts';
import { complaintsOf } from './axe.ts';
import { describeLab } from './describe-lab.ts';

const MAP = 'sample/map-64k.mctrace';
const COPY = 'sample/copy-64k.mctrace';
const pairOf = (a: string, b: string) => `#/diff/${encodeURIComponent(a)}/${encodeURIComponent(b)}`;

await describeLab('the Diff room', ({ page }) => {
  let savedFile: string;
  const goTo = (hash: string) =>
    page.evaluate((to) => {
      location.hash = to;
    }, hash);
  const id = (name: string) => page.getByTestId(name);
  const shown = (side: 'a' | 'b') => id(`canvas-${side}`).getAttribute('aria-label');
  const compared = () => id('change-row').first().waitFor();
  describe('says what is wrong when', () => {
    it('a trace is not there', async () => {
      await goTo(pairOf('user/gone.mctrace', MAP));
      const error = id('error-state');
      await error.waitFor();
      expect(await error.innerText()).toContain('Trace A could not be opened');
      expect(await error.innerText()).toContain('NOT_FOUND');
      await page.getByRole('button', { name: 'Choose others' }).click();
      await id('chooser').waitFor();
    });

    it('a file is no diff', async () => {
      await id('diff-input').setInputFiles({
        name: 'other.json',
        mimeType: 'application/json',
        buffer: Buffer.from('{"format": 1}'),
      });
      await page.getByText('other.json: this is no diff').waitFor();
    });

    it('a trace is compared with itself', async () => {
      await goTo(pairOf(MAP, MAP));
      await compared();
      expect(await id('headlines').innerText()).toContain('no difference at all');
      expect(await id('divergence').innerText()).toContain('none');
    });
  });

  it('compares two traces that were chosen', async () => {
    await goTo('#/diff?choose=-');
    await page.locator(`[data-testid=choose-row][data-trace="${MAP}"]`).click();
    expect(await id('compare').isDisabled()).toBe(true);
    await page.locator(`[data-testid=choose-row][data-trace="${COPY}"]`).click();
    await id('compare').click();
    await compared();
    expect(new URL(page.url()).hash).toBe(pairOf(MAP, COPY));
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(
      'grant-map against grant-copy',
    );
    // Cost and safety in one line.
    const headlines = await id('headlines').innerText();
    for (const words of ['Throughput', 'CPU per request', 'p99', 'Exposure', 'Hazards']) {
      expect(headlines).toContain(words);
    }
    const copy = page.locator('[data-testid=change-row][data-name="GT.copy"]');
    expect((await copy.innerText()).replaceAll(/\s+/g, ' ')).toContain('2 16 +14');
    const map = page.locator('[data-testid=change-row][data-name="GT.map"]');
    expect(await map.innerText()).toContain('only A');
  });

  it('goes from the first divergence and from rows to both timelines', async () => {
    await id('divergence').getByRole('button').click();
    await expect.poll(() => shown('a')).toContain('selected GT.map');
    await expect.poll(() => shown('b')).toContain('selected GT.copy');
    await page.locator('[data-testid=change-row][data-name="GT.copy"]').click();
    await expect.poll(() => shown('a')).toContain('selected GT.copy');
    // Rows of other groupings lead to what changed most in them.
    await page.getByRole('radio', { name: 'primitive', exact: true }).click();
    await page.locator('[data-testid=change-row][data-name="map"]').click();
    await expect.poll(() => shown('a')).toContain('selected GT.map');
    await page.getByRole('radio', { name: 'actor', exact: true }).click();
    await page.locator('[data-testid=change-row][data-name="device"]').click();
    await expect.poll(() => shown('b')).toMatch(/selected (DEV|DMA)/);
    await id('tab-requests').click();
    const row = id('request-row').first();
    const request = (await row.getAttribute('data-request')) ?? '';
    await row.focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => id('aligned-request').innerText()).toBe(`#${request}`);
    await expect.poll(() => id('request-change').innerText()).toContain(`#${request}`);
    await expect.poll(() => shown('b')).toContain(`request ${request}`);
  });

  it('moves both together, and back again', async () => {
    const [before, beforeB] = [await shown('a'), await shown('b')];
    await id('canvas-a').focus();
    await page.keyboard.press('w');
    await expect.poll(() => shown('a')).not.toBe(before);
    expect(await shown('b')).not.toBe(beforeB);
    await expect.poll(() => new URL(page.url()).hash).toContain('range=');
    await page.goBack();
    await expect.poll(() => shown('a')).toBe(before);
    await page.keyboard.press('l');
    await expect.poll(() => id('lock').getAttribute('aria-pressed')).toBe('false');
    await id('canvas-b').hover();
    await page.mouse.wheel(0, -300);
    await expect.poll(() => shown('b')).not.toBe(beforeB);
    expect(await shown('a')).toBe(before);
  });

  it('is the same after a reload', async () => {
    // B moved on its own, and came to rest.
    const query = () => new URLSearchParams(new URL(page.url()).hash.split('?')[1]);
    await expect
      .poll(() => query().get('own') ?? query().get('range'))
      .not.toBe(query().get('range'));
    // What is selected is not part of a view, unless it is what is aligned.
    const seen = async () =>
      (await Promise.all([shown('a'), shown('b')])).map((text) => text?.split(', selected')[0]);
    const before = await seen();
    await page.reload();
    await id('canvas-a').waitFor();
    await expect.poll(seen).toEqual(before);
    await id('nav-library').click();
    await id('nav-diff').click();
    await id('canvas-a').waitFor();
    await expect.poll(seen).toEqual(before);
    await id('tab-events').click();
    await compared();
  });

  it('aligns by time, normalises and swaps', async () => {
    await page.keyboard.press('t');
    await expect.poll(() => new URL(page.url()).hash).toContain('align=time');
    await expect.poll(() => shown('a')).not.toContain('selected');
    await page.getByLabel('Normalise').check();
    // Both are as long as each other: each shows all of itself, and that is not the same time.
    const spans = async () =>
      (await Promise.all([shown('a'), shown('b')])).map((text) => text?.match(/: (.*) shown/)?.[1]);
    await expect.poll(async () => new Set(await spans()).size).toBe(2);
    await id('swap').click();
    await expect
      .poll(() => page.getByRole('heading', { level: 1 }).innerText())
      .toBe('grant-copy against grant-map');
    await compared();
    await id('swap').click();
    await compared();
  });

  it('saves the diff as the command line does, and opens it again', async () => {
    await expect
      .poll(() => page.getByRole('heading', { level: 1 }).innerText())
      .toBe('grant-map against grant-copy');
    const [download] = await Promise.all([page.waitForEvent('download'), id('save-diff').click()]);
    savedFile = await download.path();
    const text = readFileSync(savedFile, 'utf8');
    const diff = parseDiff(text, 'saved');
    expect([diff.a.file, diff.b.file]).toEqual([MAP, COPY]);
    await id('diff-input').setInputFiles({
      name: 'saved.json',
      mimeType: 'application/json',
      buffer: Buffer.from(text),
    });
    await id('file-banner').waitFor();
    await compared();
    expect(await id('side-a').count()).toBe(0);
    await page.getByRole('button', { name: 'Compare them again' }).click();
    await id('side-a').waitFor();
  });

  it('shows the change of every request in one strip, and goes to one', async () => {
    const strip = id('change-strip');
    await strip.focus();
    await page.keyboard.press('Home');
    for (let i = 0; i < 6; i++) await page.keyboard.press('ArrowRight');
    expect(await strip.getAttribute('aria-valuetext')).toMatch(/^request 7, [+−][\d.]+\sµs$/);
    await page.keyboard.press('Enter');
    await expect.poll(() => id('aligned-request').innerText()).toBe('#7');
    const box = await strip.boundingBox();
    // The last of 40 requests.
    await strip.click({ position: { x: (box?.width ?? 0) - 4, y: 10 } });
    await expect.poll(() => id('aligned-request').innerText()).toBe('#40');
  });

  it('draws its charts into files as the Charts room does', async () => {
    await id('export-payers').click();
    await id('export-panel').waitFor();
    await page.getByRole('radio', { name: 'CSV', exact: true }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      id('export-save').click(),
    ]);
    const csv = readFileSync(await download.path(), 'utf8');
    expect(csv).toMatch(/^A grant-map,hypervisor,[\d.]+,/m);
    expect(csv).toContain('# profiles: xen-pv-dom0=');
    await page.keyboard.press('Escape');
    await id('export-panel').waitFor({ state: 'detached' });
    expect(await id('export-payers').evaluate((each) => each === document.activeElement)).toBe(
      true,
    );
    await page.getByRole('button', { name: 'Open latency in Charts' }).click();
    await id('chart-answer').getByText('Half of the requests').waitFor();
    await page.goBack();
    await compared();
  });

  it('goes into a report as a whole, and one chart of it', async () => {
    await id('add-to-report').click();
    await page.getByRole('button', { name: 'Show it' }).click();
    const preview = id('report-preview');
    await preview.getByText('Hazards and exposure', { exact: true }).waitFor();
    await id('report-figure').nth(2).waitFor();
    expect(await preview.innerText()).toContain('Kinds of events that changed most');
    await page.goBack();
    await compared();
    // Into the same report, though nothing is open after a reload.
    await expect.poll(() => page.evaluate(() => localStorage.getItem('mapcopy.report'))).toBeNull();
    await page.reload();
    await compared();
    await id('add-tail').click();
    await page.getByRole('button', { name: 'Show it' }).last().click();
    await id('report-figure').nth(3).waitFor();
    await id('nav-diff').click();
    await compared();
  });

  it('compares more than two in a table against any of them', async () => {
    await goTo(`#/diff?traces=${MAP},${COPY},sample/viommu-a53.mctrace`);
    await expect.poll(() => id('compare-row').count()).toBe(3);
    const cell = (trace: string) =>
      page.locator(`[data-testid=compare-row][data-trace="${trace}"] [data-figure=throughput]`);
    const against = await cell(COPY).innerText();
    await page.getByRole('button', { name: 'baseline: net-tx 64 KiB, copy', exact: true }).click();
    await expect.poll(() => cell(COPY).innerText()).not.toBe(against);
    await page.getByRole('button', { name: /Throughput/ }).click();
    await page.getByRole('button', { name: /Throughput/ }).click();
    const first = id('compare-row').first();
    await expect.poll(() => first.getAttribute('data-trace')).toBe(MAP);
    await page.getByRole('radio', { name: 'as columns' }).click();
    await expect.poll(() => id('compare-row').count()).toBe(0);
    expect(await id('compare-table').innerText()).toContain('Hazards');
    await id('add-to-report').click();
    await page.getByRole('button', { name: 'Show it' }).last().click();
    await id('report-preview').getByText('3 traces compared, mediated').waitFor();
    await page.goBack();
    await id('compare-table').waitFor();
  });

  it('compares what was recorded with what was simulated, and says so', async () => {
    await id('nav-library').click();
    await id('import-input').setInputFiles({
      name: 'recorded.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from(
        [
          '# tracer: nop',
          '    vfio-1 [000] ....  1.000001: map: IOMMU: iova=0x1000 - 0x2000 paddr=0x5000 size=4096',
          '    vfio-1 [000] ....  1.000002: unmap: IOMMU: iova=0x1000 - 0x2000 size=4096 unmapped_size=4096',
          '',
        ].join('\n'),
      ),
    });
    const row = page.locator('[data-testid=trace-row][data-trace="user/recorded.mctrace"]');
    await row.waitFor();
    await goTo(pairOf('user/recorded.mctrace', MAP));
    await compared();
    expect(await page.getByText('recorded against simulated').count()).toBe(1);
    expect(await id('divergence').innerText()).toContain('not looked for');
    expect(await id('headline-safety').innerText()).not.toContain('NaN');
    await id('tab-scenario').click();
    await page.getByText('their kinds of events differ').waitFor();
  });

  describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
    beforeAll(() => page.emulateMedia({ colorScheme, reducedMotion: 'reduce' }));
    it.each(['events', 'requests', 'safety', 'scenario'])('is accessible: %s', async (tab) => {
      await goTo(`${pairOf(MAP, COPY)}?tab=${tab}`);
      await id('side-b').waitFor();
      await page.getByRole('tabpanel', { name: tab }).waitFor();
      expect(await complaintsOf(page)).toEqual([]);
    });

    it('has an accessible choice and table', async () => {
      await goTo('#/diff?choose=-');
      await id('choose-row').first().waitFor();
      expect(await complaintsOf(page)).toEqual([]);
      await goTo(`#/diff?traces=${MAP},${COPY},sample/viommu-a53.mctrace`);
      await id('compare-row').first().waitFor();
      expect(await complaintsOf(page)).toEqual([]);
    });
  });
});
