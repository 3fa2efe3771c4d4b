import { spawn } from 'node:child_process';

/** Shows an address in the user's browser; says nothing when there is none. */
export function openBrowser(address: string, platform: NodeJS.Platform): void {
  const [program, ...args] = browserCommand(address, platform);
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined); // The address is on the terminal as well.
  child.unref();
}

/** The command that opens an address. */
export function browserCommand(address: string, platform: NodeJS.Platform): [string, ...string[]] {
  if (platform === 'darwin') return ['open', address];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', address];
  return ['xdg-open', address];
}
