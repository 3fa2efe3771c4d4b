/** Finds out which host this page runs in and connects to its lab. Call again after a loss. */
import { connectBrowser } from './browser.ts';
import { connectDesktop } from './desktop.ts';
import type { Connection } from './types.ts';

export async function connect(): Promise<Connection> {
  if (window.mapcopy !== undefined) return await connectDesktop(window.mapcopy);
  // The synthetic lab is for development and is not part of a production build.
  if (import.meta.env.DEV && new URLSearchParams(location.search).has('fake')) {
    const { connectFake } = await import('./fake.ts');
    return connectFake();
  }
  return await connectBrowser();
}
