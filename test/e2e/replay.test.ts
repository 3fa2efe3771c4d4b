/** Replay in a real browser: by hand, by keyboard alone, and what it says when something is wrong. */
import { beforeAll, expect, it } from 'vitest';
import { complaintsOf } from './axe.ts';
import { describeLab } from './describe-lab.ts';

const LAZY = '#/replay/sample%2Fmap-lazy-host.mctrace';

await describeLab('Replay', ({ page }) => {
  const id = (name: string) => page.getByTestId(name);
  const text = async (name: string) => (await id(name).innerText()).trim();
  const go = async (hash: string) => {
    await page.evaluate((to) => {
      location.hash = to;
    }, hash);
  };
  /** Opens a sample as it is for somebody who comes to it first. */
  const open = async (hash = LAZY) => {
    await go('#/library');
    await id('trace-row').first().waitFor();
    await go(hash);
    await id('timeline-canvas').waitFor();
    await id('timeline-canvas').focus();
  };

  beforeAll(async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
  });

  it('says that a trace is not there, and stays usable', async () => {
    await go('#/replay/user%2Fgone.mctrace');
    await id('error-state').waitFor();
    expect(await text('error-state')).toContain('could not be opened');
    await open();
  });

  it('plays, pauses, and loops over a range that was set by keys', async () => {
    await open();
    const before = await text('time');
    await page.keyboard.press('Space');
    await expect.poll(() => text('time')).not.toBe(before);
    await page.keyboard.press('Space');
    const paused = await text('time');
    expect(await text('time')).toBe(paused);
    await page.keyboard.press('i');
    await page.keyboard.press('l');
    expect(await id('loop').getAttribute('aria-pressed')).toBe('true');
    const from = await id('range-from').getAttribute('aria-valuenow');
    await id('range-to').focus();
    await page.keyboard.press('Shift+ArrowLeft');
    expect(await id('range-from').getAttribute('aria-valuenow')).toBe(from);
    await page.keyboard.press('Escape');
    expect(await id('range-to').count()).toBe(0);
  });

  it('steps from event to event, and goes back to the view before', async () => {
    await open();
    await page.keyboard.press('ArrowRight');
    await id('event-panel').waitFor();
    const first = await text('event-start');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => text('event-start')).not.toBe(first);
    const span = await text('visible-span');
    // A view counts when it has come to rest.
    await page.waitForTimeout(400);
    await page.keyboard.press('Home');
    await page.waitForTimeout(400);
    expect(await text('visible-span')).not.toBe(span);
    await page.keyboard.press('Control+z');
    await expect.poll(() => text('visible-span')).toBe(span);
    await page.keyboard.press('Alt+ArrowRight');
    await expect.poll(() => text('visible-span')).not.toBe(span);
  });

  it('finds events, and says when there are none or the words are wrong', async () => {
    await open();
    await page.keyboard.press('/');
    await page.keyboard.type('kind:nothing');
    await page.keyboard.press('Enter');
    await expect.poll(() => text('find-said')).toContain('no kind');
    await id('find-input').fill('kind:IOTLB.inv');
    await page.keyboard.press('Enter');
    await expect.poll(() => text('event-name')).toBe('IOTLB.inv');
    await id('find-input').fill('kind:IOTLB.inv >10ms');
    await page.keyboard.press('Enter');
    await expect.poll(() => text('find-said')).toBe('nothing further on');
    await id('find-input').fill('kind:IOTLB.inv');
    await id('find-list').click();
    await expect.poll(() => text('events-found')).toMatch(/^\d+\sevents?$/);
    const names = await id('event-row').allInnerTexts();
    expect(names.length).toBeGreaterThan(0);
    expect(names.every((row) => row.includes('IOTLB.inv'))).toBe(true);
    await id('find-input').press('Escape');
    await id('events-filter').fill('');
  });

  it('keeps a mark with the trace', async () => {
    await open();
    await page.keyboard.press('m');
    await id('mark-text').waitFor();
    expect(await page.getByRole('button', { name: 'Keep' }).isDisabled()).toBe(true);
    await page.keyboard.type('look here');
    await page.keyboard.press('Enter');
    await id('mark-box').waitFor({ state: 'detached' });
    await page.reload();
    await id('timeline-canvas').waitFor();
    await id('tab-marks').click();
    await expect.poll(() => text('marks-list')).toContain('look here');
    await page.getByRole('button', { name: 'Remove the mark look here' }).click();
    await id('marks-list').waitFor({ state: 'detached' });
    await page.keyboard.press('Control+z');
    await expect.poll(() => text('marks-list')).toContain('look here');
    await page.keyboard.press('Control+y');
    await id('marks-list').waitFor({ state: 'detached' });
  });

  it('sums up a range that was dragged in the ruler', async () => {
    await open();
    const box = await id('timeline-canvas').boundingBox();
    if (box === null) throw new Error('there is no timeline');
    await page.mouse.move(box.x + 100, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + 400, box.y + 12, { steps: 4 });
    await page.mouse.up();
    await id('range-row').first().waitFor();
    expect(Number((await text('range-events')).replace(/\D/g, ''))).toBeGreaterThan(10);
    const hash = new URL(page.url()).hash;
    await expect.poll(() => new URL(page.url()).hash).toMatch(/a=\d+&b=\d+/);
    expect(hash).toContain('replay');
  });

  it('lists what is about a frame, whatever name it has there', async () => {
    await open();
    await id('tab-events').click();
    await id('events-filter').fill('mfn:0x7fffffff');
    await expect.poll(() => text('events-found')).toBe('0\u00a0events');
    await id('events-filter').fill('');
    // From a device's access: its frame is an iova, which the map of the IOMMU leads to the mfn.
    await id('events-filter').fill('kind:IOMMU.map');
    await id('event-row').first().waitFor();
    const cell = id('event-row').first().getByRole('gridcell').nth(8);
    const mfn = (await cell.innerText()).trim();
    expect(mfn).toMatch(/^0x[0-9a-f]+$/);
    await id('events-filter').fill(`mfn:${mfn}`);
    await expect.poll(() => id('events-list').innerText()).toContain('DMA.rd');
    const list = await id('events-list').innerText();
    for (const name of ['IOVA.alloc', 'IOMMU.map', 'IOMMU.unmap']) expect(list).toContain(name);
    await id('events-filter').fill('');
  });

  it('scrolls its table sideways, and keeps the names in sight', async () => {
    await open();
    await id('tab-events').click();
    await id('event-row').first().waitFor();
    const left = async (column: number) =>
      (await id('event-row').first().getByRole('gridcell').nth(column).boundingBox())?.x ?? 0;
    const [name, status] = [await left(2), await left(10)];
    await id('events-list').evaluate((list) => {
      list.scrollLeft = 200;
    });
    await expect.poll(() => left(10)).toBeLessThan(status);
    expect(Math.abs((await left(2)) - name)).toBeLessThan(10);
    await id('events-list').evaluate((list) => {
      list.scrollLeft = 0;
    });
  });

  it('says how full each queue is, and what is not recorded', async () => {
    await open();
    await id('tab-rings').click();
    await id('ring-row').first().waitFor();
    expect(await text('rings')).toMatch(/slots/);
    expect(await text('rings')).toContain('no number stands where the events name no request');
    await id('tab-iotlb').click();
    await expect.poll(() => text('state-panel')).toContain('is not recorded');
    await id('tab-reach').click();
  });

  it('tells a hazard as a story', async () => {
    await open();
    await page.keyboard.press('h');
    await id('hazard-story').waitFor();
    await id('without').first().waitFor();
    const story = await text('hazard-story');
    for (const part of ['What happened', 'Why it is possible', 'Without it', 'It ends']) {
      expect(story).toContain(part);
    }
  });

  it('shows the state at the playhead, by keys from a cell to its events', async () => {
    await open();
    await id('tab-reach').click();
    await id('reach-cells').focus();
    await page.keyboard.press('ArrowRight');
    await id('frame-box').waitFor();
    expect(await text('frame-box')).toContain('mfn 0x');
    await page.keyboard.press('Enter');
    await expect.poll(() => id('events-filter').inputValue()).toMatch(/^mfn:0x/);
    for (const tab of ['grants', 'iommu', 'iotlb', 'rings', 'cpus']) {
      await id(`tab-${tab}`).click();
      await id('state-panel').locator('[role=tabpanel]').waitFor();
    }
    await id('events-filter').fill('');
    await id('tab-reach').click();
  });

  it('follows a request in lanes and as a list', async () => {
    await open();
    await page.keyboard.press(']');
    await page.keyboard.press(']');
    await id('tab-request').getByText('Request #').waitFor();
    if ((await id('request-tab').count()) === 0) await id('tab-request').click();
    await id('journey').waitFor();
    await page.getByRole('radio', { name: 'list' }).click();
    await id('journey').waitFor({ state: 'detached' });
    await page.getByRole('radio', { name: 'lanes' }).click();
  });

  it.each(['light', 'dark'] as const)('is accessible with all of it open, in %s', async (theme) => {
    await page.emulateMedia({ colorScheme: theme });
    for (const tab of ['request', 'events', 'hazards', 'selection', 'marks', 'summary'] as const) {
      await id(`tab-${tab}`).click();
      if ((await page.getByRole('tabpanel').count()) < 2) await id(`tab-${tab}`).click();
      if (tab === 'hazards') await id('hazard-row').first().click();
      expect(await complaintsOf(page)).toEqual([]);
    }
    for (const tab of ['grants', 'rings', 'cpus', 'reach'] as const) {
      await id(`tab-${tab}`).click();
      expect(await complaintsOf(page)).toEqual([]);
    }
  });
});
