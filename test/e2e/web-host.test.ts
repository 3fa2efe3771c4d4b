/** The browser host on its wire: first what it must refuse, then what it serves. */
import { readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabError } from '../../core/contract/index.ts';
import { join, type Joined } from './socket.ts';
import { startHost, type TestHost } from './lab.ts';

let host: TestHost;
let session: string;
let first: Joined;
beforeAll(async () => {
  host = await startHost();
  first = await join({ port: host.port, secret: host.token });
  session = first.session;
});
afterAll(async () => {
  await host.stop();
});

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A request as it is spelt: nothing between us and the server mends its path. */
function ask(
  method: string,
  target: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: host.port, method, path: target, headers };
    const request = http.request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

describe('a socket is refused', () => {
  const at = () => ({ port: host.port, secret: session });

  it('for a token that was used', async () => {
    await expect(join({ ...at(), secret: host.token })).rejects.toThrow('refused with 401');
  });
  it('for a secret that was made up', async () => {
    await expect(join({ ...at(), secret: '0'.repeat(64) })).rejects.toThrow('refused with 401');
  });
  it('from another origin', async () => {
    const origin = 'http://evil.example';
    await expect(join({ ...at(), origin })).rejects.toThrow('refused with 403');
  });
  it('from another port of this machine', async () => {
    const origin = `http://127.0.0.1:${host.port + 1}`;
    await expect(join({ ...at(), origin })).rejects.toThrow('refused with 403');
  });
  it('without an origin', async () => {
    await expect(join({ ...at(), origin: null })).rejects.toThrow('refused with 403');
  });
  it('under another name, as after DNS rebinding', async () => {
    const name = `evil.example:${host.port}`;
    await expect(join({ ...at(), host: name, origin: `http://${name}` })).rejects.toThrow(
      'refused with 421',
    );
  });
  it('without a secret', async () => {
    await expect(join({ ...at(), protocols: ['mapcopy'] })).rejects.toThrow('refused with 400');
  });
  it('elsewhere', async () => {
    await expect(join({ ...at(), path: '/other' })).rejects.toThrow('refused with 404');
  });
});

describe('a request is refused', () => {
  it.each([
    '/../package.json',
    '/%2e%2e/package.json',
    '/..%2f..%2fpackage.json',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/..%5c..%5cpackage.json',
    '//etc/passwd',
    '/none.js',
  ])('for %s', async (target) => {
    expect((await ask('GET', target)).status).toBe(404);
  });

  it('under another name', async () => {
    expect((await ask('GET', '/', { host: 'evil.example' })).status).toBe(421);
  });
  it('from another origin', async () => {
    expect((await ask('GET', '/', { origin: 'http://evil.example' })).status).toBe(403);
  });
  it.each(['POST', 'DELETE', 'PUT'])('by %s', async (method) => {
    expect((await ask(method, '/')).status).toBe(405);
  });
  it('for a trace without a session', async () => {
    expect((await ask('GET', '/trace?id=sample/x.mctrace')).status).toBe(401);
    expect((await ask('GET', `/trace?id=sample/x.mctrace&session=${host.token}`)).status).toBe(401);
  });
  it.each(['user/../names.json', 'sample/../../package.json', '/etc/passwd', ''])(
    'for the trace %j',
    async (id) => {
      const target = `/trace?id=${encodeURIComponent(id)}&session=${session}`;
      expect((await ask('GET', target)).status).toBe(404);
    },
  );
  it('for a finished file without a session, by another way, or under a made-up id', async () => {
    const id = '0'.repeat(32);
    expect((await ask('GET', `/delivery?id=${id}`)).status).toBe(401);
    expect((await ask('GET', `/delivery?id=${id}&session=${host.token}`)).status).toBe(401);
    expect((await ask('HEAD', `/delivery?id=${id}&session=${session}`)).status).toBe(405);
    for (const made of [id, '', '..', '..%2f..%2fetc%2fpasswd']) {
      expect((await ask('GET', `/delivery?id=${made}&session=${session}`)).status).toBe(404);
    }
  });
  it('for an upload without a session, a name, or from elsewhere', async () => {
    const secret = { 'x-mapcopy-session': session };
    expect((await ask('PUT', '/upload?name=a.txt', {}, 'x')).status).toBe(401);
    expect((await ask('PUT', '/upload', secret, 'x')).status).toBe(400);
    expect((await ask('POST', '/upload?name=a.txt', secret, 'x')).status).toBe(405);
    const foreign = { ...secret, origin: 'http://evil.example' };
    expect((await ask('PUT', '/upload?name=a.txt', foreign, 'x')).status).toBe(403);
  });
  it('for an upload that is too large, before it is sent', async () => {
    const headers = { 'x-mapcopy-session': session, 'content-length': String(2 ** 43) };
    const status = await new Promise((resolve, reject) => {
      const target = '/upload?name=a.txt';
      const options = { host: '127.0.0.1', port: host.port, method: 'PUT', path: target, headers };
      const request = http.request(options, (response) => {
        resolve(response.statusCode);
        request.destroy();
      });
      request.on('error', reject);
      request.flushHeaders();
    });
    expect(status).toBe(413);
  });
});

