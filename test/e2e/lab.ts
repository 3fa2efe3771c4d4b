/** The browser host as its users start it: a process of its own, on a library of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';

export const ROOT = path.resolve(import.meta.dirname, '../..');

/** A Node that cannot run TypeScript: the guard starts the bundled one behind it. */
export const BEHIND_GUARD = ['--no-experimental-strip-types'];

/** A process of ours and what it printed. */
export interface Running {
  readonly child: ChildProcess;
  readonly output: () => { out: string; err: string };
  /** Resolves with exit status and signal. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/**
 * Runs an entry point of the project.
 * @param nodeArgs for Node itself: `BEHIND_GUARD` makes it one that cannot run the sources
 */
export function runEntry(
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  nodeArgs: readonly string[] = [],
): Running {
  const child = spawn(process.execPath, [...nodeArgs, path.join(ROOT, script), ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  return { child, output: () => ({ out, err }), ended };
}

/** Waits until `find` gives something; fails with what the process printed when it ends first. */
export async function until<T>(running: Running, find: () => T | undefined): Promise<T> {
  let over = false;
  void running.ended.then(() => (over = true));
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    if (over) throw new Error(`the process ended: ${JSON.stringify(running.output())}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A host on a temporary library. */
export interface TestHost extends Running {
  readonly home: string;
  readonly traces: string;
  readonly address: string;
  readonly port: number;
  readonly token: string;
  /** Ends the host and removes its library. */
  readonly stop: () => Promise<void>;
}

/** @param home a library that is there; a new one that goes again when left out */
export async function startHost(
  home = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-e2e-')),
): Promise<TestHost> {
  const running = runEntry('electron/mapcopy.mjs', ['serve', '--no-open'], { MAPCOPY_HOME: home });
  const pattern = /(http:\/\/127\.0\.0\.1:(\d+)\/)#token=(\w+)/;
  const match = await until(running, () => pattern.exec(running.output().out) ?? undefined);
  return {
    ...running,
    home,
    traces: path.join(home, 'traces'),
    address: match[0],
    port: Number(match[2]),
    token: match[3] as string,
    stop: async () => {
      running.child.kill('SIGTERM');
      await running.ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A page that fails its test when the browser complains of anything. */
export interface WatchedPage {
  readonly page: Page;
  /** Console errors, uncaught errors and violations of the policy so far. */
  readonly complaints: string[];
}

export async function openPage(browser: Browser, address: string): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`error: ${error.stack ?? error.message}`));
  await page.exposeFunction('reportViolation', (text: string) => {
    complaints.push(`policy: ${text}`);
  });
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      const page = globalThis as unknown as { reportViolation: (text: string) => void };
      page.reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
    });
  });
  await page.goto(address);
  return { page, complaints };
}
