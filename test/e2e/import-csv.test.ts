/** A CSV file in the library: what its columns are is guessed, changed by the user, and used. */
import { expect, it } from 'vitest';
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
    expect(await form.getByRole('button', { name: 'Import' }).isDisabled()).toBe(true);
    await form.getByRole('button', { name: 'Cancel' }).click();
    await form.waitFor({ state: 'detached' });
    await page.getByText('figures.csv: cancelled').waitFor();
  });

  it('is imported as its user says', async () => {
    const form = await choose();
    expect(await form.getByLabel('time_us').inputValue()).toBe('time');
    await form.getByLabel('what').selectOption('event name');
    await form.getByRole('button', { name: 'Import' }).click();
    await form.waitFor({ state: 'detached' });
    await page.getByTestId('import-counts').waitFor();
    expect(await page.getByTestId('import-format').textContent()).toBe('csv');
  });
});
