/** The Charts room as its users meet it: from the samples to a chart that is kept and exported. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { complaintsOf } from './axe.ts';
import { describeLab } from './describe-lab.ts';

await describeLab('Charts', ({ page, host }) => {
  const answer = () => page.getByTestId('chart-answer');
  const show = async (spec: object) => {
    const hash = `#/charts?spec=${encodeURIComponent(JSON.stringify(spec))}`;
    await page.evaluate((to) => {
      location.hash = to;
    }, hash);
  };
  const SAMPLES = {
    kind: 'traces',
    traces: ['sample/map-64k.mctrace', 'sample/copy-64k.mctrace'],
  };

  it('begins with a chart of the samples', async () => {
    await page.keyboard.press('5');
    await answer().getByText('takes the least CPU time per request').waitFor();
    await page.getByTestId('chart-canvas').waitFor();
    expect(await page.getByTestId('chart-provenance').innerText()).toMatch(/^Simulated\. Mapcopy/);
  });

  it.each(['light', 'dark'] as const)(
    'is accessible in %s, export panel and table too',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.getByTestId('export').click();
      await page.getByTestId('export-panel').waitFor();
      expect(await complaintsOf(page)).toEqual([]);
      await page.getByTestId('export').click();
      await page.keyboard.press('t');
      await page.getByTestId('chart-table').waitFor();
      expect(await complaintsOf(page)).toEqual([]);
      await page.keyboard.press('t');
    },
  );

  it('reads its values one by one to who does not see them', async () => {
    await page.getByTestId('chart-canvas').focus();
    const datum = page.getByTestId('chart-datum');
    await page.keyboard.press('ArrowRight');
    const first = await datum.innerText();
    expect(first).toMatch(/frontend: [\d.]+\s*µs/);
    await page.keyboard.press('ArrowRight');
    expect(await datum.innerText()).not.toBe(first);
    await page.keyboard.press('Home');
    expect(await datum.innerText()).toBe(first);
  });

  it('changes by what is picked, and back by undo; the address is the view', async () => {
    await page.getByTestId('chart-type').selectOption('Latency distribution');
    await answer().getByText('Half of the requests').waitFor();
    expect(decodeURIComponent(page.url())).toContain('"chart":"cdf"');
    await answer().click();
    await page.keyboard.press('Control+z');
    await answer().getByText('takes the least CPU time').waitFor();
    await show({ chart: 'pareto', source: SAMPLES });
    await answer().getByText('Nothing native has both higher throughput').waitFor();
    await page.reload();
    await answer().getByText('Nothing native has both higher throughput').waitFor();
  });

  it('says what is wrong with a chart, and how to mend it', async () => {
    await show({ chart: 'crossover', source: SAMPLES });
    await page.getByText('These runs do not give this chart').waitFor();
    expect(await page.getByTestId('error-state').innerText()).toContain(
      'do not differ in payloadBytes',
    );
    expect(await complaintsOf(page)).toEqual([]);
    await show({ chart: 'pie', source: SAMPLES });
    await page.getByText('This address is no chart').waitFor();
    await show({ chart: 'bars', source: { kind: 'traces', traces: ['user/gone.mctrace'] } });
    await page.getByText('The runs could not be read').waitFor();
  });

  it('saves files that are those of the command line', async () => {
    await show({ chart: 'bars', source: SAMPLES, title: 'Map or copy' });
    await answer().getByText('CPU time per byte is lowest').waitFor();
    await page.getByTestId('export').click();
    const save = async (format: string) => {
      await page.getByRole('radio', { name: format, exact: true }).click();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByTestId('export-save').click(),
      ]);
      expect(download.suggestedFilename()).toBe(`map-or-copy.${format.toLowerCase()}`);
      return readFileSync(await download.path());
    };
    const svg = (await save('SVG')).toString();
    expect(svg).toContain('>Map or copy</text>');
    expect(svg).toContain('Simulated. Mapcopy');
    const csv = (await save('CSV')).toString();
    expect(csv).toContain('\r\ngrant-map,');
    expect((await save('PNG')).toString('latin1', 1, 4)).toBe('PNG');
  });

  it('splits a chart into small ones, and holds bars against a baseline', async () => {
    await show({ chart: 'bars', source: SAMPLES, group: 'run' });
    await answer().getByText('CPU time per byte is lowest').waitFor();
    await page.getByTestId('chart-ratio').check();
    // What the machine ships with stands among the runs.
    const datum = page.getByTestId('chart-datum');
    await page.getByTestId('chart-canvas').focus();
    await page.keyboard.press('End');
    await expect.poll(() => datum.innerText()).toMatch(/[\d.]+× of what ships$/);
    await page.getByTestId('chart-ratio').uncheck();
    await page.getByTestId('chart-panels').selectOption('strategy');
    await answer().getByText('grant-map: CPU time per byte').waitFor();
    expect(await page.getByTestId('chart-canvas').locator('.part').count()).toBe(2);
    await page.getByTestId('chart-canvas').focus();
    await page.keyboard.press('Home');
    await expect.poll(() => datum.innerText()).toMatch(/^grant-map: /);
    await page.keyboard.press('End');
    await expect.poll(() => datum.innerText()).toMatch(/^grant-copy: /);
    expect(await complaintsOf(page)).toEqual([]);
    await show({ chart: 'bars', source: SAMPLES, title: 'Map or copy' });
    await page.getByTestId('chart-panels').selectOption('none');
    await answer().getByText('CPU time per byte is lowest').waitFor();
  });

  it('keeps a chart in the library, and shows it again', async () => {
    await page.getByTestId('keep').click();
    await page.getByTestId('keep-name').fill('');
    await page.getByTestId('keep-save').click();
    await page.getByText('Give it a name').waitFor();
    expect(await complaintsOf(page)).toEqual([]);
    await page.getByTestId('keep-name').fill('Kept for the paper');
    await page.getByTestId('keep-save').click();
    const kept = page.getByTestId('kept-chart');
    await kept.getByText('Kept for the paper').waitFor();
    expect(readdirSync(path.join(host.home, 'charts'))).toEqual(['Kept-for-the-paper.json']);
    await show({ chart: 'percentiles', source: SAMPLES });
    await answer().getByText('Latency:').waitFor();
    await kept.click();
    await answer().getByText('CPU time per byte is lowest').waitFor();
    await page.getByRole('button', { name: 'Remove Kept for the paper' }).click();
    await kept.waitFor({ state: 'detached' });
    expect(readdirSync(path.join(host.home, 'charts'))).toEqual([]);
  });

  it('puts marks on a chart', async () => {
    await page.getByTestId('add-annotation').click();
    await page.getByRole('textbox', { name: 'Label of mark 1' }).fill('budget');
    await page.getByRole('textbox', { name: 'Place of mark 1' }).fill('0.25');
    await page.getByRole('textbox', { name: 'Place of mark 1' }).blur();
    await expect.poll(() => decodeURIComponent(page.url())).toContain('"at":0.25');
  });

  it('goes into a report', async () => {
    await page.getByTestId('add-to-report').click();
    await page.getByRole('button', { name: 'Show it' }).click();
    await page.getByTestId('report-preview').getByText('Figure 1.').waitFor();
    await page.keyboard.press('5');
    await answer().waitFor();
  });

  it('brings back the chart of a file that is dropped on it', async () => {
    await page.evaluate(() => {
      const chart = {
        chart: 'percentiles',
        source: { kind: 'traces', traces: ['sample/copy-64k.mctrace'] },
      };
      const data = new DataTransfer();
      data.items.add(new File([JSON.stringify(chart)], 'chart.json'));
      const event = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
      document.querySelector('[data-testid="room-charts"] section')?.dispatchEvent(event);
    });
    await answer().getByText('Latency:').waitFor();
  });
});
