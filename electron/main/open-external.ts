import type { ElectronApi } from './electron-api.ts';

/** Sites that the lab's own pages refer to: sources of its numbers and specifications. */
const HOSTS: ReadonlySet<string> = new Set([
  'docs.kernel.org',
  'docs.oasis-open.org',
  'github.com',
  'lore.kernel.org',
  'www.kernel.org',
  'www.usenix.org',
  'xenbits.xen.org',
  'xenbits.xenproject.org',
]);

/** May this address leave the app? Only https, only to a known site, with no name or password. */
export function isSafeExternal(address: string): boolean {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return false;
  }
  return (
    url.protocol === 'https:' &&
    HOSTS.has(url.hostname) &&
    url.port === '' &&
    url.username === '' &&
    url.password === ''
  );
}

/** The one way by which an address reaches the user's browser. @returns was it opened */
export async function openExternalSafely(
  shell: Pick<ElectronApi['shell'], 'openExternal'>,
  address: string,
): Promise<boolean> {
  if (!isSafeExternal(address)) return false;
  await shell.openExternal(address);
  return true;
}
