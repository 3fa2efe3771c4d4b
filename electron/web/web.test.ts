import type { IncomingMessage } from 'node:http';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageFile } from '../page/files.ts';
import { CONTENT_SECURITY_POLICY } from '../page/policy.ts';
import { isOwnHost, isOwnOrigin } from './origin.ts';
import { Secrets } from './secrets.ts';
import { safeName } from './uploads.ts';

describe('secrets', () => {
  it.each(['', 'x', '0'.repeat(64)])('do not admit %j', (secret) => {
    const secrets = new Secrets();
    secrets.issueToken();
    expect(secrets.admit(secret)).toBeUndefined();
  });

  it('admit a token once', () => {
    const secrets = new Secrets();
    const token = secrets.issueToken();
    expect(secrets.admit(token)).toMatch(/^[0-9a-f]{64}$/);
    expect(secrets.admit(token)).toBeUndefined();
  });

  it('admit a session again and again, but a token is no session', () => {
    const secrets = new Secrets();
    const token = secrets.issueToken();
    expect(secrets.isSession(token)).toBe(false);
    const session = secrets.admit(token) as string;
    expect(secrets.admit(session)).toBe(session);
    expect(secrets.isSession(session)).toBe(true);
  });

  it('forget the oldest of very many sessions', () => {
    const secrets = new Secrets();
    const sessions = Array.from(
      { length: 65 },
      () => secrets.admit(secrets.issueToken()) as string,
    );
    expect(secrets.isSession(sessions[0] as string)).toBe(false);
    expect(secrets.isSession(sessions[64] as string)).toBe(true);
  });
});

describe('origin', () => {
  const request = (headers: Record<string, string>) => ({ headers }) as unknown as IncomingMessage;

  it.each([
    ['127.0.0.1:80', true],
    ['localhost:80', true],
    ['127.0.0.1:81', false],
    ['127.0.0.1', false],
    ['evil.example:80', false],
    ['127.0.0.1:80.evil.example', false],
  ])('host %s: %s', (host, own) => expect(isOwnHost(request({ host }), 80)).toBe(own));

  it('must be the same', () => {
    const host = '127.0.0.1:80';
    expect(isOwnOrigin(request({ host, origin: 'http://127.0.0.1:80' }), 'refused')).toBe(true);
    expect(isOwnOrigin(request({ host, origin: 'http://localhost:80' }), 'refused')).toBe(false);
    expect(isOwnOrigin(request({ host, origin: 'null' }), 'allowed')).toBe(false);
    expect(isOwnOrigin(request({ host }), 'allowed')).toBe(true);
    expect(isOwnOrigin(request({ host }), 'refused')).toBe(false);
  });
});

describe('files of the page', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-page-'));
    mkdirSync(path.join(root, 'page/assets'), { recursive: true });
    mkdirSync(path.join(root, 'page-2'));
    writeFileSync(path.join(root, 'page/index.html'), '');
    writeFileSync(path.join(root, 'page/assets/a b.js'), '');
    writeFileSync(path.join(root, 'secret.txt'), '');
    writeFileSync(path.join(root, 'page-2/secret.txt'), '');
    symlinkSync(path.join(root, 'secret.txt'), path.join(root, 'page/link.txt'));
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '/../page-2/secret.txt',
    '//etc/hosts.txt',
    '/link.txt',
    '/index.html%00.txt',
    '/%zz',
    '/assets',
    '/none.js',
    '/.bashrc',
  ])('do not include %s', (urlPath) => {
    expect(pageFile(path.join(root, 'page'), urlPath)).toBeUndefined();
  });

  it.each([
    ['/', 'index.html', 'text/html; charset=utf-8'],
    ['/index.html', 'index.html', 'text/html; charset=utf-8'],
    ['/assets/a%20b.js', 'assets/a b.js', 'text/javascript; charset=utf-8'],
  ])('include %s', (urlPath, file, contentType) => {
    const found = pageFile(path.join(root, 'page'), urlPath);
    expect(found?.file.endsWith(path.join('page', file))).toBe(true);
    expect(found?.contentType).toBe(contentType);
  });
});

describe('names of uploads', () => {
  it.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\traces\\a.txt', 'a.txt'],
    ['a\u0000b', 'a_b'],
    ['..', 'upload'],
    ['', 'upload'],
    ['trace ü.txt', 'trace ü.txt'],
  ])('%j is stored as %j', (name, stored) => expect(safeName(name)).toBe(stored));
});

describe('the policy', () => {
  it('allows nothing inline and nothing from elsewhere', () => {
    expect(CONTENT_SECURITY_POLICY).toContain("default-src 'none'");
    expect(CONTENT_SECURITY_POLICY).not.toMatch(/unsafe|https?:|\*/);
  });
});
