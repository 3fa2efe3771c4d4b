/** The Experiment room as its users meet it: what is typed wrongly first, then questions, runs, crossovers, sweeps and profiles. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complaintsOf } from './axe.ts';
import { describeLab } from './describe-lab.ts';

/** Runs take their time on a machine that does other things as well. */
const SOON = { timeout: 60_000 };

await describeLab('the Experiment room', ({ page, host }) => {
  let files: string;
  beforeAll(async () => {
    files = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-experiment-'));
    await page.getByTestId('nav-experiment').click();
    await page.getByTestId('choose-grant-map').waitFor();
  });
  afterAll(() => rmSync(files, { recursive: true, force: true }));

  const by = (id: string) => page.getByTestId(id);
  const view = (name: string) => page.getByRole('radio', { name, exact: true }).first().click();
  const cells = (state: string) => page.locator(`[data-testid=result-cell][data-state=${state}]`);
  const choose = async (...ids: readonly string[]) => {
    for (const id of ids) await by(`choose-${id}`).waitFor();
    const all = await page
      .locator('[data-testid^=choose-]')
      .evaluateAll((found) => found.map((each) => each.getAttribute('data-testid') ?? ''));
    for (const each of all) await by(each).setChecked(ids.includes(each.replace('choose-', '')));
  };

  it('says what is wrong with a number, and runs nothing', async () => {
    await by('field-requests').fill('0');
    await page.getByText('is below the least').waitFor();
    expect(await by('run').isDisabled()).toBe(true);
    await by('undo').click();
    expect(await by('field-requests').inputValue()).toBe('10000');
    await by('redo').click();
    await by('field-requests').fill('100');
    expect(await by('run').isEnabled()).toBe(true);
  });

  it('refuses a scenario’s file that is none, and changes nothing', async () => {
    const file = path.join(files, 'scenario.json');
    await by('open-all-fields').click();
    writeFileSync(file, '{"payloadByte": 1}');
    await by('scenario-file').setInputFiles(file);
    expect(await by('scenario-error').innerText()).toMatch(/unknown field payloadByte/);
    writeFileSync(file, 'no json');
    await by('scenario-file').setInputFiles(file);
    expect(await by('scenario-error').innerText()).toMatch(/no JSON document/);
    expect(await by('all-requests').inputValue()).toBe('100');
  });

  it('shows what is changed, writes it as a scenario and reads it again', async () => {
    await by('only-changed').check();
    expect(await by('field-line').count()).toBe(1);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      by('scenario-save').click(),
    ]);
    const file = await download.path();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ format: 1, requests: 100 });
    await by('reset-fields').click();
    await page.getByText('No field is changed').waitFor();
    await by('scenario-file').setInputFiles(file);
    expect(await by('all-requests').inputValue()).toBe('100');
    await page.getByRole('button', { name: 'Done' }).click();
  });

  it('explains a refusal in its place', async () => {
    await choose('grant-map', 'iommu-strict', 'xen-pv-dom0', 'xeon-2020', 'net-tx');
    await expect.poll(() => cells('refused').count(), SOON).toBe(1);
    expect(await cells('refused').first().getAttribute('aria-label')).toMatch(
      /Refused.*iommu-strict/,
    );
  });

  it('answers a question in a sentence, safety and caveats beside it', async () => {
    await by('question-gpu-tables').click();
    await expect.poll(() => cells('done').count(), SOON).toBe(8);
    const answer = await by('answer').innerText();
    expect(answer).toMatch(/On kvm-vhost.*gfn-map-refcount takes .*µs, .* more than gfn-lookup/);
    expect(answer).toMatch(/map-all-memory exposes .*H7 over-broad reach/);
    expect(await by('answer').innerText()).toMatch(/Hypothetical: /);
  });

  it('is asked by a link, and by the command palette', async () => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('persistent grants or not');
    await page.keyboard.press('Enter');
    await by('question-persistent-grants').and(page.locator('[aria-pressed=true]')).waitFor();
    await by('cancel-all').click();
    await page.goto(`${page.url().split('#')[0]}#/experiment/matrix?ask=gpu-tables`);
    await by('question-gpu-tables').and(page.locator('[aria-pressed=true]')).waitFor();
  });

  it('finds its runs again after a reload, and cancels one and all', async () => {
    await choose('grant-map', 'grant-copy', 'xen-pv-dom0', 'xeon-2020', 'net-tx', 'net-rx');
    await page.getByRole('radio', { name: 'mediated' }).click();
    await by('field-requests').fill('2000000');
    await by('run').click();
    await by('running-job').first().waitFor();
    await page.reload();
    await by('running-job').first().waitFor();
    await by('cancel-run').first().click();
    await expect.poll(() => by('runs-summary').innerText(), SOON).toMatch(/1 cancelled/);
    await by('cancel-all').click();
    await by('cancel-all').waitFor({ state: 'detached' });
    await by('field-requests').fill('100');
    await by('run').click();
    await expect.poll(() => cells('done').count(), SOON).toBe(4);
    await page.reload();
    await expect.poll(() => cells('done').count(), SOON).toBe(4);
  });

  it('colours by ratio, by rank and by value, and says what the colours mean', async () => {
    const legend = () => by('heat-legend').innerText();
    const colour = (name: string) => page.getByRole('radio', { name, exact: true }).click();
    expect(await legend()).toMatch(/0.69×[^]*1.45× of the baseline/);
    await colour('rank');
    expect(await legend()).toMatch(/first[^]*last in its column/);
    expect(await cells('done').first().innerText()).toMatch(/\d\.\s*\d/);
    await colour('value');
    expect(await legend()).toMatch(/µs, best[^]*µs, worst/);
    await page.reload();
    await expect.poll(legend, SOON).toMatch(/best/);
    await colour('ratio to baseline');
  });

  it('sorts its table by any metric and marks what is dominated', async () => {
    await view('Table');
    const head = by('results-table').locator('th');
    await head.filter({ hasText: 'Exposure beyond need' }).getByRole('button').click();
    expect(await head.filter({ hasText: 'Exposure beyond need' }).getAttribute('aria-sort')).toBe(
      'ascending',
    );
    expect(await by('results-table').innerText()).toMatch(/on it/);
    expect(await by('result-row').count()).toBe(4);
    await view('Matrix');
  });

  it('finds a crossover with its interval and what each side exposes', async () => {
    await view('Crossover');
    await by('cross-a').selectOption('iommu-strict');
    await by('cross-find').click();
    await page.getByText('This cannot be compared').waitFor();
    await by('cross-a').selectOption('grant-map');
    await by('cross-requests').fill('40');
    await by('cross-find').click();
    await by('crossing-headline').waitFor({ timeout: 60_000 });
    await page.reload();
    await by('crossing-headline').waitFor();
    expect(await by('crossing-headline').innerText()).toMatch(/net-tx on xen-arm-dom0, cortex-a72/);
    expect(await by('crossing-exposes').first().innerText()).toMatch(/the (backend|device)/);
    expect(await by('crossing-exposes').first().innerText()).toMatch(/reaches without need/);
    if (await by('cross-cancel').isVisible()) await by('cross-cancel').click();
    await by('cross-find').waitFor();
    // The key does what the button does.
    await page.keyboard.press('r');
    await by('cross-cancel').click();
    await by('cross-find').waitFor();
  });

  it('draws what a crossover has found in Charts', async () => {
    await by('cross-charts').click();
    await page
      .getByText(/takes over from|within 2|lowest/i)
      .first()
      .waitFor();
    await page.goBack();
    await by('crossing-headline').waitFor();
  });

  it('makes a profile of one’s own, says what is wrong with it, and runs on it', async () => {
    await view('Profiles');
    await by('profile-cortex-a72').click();
    await by('profile-copy').click();
    const rate = page.getByLabel('copyColdRate, GB/s');
    await rate.fill('fast');
    expect(await by('profile-save').isDisabled()).toBe(true);
    await rate.fill('2.5');
    await by('profile-id').fill('cortex-a53');
    await by('profile-save').click();
    await page.getByText('is the id of a shipped profile').waitFor();
    await by('profile-id').fill('my-board');
    await by('profile-save').click();
    await by('profile-my-board').waitFor();
    await by('profile-save').waitFor({ state: 'detached' });
    expect(await by('profile-changed').innerText()).toMatch(/1\s*number of cortex-a72/);
    const kept = readFileSync(path.join(host.home, 'profiles/my-board.json'), 'utf8');
    expect(JSON.parse(kept)).toMatchObject({ quantities: { copyColdRate: 2.5 } });
    expect(await by('status-bar').innerText()).not.toMatch(/cell|run/);
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await by('profile-my-board').waitFor({ state: 'detached' });
    await page.keyboard.press('Control+z');
    await by('profile-my-board').waitFor();
    await view('Matrix');
    await choose('grant-copy', 'xen-arm-dom0', 'my-board', 'net-tx');
    await by('run').click();
    await expect.poll(() => cells('done').count(), SOON).toBe(1);
    expect(await cells('done').getAttribute('aria-label')).toMatch(/my-board/);
  });

  it('sweeps the plan over one more axis and shows its rows', async () => {
    await view('Studies');
    await by('sweep-values').fill('64, x');
    await page.getByText('x: Give a number').waitFor();
    expect(await by('sweep-start').isDisabled()).toBe(true);
    await by('sweep-values').fill('64, 4096');
    await by('sweep-seeds').fill('2');
    await expect.poll(() => by('sweep-count').innerText(), SOON).toMatch(/^4\sruns/);
    await by('sweep-start').click();
    const sweep = page.locator('[data-testid=sweep-item][data-kind=sweep]');
    await sweep.and(page.locator('[data-state=complete]')).waitFor();
    await expect.poll(() => by('sweep-rows').locator('tbody tr').count(), SOON).toBe(4);
    await page.reload();
    await expect.poll(() => by('sweep-rows').locator('tbody tr').count(), SOON).toBe(4);
    await by('sweep-remove').click();
    await sweep.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo', exact: true }).last().click();
    await sweep.waitFor();
  });

  describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
    beforeAll(() => page.emulateMedia({ colorScheme, reducedMotion: 'reduce' }));

    it.each(['Matrix', 'Table', 'Crossover', 'Studies', 'Profiles'])(
      'has an accessible %s',
      async (name) => {
        await view(name);
        await page.mouse.move(0, 0);
        await page.waitForTimeout(300);
        expect(await complaintsOf(page)).toEqual([]);
      },
    );

    it('has an accessible list of all fields', async () => {
      await view('Matrix');
      await by('open-all-fields').click();
      expect(await complaintsOf(page)).toEqual([]);
      await page.getByRole('button', { name: 'Done' }).click();
    });
  });
});
