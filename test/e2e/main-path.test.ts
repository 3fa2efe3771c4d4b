/**
 * The way through the lab that a first user takes, in a real browser: run an experiment, replay one
 * of its runs, import a recording of a real system. The browser must not complain once.
 */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { listPairs } from '../../core/experiment/index.ts';
import {
  parseScenario,
  STRATEGY_IDS,
  type HypervisorId,
  type SocId,
} from '../../core/contract/index.ts';
import { describeLab } from './describe-lab.ts';
import { openPage, ROOT } from './lab.ts';

const RECORDING = path.resolve(ROOT, '../shared/samples/ftrace/iommu-map-unmap-vfio-qemu.txt');

/** A machine of each architecture. */
const SOCS: readonly SocId[] = ['xeon-2020', 'cortex-a53'];
const HYPERVISORS: readonly HypervisorId[] = ['xen-pv-dom0', 'xen-arm-driver-domain', 'kvm-vhost'];
const pairs = listPairs(STRATEGY_IDS, HYPERVISORS, SOCS, parseScenario({})).filter(
  (pair) => pair.status !== 'refused',
);

await describeLab('the lab in a browser', ({ page, host, browser }) => {
  it('shows the samples, and hides its token', async () => {
    await page.getByTestId('trace-row').first().waitFor();
    expect(page.url()).not.toContain('token');
  });

  it('is still connected after a reload', async () => {
    await page.reload();
    await page.getByTestId('trace-row').first().waitFor();
  });

  it('runs every strategy on several machines', async () => {
    await page.getByTestId('nav-experiment').click();
    const known = (kind: 'strategy' | 'hypervisor' | 'soc') => [
      ...new Set(pairs.map((pair) => pair[kind])),
    ];
    for (const id of [...known('strategy'), ...known('hypervisor'), ...known('soc')]) {
      await page.getByTestId(`choose-${id}`).check();
    }
    await page.getByTestId('field-requests').fill('200');
    await page.getByTestId('run').click();
    const done = page.locator('[data-testid=result-cell][data-state=done]');
    await expect.poll(() => done.count(), { timeout: 100_000 }).toBe(pairs.length);
    expect(readdirSync(host.traces).filter((name) => name.endsWith('.mctrace'))).toHaveLength(
      pairs.length,
    );
  });

  it('shows cost beside safety', async () => {
    await page.getByRole('radio', { name: 'Table' }).first().click();
    const rows = page.getByTestId('result-row');
    await expect.poll(() => rows.count()).toBe(pairs.length);
    const table = await page.getByTestId('results-table').innerText();
    for (const words of ['Gb/s', 'p99', 'Hazards', 'Exposure']) expect(table).toContain(words);
  });

  it('replays a run, zooms, and tells what an event is', async () => {
    const row = page.locator('[data-testid=result-row][data-strategy=grant-map]').first();
    await row.getByTestId('open-result').click();
    const span = page.getByTestId('visible-span');
    await span.waitFor();
    const whole = await span.textContent();
    await page.getByLabel('Zoom in').click();
    await expect.poll(() => span.textContent()).not.toBe(whole);
    await page.getByLabel('Zoom in').click();

    const panel = page.getByTestId('event-panel');
    const canvas = page.getByTestId('timeline-canvas');
    const box = await canvas.boundingBox();
    if (box === null) throw new Error('the timeline is not to be seen');
    // Tracks are rows with gaps: go down and across until an event is under the pointer.
    search: for (let x = 0.2; x < 0.9; x += 0.05) {
      for (let y = 20; y < box.height; y += 7) {
        await canvas.click({ position: { x: box.width * x, y } });
        if (await panel.isVisible()) break search;
      }
    }
    expect(await page.getByTestId('event-name').textContent()).toMatch(/\S/);
    await page.getByTestId('tab-events').click();
    await expect.poll(() => page.getByTestId('event-row').count()).toBeGreaterThan(5);
  });

  it('imports a recording and says what it could read', async ({ skip }) => {
    if (!existsSync(RECORDING)) {
      console.warn(`SKIPPED: the recording is not there: ${path.relative(ROOT, RECORDING)}`);
      skip();
    }
    await page.getByTestId('nav-library').click();
    await page.getByTestId('import-input').setInputFiles(RECORDING);
    await page.getByTestId('import-counts').waitFor();
    expect(await page.getByTestId('count-events').textContent()).toBe('14');
    expect(await page.getByTestId('count-typed').textContent()).toBe('14');
    const row = page.locator(
      '[data-testid=trace-row][data-trace="user/iommu-map-unmap-vfio-qemu.mctrace"]',
    );
    await row.dblclick();
    // A recording has no requests: its summary is what is shown first.
    const kinds = page.getByTestId('kind-count');
    await kinds.first().waitFor();
    const texts = await kinds.allInnerTexts();
    const countOf = (name: string) =>
      texts.find((text) => text.includes(name))?.match(/\b\d+\b/)?.[0];
    expect([countOf('iommu.map'), countOf('iommu.unmap')]).toEqual(['12', '2']);
  });

  it('refuses a second visitor, and says so', async () => {
    const late = await openPage(browser, host.address);
    await late.page.getByRole('alert').first().waitFor();
  });
});
