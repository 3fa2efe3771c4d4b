/** The greatest memory of a process. */
import { existsSync, readFileSync } from 'node:fs';

const STATUS = '/proc/self/status';

/**
 * The greatest memory this process has had, in MiB. On Linux, what `getrusage` tells is no less than the memory of
 * whoever started it.
 */
export function peakMiB(): number {
  const status = existsSync(STATUS) ? readFileSync(STATUS, 'utf8') : '';
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
  return (kib === undefined ? process.resourceUsage().maxRSS : Number(kib)) / 1024;
}
