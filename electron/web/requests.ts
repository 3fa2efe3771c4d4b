/** Answers the host's plain HTTP requests: the page, uploads, downloads. */
import { createReadStream, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { LabError } from '../../core/contract/index.ts';
import type { Deliveries } from '../lab/deliveries.ts';
import { locateTrace, type LibraryPlaces } from '../lab/places.ts';
import { pageFile } from '../page/files.ts';
import { PAGE_HEADERS } from '../page/policy.ts';
import { isOwnHost, isOwnOrigin } from './origin.ts';
import type { Secrets } from './secrets.ts';
import { UploadRefused, type Uploads } from './uploads.ts';

export interface RequestContext {
  readonly pageRoot: string;
  readonly places: LibraryPlaces;
  readonly secrets: Secrets;
  readonly uploads: Uploads;
  readonly deliveries: Deliveries;
  readonly port: number;
}

/** Answers one request. Never throws: what fails is answered with a status. */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  context: RequestContext,
): Promise<void> {
  for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
  try {
    if (!isOwnHost(request, context.port)) return refuse(response, 421, 'unknown host');
    if (!isOwnOrigin(request, 'allowed')) return refuse(response, 403, 'foreign origin');
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (url.pathname === '/upload') return await upload(request, response, url, context);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return refuse(response, 405, 'method not allowed');
    }
    if (url.pathname === '/trace') return await download(request, response, url, context);
    if (url.pathname === '/delivery') return await deliver(request, response, url, context);
    return await page(request, response, url, context);
  } catch (error) {
    if (!response.headersSent) refuse(response, 500, 'the host failed');
    else response.destroy(error as Error);
  }
}

async function page(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  { pageRoot }: RequestContext,
): Promise<void> {
  const found = pageFile(pageRoot, url.pathname);
  if (found === undefined) return refuse(response, 404, 'not found');
  await sendFile(request, response, found.file, { 'Content-Type': found.contentType });
}

async function download(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  { places, secrets }: RequestContext,
): Promise<void> {
  if (!secrets.isSession(url.searchParams.get('session') ?? '')) {
    return refuse(response, 401, 'unknown session');
  }
  let file: string;
  try {
    ({ file } = locateTrace(places, url.searchParams.get('id') ?? ''));
  } catch (error) {
    if (error instanceof LabError) return refuse(response, 404, error.message);
    throw error;
  }
  await sendFile(request, response, file, {
    'Content-Type': 'application/vnd.sqlite3',
    'Content-Disposition': attachment(file),
  });
}

/** A file that the lab has made for the user: sent once, then it is gone. */
async function deliver(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  { secrets, deliveries }: RequestContext,
): Promise<void> {
  if (!secrets.isSession(url.searchParams.get('session') ?? '')) {
    return refuse(response, 401, 'unknown session');
  }
  if (request.method !== 'GET') return refuse(response, 405, 'method not allowed');
  const id = url.searchParams.get('id') ?? '';
  const file = deliveries.take(id);
  if (file === undefined) return refuse(response, 404, 'not found');
  try {
    await sendFile(request, response, file, {
      'Content-Type': 'application/octet-stream',
      'Content-Disposition': attachment(file),
      'Cache-Control': 'no-store',
    });
  } finally {
    deliveries.remove(id);
  }
}

function attachment(file: string): string {
  return `attachment; filename*=UTF-8''${encodeURIComponent(path.basename(file))}`;
}

async function upload(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  { secrets, uploads }: RequestContext,
): Promise<void> {
  if (request.method !== 'PUT') return refuse(response, 405, 'method not allowed');
  const session = request.headers['x-mapcopy-session'];
  if (typeof session !== 'string' || !secrets.isSession(session)) {
    return refuse(response, 401, 'unknown session');
  }
  const name = url.searchParams.get('name') ?? '';
  if (name === '' || name.length > 500) return refuse(response, 400, 'a file needs a name');
  try {
    const id = await uploads.receive(request, name);
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.end(JSON.stringify({ upload: id, name }));
  } catch (error) {
    if (!(error instanceof UploadRefused)) throw error;
    refuse(response, error.status, error.message);
  }
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: string,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  response.writeHead(200, { ...headers, 'Content-Length': statSync(file).size });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(file), response);
}

/** Answers with a status and closes, for the body of a refused request is not read. */
function refuse(response: ServerResponse, status: number, message: string): void {
  if (!response.writable) return;
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    Connection: 'close',
  });
  response.end(`${message}\n`);
}
