import type { IncomingMessage } from 'node:http';

/**
 * Did the request really mean this server? A page of a stranger can make a browser connect here
 * under a name of its own (DNS rebinding), but then `Host` is that name; and it can send requests
 * across origins, but then `Origin` is its own.
 */
export function isOwnHost(request: IncomingMessage, port: number): boolean {
  const { host } = request.headers;
  return host === `127.0.0.1:${port}` || host === `localhost:${port}`;
}

/** Same origin; `absent` says whether a request without the header will do. */
export function isOwnOrigin(request: IncomingMessage, absent: 'allowed' | 'refused'): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return absent === 'allowed';
  return origin === `http://${host ?? ''}`;
}
