/** Finds out which host this page runs in and connects to its lab. Call again after a loss. */
import { connectBrowser } from './browser.ts';
import { connectDesktop } from './desktop.ts';
import type { Connection } from './types.ts';

export async function connect(): Promise<Connection> {
  if (window.mapcopy !== undefined) return await connectDesktop(window.mapcopy);
  return await connectBrowser();
}