describe('a call is refused', () => {
  it('that names a file', async () => {
    const source = { kind: 'path', path: '/etc/passwd' } as const;
    await expect(first.client.call('library.import', { source })).rejects.toMatchObject({
      data: { code: 'BAD_ARGUMENT' },
    });
    const out = path.join(host.home, 'x.mctrace');
    await expect(
      first.client.call('experiment.run', { scenario: {}, record: true, out }),
    ).rejects.toMatchObject({ data: { code: 'BAD_ARGUMENT' } });
  });

  it('that is not JSON, and the socket with it', async () => {
    const other = await join({ port: host.port, secret: session });
    other.socket.send('not json');
    expect(await other.closed).toBe(1007);
  });
});

describe('the host', () => {
  it('serves its page with the policy', async () => {
    const { status, headers } = await ask('GET', '/');
    expect(status).toBe(200);
    expect(headers['content-type']).toContain('text/html');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
  });

  it('answers the same session again, as after a reload', async () => {
    const again = await join({ port: host.port, secret: session });
    expect(again.session).toBe(session);
    expect((await again.client.call('lab.about', {})).library).toBe(host.traces);
    again.socket.close();
    await again.closed;
  });

  it('runs, records and hands out a trace, and takes it back', async () => {
    const { client } = first;
    const seen: number[] = [];
    const result = await client.call(
      'experiment.run',
      { scenario: { requests: 500 }, record: true },
      { onProgress: ({ done }) => seen.push(done) },
    );
    expect(seen.at(-1)).toBe(500);
    const id = result.trace as string;
    const target = `/trace?id=${encodeURIComponent(id)}&session=${session}`;
    const download = await ask('GET', target);
    const stored = readFileSync(path.join(host.traces, path.basename(id)));
    expect(download.headers['content-disposition']).toContain(path.basename(id));
    expect(download.body.equals(stored)).toBe(true);

    const secret = { 'x-mapcopy-session': session };
    const put = http.request({
      host: '127.0.0.1',
      port: host.port,
      method: 'PUT',
      path: '/upload?name=again.mctrace',
      headers: secret,
    });
    const body = await new Promise<string>((resolve, reject) => {
      put.on('error', reject);
      put.on('response', (response) => {
        response.setEncoding('utf8');
        response.on('data', resolve);
      });
      put.end(stored);
    });
    const { upload, name } = JSON.parse(body) as { upload: string; name: string };
    const brought = await client.call('library.import', {
      source: { kind: 'upload', upload, name },
    });
    expect(brought.entry).toMatchObject({ id: 'user/again.mctrace', problem: null });
    expect(brought.entry.events).toBe(result.events);
  });

  it('hands out an export, once', async () => {
    const samples = await first.client.call('library.list', {});
    const trace = samples.find(({ origin }) => origin === 'sample')?.id as string;
    const made = await first.client.call('trace.export', { trace, format: 'jsonl' });
    const target = `/delivery?id=${made.delivery}&session=${session}`;
    const { status, headers, body } = await ask('GET', target);
    expect(status).toBe(200);
    expect(headers['content-disposition']).toContain(made.name);
    expect(headers['cache-control']).toBe('no-store');
    expect(body.length).toBe(made.bytes);
    expect(body.toString().trimEnd().split('\n').length).toBe(made.events);
    expect((await ask('GET', target)).status).toBe(404);
  });

  it('ends the runs of a page that closes', async () => {
    const other = await join({ port: host.port, secret: session });
    const before = new Set(readdirSync(host.traces));
    const started = new Promise<void>((resolve) => {
      void other.client
        .call(
          'experiment.run',
          { scenario: { requests: 10_000_000 }, record: true },
          { onProgress: ({ done }) => done > 0 && resolve() },
        )
        .catch(() => undefined);
    });
    await started;
    other.socket.terminate();
    let fresh: string[];
    do {
      await new Promise((resolve) => setTimeout(resolve, 20));
      fresh = readdirSync(host.traces).filter((name) => !before.has(name));
    } while (fresh.some((name) => !name.endsWith('.mctrace')));
    expect(fresh).toHaveLength(1);
    const entries = await first.client.call('library.list', {});
    const entry = entries.find(({ id }) => id === `user/${fresh[0]}`);
    expect(entry).toMatchObject({ kind: 'interrupted', status: 'incomplete', problem: null });
  });

  // The last, for it ends the host.
  it('finishes recordings before it ends', async () => {
    const before = new Set(readdirSync(host.traces));
    const { client } = first;
    let end: Promise<unknown> | undefined;
    await new Promise<void>((resolve) => {
      end = client
        .call(
          'experiment.run',
          { scenario: { requests: 10_000_000 }, record: true },
          { onProgress: ({ done }) => done > 0 && resolve() },
        )
        .catch((error: unknown) => error);
    });
    host.child.kill('SIGTERM');
    expect((await host.ended).code).toBe(0);
    const fresh = readdirSync(host.traces).filter((name) => !before.has(name));
    expect(fresh).toEqual([expect.stringMatching(/\.mctrace$/)]);
    const { data } = (await end) as LabError;
    expect(['CANCELLED', 'HOST_LOST']).toContain(data.code);
  });
});
