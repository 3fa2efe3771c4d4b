/** `app://lab/`: the built page, served from inside the app. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { pageFile } from '../page/files.ts';
import { PAGE_HEADERS } from '../page/policy.ts';

export const PAGE_SCHEME = 'app';
export const PAGE_ORIGIN = 'app://lab';
export const PAGE_URL = `${PAGE_ORIGIN}/index.html`;

/** Answers a request of the window; anything but a GET of a file of the page is refused. */
export function answerPage(request: Pick<Request, 'url' | 'method'>, pageRoot: string): Response {
  const refuse = (status: number) => new Response(null, { status, headers: { ...PAGE_HEADERS } });
  if (request.method !== 'GET') return refuse(405);
  const url = new URL(request.url);
  if (url.protocol !== `${PAGE_SCHEME}:` || url.host !== 'lab') return refuse(404);
  const found = pageFile(pageRoot, url.pathname);
  if (found === undefined) return refuse(404);
  const body = Readable.toWeb(createReadStream(found.file)) as ReadableStream<Uint8Array>;
  return new Response(body as unknown as BodyInit, {
    headers: { ...PAGE_HEADERS, 'Content-Type': found.contentType },
  });
}

/** Is this an address of our own page? Compared by parts: a text search could be fooled. */
export function isPage(address: string): boolean {
  try {
    const url = new URL(address);
    return url.protocol === `${PAGE_SCHEME}:` && url.host === 'lab';
  } catch {
    return false;
  }
}
