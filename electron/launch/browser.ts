/** The browser host as a program: `npm start` without Electron, and `mapcopy serve`. */
import os from 'node:os';
import path from 'node:path';
import { homeFolder } from '../lab/folder.ts';
import { startWebHost } from '../web/host.ts';
import { hasDisplay } from './electron-runtime.ts';
import { isFresh } from './freshness.ts';
import { openBrowser } from './open-browser.ts';

export const ROOT = path.resolve(import.meta.dirname, '../..');

export interface ServeOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Show the page in the user's browser where there is a display. */
  readonly open: boolean;
  out(text: string): void;
  err(text: string): void;
  onStop(listener: (signal: string) => void): () => void;
}

/** Builds the page when it is missing or older than its sources. */
export async function ensurePage(err: (text: string) => void): Promise<void> {
  const built = path.join(ROOT, 'dist/renderer/index.html');
  const sources = ['renderer', 'core', 'package.json'].map((name) => path.join(ROOT, name));
  if (isFresh(built, sources)) return;
  err('Building the page...\n');
  const { buildPage } = await import('../build/page.ts');
  await buildPage(ROOT);
}

/** Serves until the user or the system ends it. */
export async function serveBrowser(options: ServeOptions): Promise<void> {
  const { env, platform } = process;
  await ensurePage((text) => options.err(text));
  const host = await startWebHost({
    home: homeFolder({ env, platform, userHome: os.homedir() }),
    samples: path.join(ROOT, 'traces/samples'),
    pageRoot: path.join(ROOT, 'dist/renderer'),
    port: options.port,
  });
  const announce = () => {
    const address = host.newAddress();
    options.out(`Mapcopy is at ${address}\n`);
    return address;
  };
  const address = announce();
  const terminal = process.stdin.isTTY;
  options.err(
    `The address works once${terminal ? '; press Enter for a new one' : ''}. Ctrl-C ends Mapcopy.\n`,
  );
  if (terminal) process.stdin.on('data', announce);
  if (options.open && hasDisplay({ env, platform })) openBrowser(address, platform);
  await new Promise<void>((resolve) => {
    const release = options.onStop((signal) => {
      process.stdin.off('data', announce);
      process.stdin.pause();
      void host.close(`stopped by ${signal}`).then(() => {
        release();
        resolve();
      });
    });
  });
}
