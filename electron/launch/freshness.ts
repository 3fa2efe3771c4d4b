import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** Is `built` there, and newer than every source it was made of? Tests do not count. */
export function isFresh(built: string, sources: readonly string[]): boolean {
  const made = statSync(built, { throwIfNoEntry: false })?.mtimeMs;
  return made !== undefined && sources.every((source) => newest(source) <= made);
}

/** Time of the latest change below a folder or of a file; 0 where there is none. */
function newest(place: string): number {
  const stats = statSync(place, { throwIfNoEntry: false });
  if (stats === undefined) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  let latest = 0;
  for (const entry of readdirSync(place, { withFileTypes: true })) {
    if (entry.name.startsWith('.') || /\.test\.ts$|\.md$/.test(entry.name)) continue;
    latest = Math.max(latest, newest(path.join(place, entry.name)));
  }
  return latest;
}
