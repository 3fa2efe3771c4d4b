/**
 * The same scenario gives the same events in Node and in Chromium: the simulator is bundled as it is,
 * run in a page, and its fingerprints are compared with the golden ones, which Node agrees with.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { goldenCases } from '../golden/cases.ts';
import { chromiumOrSkip } from './chromium.ts';

const GOLDEN = new URL('../golden/fingerprints.json', import.meta.url);
const ENTRY = fileURLToPath(new URL('./fingerprint-page.ts', import.meta.url));

/** The simulator as one classic script that sets `simulator`. */
async function bundle(): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      target: 'es2024',
      lib: { entry: ENTRY, formats: ['iife'], name: 'simulator' },
    },
  });
  const [first] = Array.isArray(output) ? output : [output];
  if (first === undefined || !('output' in first)) throw new Error('Vite built nothing');
  const [chunk] = first.output;
  return chunk.code;
}

describe('the simulator in Chromium', () => {
  let browser: Browser | undefined;
  let page: Page | undefined;

  beforeAll(async () => {
    browser = await chromiumOrSkip();
    page = await browser?.newPage();
    await page?.addScriptTag({ content: await bundle() });
  });
  afterAll(async () => {
    await browser?.close();
  });

  it('agrees with Node on every golden case', async ({ skip }) => {
    if (page === undefined) skip();
    const golden = JSON.parse(readFileSync(GOLDEN, 'utf8')) as Record<string, string>;
    const found = await page?.evaluate(
      (scenarios: [string, unknown][]) => {
        const { simulator } = globalThis as unknown as {
          simulator: { fingerprint(input: unknown): string };
        };
        return Object.fromEntries(
          scenarios.map(([name, scenario]) => [name, simulator.fingerprint(scenario)]),
        );
      },
      [...goldenCases()],
    );
    expect(found).toEqual(golden);
  });
});
