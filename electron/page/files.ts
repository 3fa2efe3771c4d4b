/** Files of the built page. */
import { realpathSync, statSync } from 'node:fs';
import path from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.ico': 'image/x-icon',
  '.map': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};

export interface PageFile {
  readonly file: string;
  readonly contentType: string;
}

/**
 * The file of the page that a URL path means, or undefined. The path comes from outside: whatever
 * it spells, the answer lies within `root` after symbolic links are followed.
 */
export function pageFile(root: string, urlPath: string): PageFile | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(urlPath);
  } catch {
    return undefined;
  }
  if (/[\0\\]/.test(decoded)) return undefined;
  const relative = decoded === '/' ? 'index.html' : decoded.replace(/^\/+/, '');
  const contentType = TYPES[path.extname(relative).toLowerCase()];
  if (contentType === undefined) return undefined;
  try {
    const realRoot = realpathSync(root);
    const file = realpathSync(path.resolve(realRoot, relative));
    if (!file.startsWith(realRoot + path.sep) || !statSync(file).isFile()) return undefined;
    return { file, contentType };
  } catch {
    return undefined; // Not there.
  }
}
