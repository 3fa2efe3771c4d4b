/** The rooms, in light and dark, as a checker for accessibility sees them; and by keyboard alone. */
import { beforeAll, describe, expect, it } from 'vitest';
import { complaintsOf } from './axe.ts';
import { describeLab } from './describe-lab.ts';

await describeLab('the lab', ({ page }) => {
  describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
    beforeAll(() => page.emulateMedia({ colorScheme, reducedMotion: 'reduce' }));

    it('has an accessible Library', async () => {
      await page.getByTestId('nav-library').click();
      await page.getByTestId('trace-row').first().waitFor();
      expect(await complaintsOf(page)).toEqual([]);
    });

    it('has an accessible Experiment', async () => {
      await page.getByTestId('nav-experiment').click();
      await page.getByTestId('choose-grant-map').waitFor();
      expect(await complaintsOf(page)).toEqual([]);
    });

    it('has an accessible Replay', async () => {
      await page.getByTestId('nav-library').click();
      await page.getByTestId('trace-row').first().dblclick();
      await page.getByTestId('visible-span').waitFor();
      expect(await complaintsOf(page)).toEqual([]);
    });
  });

  it('opens a trace by keyboard', async () => {
    await page.getByTestId('nav-library').click();
    await page.getByTestId('trace-row').first().focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('visible-span').waitFor();
  });
});
