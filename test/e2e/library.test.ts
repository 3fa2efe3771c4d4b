/** The Library as its users meet it: find, mark, compare, import, remove and have back. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { complaintsOf } from './axe.ts';
import { describeLab } from './describe-lab.ts';

/** Two events, one line of nonsense, one comment. */
const RECORDING = `# tracer: nop
  qemu-1 [000] ....  1.000001: map: IOMMU: iova=0x1000 - 0x2000 paddr=0x5000 size=4096
  what is this
  qemu-1 [000] ....  1.000009: unmap: IOMMU: iova=0x1000 - 0x2000 size=4096 unmapped_size=4096
`;

await describeLab('the Library', ({ page, host }) => {
  let files: string;
  beforeAll(() => {
    files = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-recordings-'));
    mkdirSync(path.join(files, 'deep'));
    writeFileSync(path.join(files, 'recording.txt'), RECORDING);
    writeFileSync(path.join(files, 'deep/again.txt'), RECORDING);
    writeFileSync(path.join(files, 'deep/.hidden'), RECORDING);
    writeFileSync(path.join(files, 'letter.txt'), 'Dear reader,\n');
  });
  afterAll(() => rmSync(files, { recursive: true, force: true }));

  const rows = () => page.getByTestId('trace-row');
  const row = (id: string) => page.locator(`[data-trace="${id}"]`);
  const samples = 4;

  it('says that nothing matches, and shows all again', async () => {
    await page.getByTestId('library-filter').fill('no such trace');
    await page.getByText('Nothing matches').waitFor();
    await page.getByRole('button', { name: 'Show all traces' }).click();
    await expect.poll(() => rows().count()).toBe(samples);
  });

  it('keeps filters and order in the address', async () => {
    await page.getByTestId('facet-strategy-grant-map').click();
    await page.getByTestId('sort-events').click();
    await expect.poll(() => rows().count()).toBe(2);
    expect(page.url()).toContain('strategy=grant-map');
    await page.reload();
    await expect.poll(() => rows().count()).toBe(2);
    expect(await page.getByTestId('status-bar').innerText()).toContain('events');
    await page.getByRole('button', { name: 'Show all, not only grant-map' }).click();
    await expect.poll(() => rows().count()).toBe(samples);
  });

  it('chooses ranges by keys', async () => {
    await rows().first().click();
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByText('3 traces selected').waitFor();
    await page.keyboard.press('Control+a');
    await page.getByText(`${samples} traces selected`).waitFor();
  });

  it('compares two, and several, in the Diff room', async () => {
    await row('sample/map-64k.mctrace').click();
    await row('sample/copy-64k.mctrace').click({ modifiers: ['Control'] });
    await page.getByTestId('selection').getByText('They differ in strategy only').waitFor();
    await page.keyboard.press('d');
    await page.getByTestId('room-diff').waitFor();
    expect(page.url()).toMatch(/#\/diff\/sample%2F(copy|map)-64k[^/]*\/sample%2F(copy|map)-64k/);
    await page.goBack();
    await rows().first().waitFor();
    await page.keyboard.press('Escape');
    await rows().first().click();
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByTestId('compare-button').click();
    await expect.poll(() => page.url(), { timeout: 10_000 }).toContain('#/diff?traces=');
    await page.getByTestId('nav-library').click();
    await rows().first().waitFor();
  });

  it('keeps tags and notes, finds by them, and takes them back', async () => {
    await row('sample/map-64k.mctrace').click();
    await page.getByTestId('new-tag').fill('paper');
    await page.keyboard.press('Enter');
    await page.getByTestId('note').fill('why so slow?');
    await page.keyboard.press('Tab');
    await row('sample/map-64k.mctrace').getByText('why so slow?').waitFor({ state: 'attached' });
    await page.getByTestId('undo').click();
    await row('sample/map-64k.mctrace').getByText('why so slow?').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Redo: note changed' }).click();
    await row('sample/map-64k.mctrace').getByText('why so slow?').waitFor({ state: 'attached' });
    await page.reload();
    await page.getByTestId('library-filter').fill('paper slow');
    await expect.poll(() => rows().count()).toBe(1);
    await page.getByTestId('library-filter').fill('');
    await page.getByTestId('library-filter').blur();
  });

  it('imports the files of a folder, counts what it could not read, and refuses a letter', async () => {
    await page.getByTestId('import-folder').setInputFiles(files);
    await page.getByTestId('error-state').getByText('letter.txt was not imported').waitFor();
    await expect.poll(() => page.getByTestId('finished-import').count()).toBe(2);
    await row('user/again.mctrace').click();
    expect(await page.getByTestId('count-typed').first().innerText()).toBe('2');
    await page.getByTestId('show-problems').click();
    await page.getByTestId('problem-lines').getByText('3', { exact: true }).waitFor();
    await page.getByTestId('problem-lines').getByText('what is this').waitFor();
    const count = async (id: string) =>
      Number(await page.getByTestId('problems').getByTestId(`count-${id}`).innerText());
    expect((await count('events')) + (await count('skipped')) + (await count('rest'))).toBe(
      await count('lines'),
    );
    expect(page.url()).toContain('problems=');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the list' }).click();
    expect((await download).suggestedFilename()).toBe('again problems.txt');
    expect(await complaintsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Library', exact: true }).click();
  });

  it('takes what is dropped on it', async () => {
    await page.getByTestId('clear-imports').click();
    const dropped = await page.evaluateHandle((text) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], 'dropped.txt'));
      return transfer;
    }, RECORDING);
    await page.getByTestId('trace-table').dispatchEvent('drop', { dataTransfer: dropped });
    await row('user/dropped.mctrace').waitFor();
  });

  it('removes into the trash, brings back by undo and from the trash', async () => {
    await row('user/again.mctrace').click();
    await page.keyboard.press('Delete');
    await row('user/again.mctrace').waitFor({ state: 'detached' });
    expect(readdirSync(host.traces).filter((name) => name.startsWith('again'))).toEqual([]);
    await page.keyboard.press('Control+z');
    await row('user/again.mctrace').waitFor();
    await page.getByText('Undone: 1 trace removed.').waitFor();
    await page.keyboard.press('Control+Shift+Z');
    await row('user/again.mctrace').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo: 1 trace removed' }).click();
    await row('user/again.mctrace').click();
    await page.getByTestId('remove-button').click();
    await page.getByTestId('collection-trash').click();
    expect(await complaintsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Restore again' }).click();
    await page.getByText('The trash is empty').waitFor();
    await page.getByTestId('collection-all').click();
    await row('user/again.mctrace').waitFor();
  });

  it('asks before it deletes for good', async () => {
    await row('user/again.mctrace').click();
    await page.keyboard.press('Delete');
    await page.getByTestId('collection-trash').click();
    await page.getByTestId('empty-trash').click();
    await page.getByRole('button', { name: 'Keep them' }).click();
    await page.getByTestId('trash-item').waitFor();
    await page.getByTestId('empty-trash').click();
    await page.getByTestId('confirm-empty').click();
    await page.getByText('The trash is empty').waitFor();
    expect(readdirSync(path.join(host.home, 'trash'))).toEqual([]);
    await page.getByTestId('collection-all').click();
  });

  it('exports a trace and makes one of a part of it', async () => {
    await row('sample/copy-64k.mctrace').click();
    await page.getByTestId('export-trace').click();
    await page.getByTestId('format-csv').check();
    await page.getByTestId('export-from').fill('50');
    await page.getByTestId('export-until').fill('20');
    await page.getByText('not after the start').waitFor();
    expect(await page.getByTestId('export-write').isDisabled()).toBe(true);
    await page.getByTestId('export-from').fill('20');
    await page.getByTestId('export-until').fill('50');
    expect(await complaintsOf(page)).toEqual([]);
    const download = page.waitForEvent('download');
    await page.getByTestId('export-write').click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(/\.csv$/);
    const times = readFileSync(await file.path(), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => Number(line.split(',')[1]));
    expect(times.length).toBeGreaterThan(10);
    expect(Math.max(...times)).toBeLessThan(50_000);
    await page.getByTestId('export-dialog').waitFor({ state: 'detached' });

    await page.getByTestId('trim-trace').click();
    await page.getByTestId('trim-last').fill('99');
    expect(await page.getByTestId('trim-write').isDisabled()).toBe(true);
    await page.getByTestId('trim-last').fill('3');
    expect(await complaintsOf(page)).toEqual([]);
    await page.getByTestId('trim-write').click();
    await page.getByTestId('trim-dialog').waitFor({ state: 'detached' });
    const part = page.locator('[data-testid=trace-row][aria-selected=true]');
    await part.getByText('(part)').waitFor();
  });

  it('says when nothing can be written, and undoes nothing', async () => {
    rmSync(path.join(host.home, 'sample-notes'), { recursive: true, force: true });
    writeFileSync(path.join(host.home, 'sample-notes'), 'not a folder');
    await row('sample/copy-64k.mctrace').click();
    await page.getByTestId('new-tag').fill('lost');
    await page.keyboard.press('Enter');
    await page.getByText('Not written: the folder cannot be made').waitFor();
    expect(await row('sample/copy-64k.mctrace').getByText('lost').count()).toBe(0);
    rmSync(path.join(host.home, 'sample-notes'));
  });

  it('says that a trace is gone that somebody else removed', async () => {
    await row('user/dropped.mctrace').click();
    rmSync(path.join(host.traces, 'dropped.mctrace'));
    await page.getByTestId('export-trace').click();
    await page.getByTestId('export-dialog').getByText('no such trace in the library').waitFor();
    expect(await page.getByTestId('export-write').isDisabled()).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByTestId('remove-button').click();
    await row('user/dropped.mctrace').waitFor({ state: 'detached' });
  });

  it.each(['light', 'dark'] as const)('is accessible in %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect(await complaintsOf(page)).toEqual([]);
  });
});
