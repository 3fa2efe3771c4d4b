/** A CSV file in the library: what its columns are is guessed, changed by the user, and used. */
import { expect, it } from 'vitest';
import { complaintsOf } from './axe.ts';
import { describeLab } from './describe-lab.ts';

const CSV = {
  name: 'figures.csv',
  mimeType: 'text/csv',
  buffer: Buffer.from('time_us,what,iova,size\n1,flush,0x1000,4096\n2.5,odd,0x2000,64\n'),
};

await describeLab('a CSV file', ({ page }) => {
  const choose = async () => {
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose files…' }).first().click();
    await (await chooser).setFiles(CSV);
    const form = page.getByTestId('csv-mapping');
    await form.waitFor();
    return form;
  };

  it('is not imported when its user thinks better of it, or says nothing of time and name', async () => {
    const form = await choose();
    await form.getByLabel('time_us').selectOption('nothing');
    expect(await form.getByRole('alert').textContent()).toContain('time');
    expect(await form.getByRole('button', { name: 'Import', exact: true }).isDisabled()).toBe(true);
    expect(await complaintsOf(page)).toEqual([]);
    await form.getByRole('button', { name: 'Do not import' }).click();
    await form.waitFor({ state: 'detached' });
    await page.getByText('figures.csv: cancelled').waitFor();
  });

  it('is imported as its user says', async () => {
    const form = await choose();
    expect(await form.getByLabel('time_us').inputValue()).toBe('time');
    await form.getByLabel('what').selectOption('event name');
    await form.getByRole('button', { name: 'Import', exact: true }).click();
    await form.waitFor({ state: 'detached' });
    await page.getByTestId('import-counts').waitFor();
    expect(await page.getByTestId('import-format').textContent()).toBe('csv');
  });

  it('falls into columns as its user says, however it looks', async () => {
    const odd = 'ns|flag;0x1,5\n100|a;2\n200|b;3\n';
    await page
      .getByTestId('import-input')
      .setInputFiles({ ...CSV, name: 'odd.csv', buffer: Buffer.from(`time ${odd}`) });
    const form = page.getByTestId('csv-mapping');
    const titles = () => form.locator('th').allInnerTexts();
    await form.getByTestId('csv-delimiter').selectOption('a semicolon');
    await expect.poll(titles).toEqual(['time ns|flag', '0x1,5']);
    await form.getByTestId('csv-header').uncheck();
    await expect.poll(titles).toEqual(['column 1', 'column 2']);
    await form.getByTestId('csv-header').check();
    await form.getByTestId('csv-delimiter').selectOption('a bar');
    await expect.poll(titles).toEqual(['time ns', 'flag;0x1,5']);
    expect(await form.getByLabel('time ns').inputValue()).toBe('time');
    await form.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByTestId('finished-import').filter({ hasText: 'odd.csv' }).waitFor();
  });

  it('can be answered later, and several that are alike at once', async () => {
    await page.getByTestId('clear-imports').click();
    const names = ['a.csv', 'b.csv', 'c.csv'];
    await page.getByTestId('import-input').setInputFiles(names.map((name) => ({ ...CSV, name })));
    const form = page.getByTestId('csv-mapping');
    await form.getByText('2 other files with these columns').waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByTestId('import-question').count()).toBe(3);
    await page.getByTestId('import-question').first().getByText('Columns…').click();
    await form.getByRole('button', { name: 'Import', exact: true }).click();
    await expect
      .poll(() => page.getByTestId('finished-import').count(), { timeout: 20_000 })
      .toBe(3);
  });
});

/** Of xentrace_format: an exit and the entry that ends it, 4800 cycles later. */
const XEN = {
  name: 'xen.txt',
  mimeType: 'text/plain',
  buffer: Buffer.from(
    `CPU0  100000000 (+       0)  VMEXIT      [ exitcode = 0x00000012, rIP  = 0xffffffff810013aa ]
CPU0  100004800 (+    4800)  VMENTRY
`,
  ),
};

await describeLab('a recording of xentrace', ({ page }) => {
  const dialog = page.getByTestId('clock-dialog');
  const rate = page.getByTestId('clock-rate');

  it('asks how fast its clock ran, and takes no nonsense', async () => {
    await page.getByTestId('import-input').setInputFiles(XEN);
    await dialog.waitFor();
    // What is typed goes into the field at once.
    await page.keyboard.type('5');
    expect(await rate.inputValue()).toBe('5');
    await rate.fill('fast');
    await dialog.getByText('not a number').waitFor();
    expect(await page.getByTestId('clock-import').isDisabled()).toBe(true);
    expect(await complaintsOf(page)).toEqual([]);
    await rate.fill('1000');
    await page.getByTestId('clock-import').click();
    await page.getByTestId('finished-import').getByText('2 events').waitFor();
    await page
      .getByTestId('selection')
      .getByText(/^4\.80\sµs$/)
      .waitFor();
  });

  it('is imported without an answer, and says what was assumed', async () => {
    await page.getByTestId('import-input').setInputFiles({ ...XEN, name: 'unknown.txt' });
    await page.getByRole('button', { name: 'Import with 2400 MHz' }).click();
    await page
      .getByTestId('selection')
      .getByText(/^2\.00\sµs$/)
      .waitFor();
    await page.getByTestId('show-problems').click();
    await page.getByTestId('problem-lines').getByText('2.4 GHz is assumed').waitFor();
  });
});
