/**
 * What is built and packed, without Electron's runtime: the preload in a sandbox of our own, and a
 * real package around a stub of a runtime, with its archive and its fuses read back.
 */
import { extractFile, listPackage } from '@electron/asar';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import vm from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../core/contract/index.ts';
import { LAB_PORT_MESSAGE, type NativeBridge } from '../../core/contract/native.ts';
import { Deliveries } from '../../electron/lab/deliveries.ts';
import { serveQueries } from '../../electron/main/queries.ts';
import { CHANNELS } from '../../electron/preload/channels.ts';
import { forkUtility } from '../fixtures/utility-process.ts';
import { ROOT, runEntry } from './lab.ts';

/** States of a fuse as they are in the wire; the package keeps their names to itself. */
const FuseState = { DISABLE: 48, ENABLE: 49 };

const APP = path.join(ROOT, 'dist/app');

beforeAll(async () => {
  const build = runEntry('electron/build.mjs', [], {});
  expect(await build.ended).toEqual({ code: 0, signal: null });
});

describe('the built preload', () => {
  type Listener = (event: { ports: unknown[] }, value: unknown) => void;
  const listeners = new Map<string, Listener>();
  const sent: unknown[][] = [];
  const posted: unknown[][] = [];
  const exposed: Record<string, unknown> = {};

  beforeAll(() => {
    const electron = {
      contextBridge: {
        exposeInMainWorld: (name: string, value: unknown) => (exposed[name] = value),
      },
      ipcRenderer: {
        on: (channel: string, listener: Listener) => listeners.set(channel, listener),
        send: (...args: unknown[]) => sent.push(args),
        invoke: (...args: unknown[]) => {
          sent.push(args);
          return Promise.resolve([]);
        },
      },
      webUtils: { getPathForFile: () => '/dropped' },
    };
    const allowed: Record<string, unknown> = { electron };
    const require = (name: string): unknown => {
      if (!Object.hasOwn(allowed, name)) throw new Error(`a sandboxed preload has no ${name}`);
      return allowed[name];
    };
    const code = readFileSync(path.join(APP, 'preload.cjs'), 'utf8');
    const window = { postMessage: (...args: unknown[]) => posted.push(args) };
    const module = { exports: {} };
    const location = { origin: 'app://lab' };
    vm.runInNewContext(code, { require, window, location, module, exports: module.exports });
  });

  const bridge = () => exposed['mapcopy'] as NativeBridge;

  it('gives the page its verbs and nothing else', () => {
    expect(Object.keys(exposed)).toEqual(['mapcopy']);
    expect(Object.keys(bridge()).sort()).toEqual([
      'host',
      'onCommand',
      'onOpenFiles',
      'pathForFile',
      'pickFiles',
      'requestLabPort',
      'reveal',
      'saveFile',
      'setTheme',
    ]);
  });

  it('passes the port on, to this page alone', () => {
    bridge().requestLabPort('nonce');
    expect(sent.at(-1)).toEqual([CHANNELS.requestPort, 'nonce']);
    listeners.get(CHANNELS.port)?.({ ports: ['port'] }, 'nonce');
    const [message, origin, ports] = posted.at(-1) as unknown[];
    expect(message).toEqual({ type: LAB_PORT_MESSAGE, nonce: 'nonce' });
    expect([origin, ports]).toEqual(['app://lab', ['port']]);
  });

  it('keeps files that came early, and gives no event to the page', () => {
    listeners.get(CHANNELS.openFiles)?.({ ports: [] }, ['/a']);
    const calls: unknown[][] = [];
    const remove = bridge().onOpenFiles((...args) => calls.push(args));
    listeners.get(CHANNELS.openFiles)?.({ ports: [] }, ['/b']);
    remove();
    listeners.get(CHANNELS.openFiles)?.({ ports: [] }, ['/c']);
    expect(calls).toEqual([[['/a']], [['/b']]]);
  });
});

describe('the built lab', () => {
  const [a, b] = ['sample/copy-64k.mctrace', 'sample/map-64k.mctrace'] as const;
  const home = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-built-'));
  const deliveries = new Deliveries(path.join(home, 'deliveries'));
  const lab = forkUtility(path.join(APP, 'lab.js'));
  const client = createClient(lab.port);
  beforeAll(() => {
    serveQueries({ fork: forkUtility }, lab, path.join(APP, 'query.js'));
    const samples = path.join(ROOT, 'traces/samples');
    const options = { home, samples, uploads: null, deliveries: deliveries.folder };
    lab.postMessage({ type: 'start', options });
    (lab.postMessage as (message: unknown, ports: unknown[]) => void)(
      { type: 'client', reach: 'window' },
      ['port'],
    );
  });
  afterAll(async () => {
    const ended = new Promise((resolve) => lab.once('exit', resolve));
    lab.postMessage({ type: 'finish', reason: 'the test is over' });
    await ended;
    rmSync(home, { recursive: true, force: true });
  });
  const ask = (sql: string, signal?: AbortSignal) =>
    client.call('query.run', { trace: a, sql, limit: 10 }, signal === undefined ? {} : { signal });

  it('answers a query, but not one that writes', async () => {
    const { rows } = await ask(`SELECT value FROM meta WHERE key = 'status'`);
    expect(rows).toEqual([['complete']]);
    const error: unknown = await ask('DELETE FROM events').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ data: { code: 'BAD_ARGUMENT' } });
  });

  it('goes on after a query that would run for ever', async () => {
    const stop = new AbortController();
    const endless = `WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)
      SELECT count(*) FROM c`;
    const asked = ask(endless, stop.signal).catch((thrown: unknown) => thrown);
    setTimeout(() => stop.abort(), 700);
    expect(await asked).toMatchObject({ data: { code: 'CANCELLED' } });
    expect((await ask('SELECT 1')).rows).toEqual([[1]]);
  });

  it('compares and exports', async () => {
    expect((await client.call('diff.run', { a, b })).alignment).toBeDefined();
    const made = await client.call('trace.export', { trace: a, format: 'parquet' });
    expect(statSync(deliveries.take(made.delivery) as string).size).toBe(made.bytes);
  });

  it('draws a chart into a report, with the fonts that it brings', async () => {
    const chart = { chart: 'bars', source: { kind: 'traces', traces: [a, b] } };
    const spec = { format: 1, title: 'Built', sections: [{ kind: 'chart', chart }] };
    const made = await client.call('report.export', { spec, format: 'html' });
    const html = readFileSync(deliveries.take(made.delivery) as string, 'utf8');
    expect(html).toContain('<svg');
    expect(html).toContain("@font-face{font-family:'Inter Variable'");
  });
});

/** Enough of a runtime for electron-builder: a program with a fuse wire in it. */
function stubRuntime(folder: string): void {
  const wire = Buffer.concat([
    Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
    Buffer.from([1, 9]),
    Buffer.from('010011101'),
  ]);
  mkdirSync(path.join(folder, 'resources'), { recursive: true });
  const program = path.join(folder, 'electron');
  writeFileSync(program, Buffer.concat([Buffer.from('#!/bin/sh\nexit 0\n#'), wire]));
  chmodSync(program, 0o755);
  for (const name of ['LICENSE', 'LICENSES.chromium.html']) {
    writeFileSync(path.join(folder, name), '');
  }
  const { version } = JSON.parse(
    readFileSync(path.join(ROOT, 'node_modules/electron/package.json'), 'utf8'),
  ) as { version: string };
  writeFileSync(path.join(folder, 'version'), version);
}

describe.runIf(process.platform === 'linux')('a package', () => {
  let folder: string;
  let unpacked: string;
  let asar: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-package-'));
    stubRuntime(path.join(folder, 'runtime'));
    const args = ['--package', '--folder', '--electron', path.join(folder, 'runtime')];
    const pack = runEntry('electron/build.mjs', [...args, '--out', path.join(folder, 'out')], {});
    const end = await pack.ended;
    if (end.code !== 0) throw new Error(pack.output().err + pack.output().out);
    const name = readdirSync(path.join(folder, 'out')).find((each) => each.includes('unpacked'));
    unpacked = path.join(folder, 'out', name as string);
    asar = path.join(unpacked, 'resources/app.asar');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds the app, the page and the native modules, and little else', () => {
    const files = listPackage(asar, { isPack: false });
    for (const file of [
      'main.js',
      'lab.js',
      'query.js',
      'diff-worker.js',
      'files-worker.js',
      'import-worker.js',
      'recording-worker.js',
      'import-rows-worker.js',
      'preload.cjs',
    ]) {
      expect(files).toContain(`/dist/app/${file}`);
    }
    expect(files).toContain('/dist/renderer/index.html');
    const modules = new Set(
      files.map((file) => /^\/node_modules\/(@[^/]+\/[^/]+|[^@/][^/]*)/.exec(file)?.[1]),
    );
    modules.delete(undefined);
    const platform = [...modules].filter((name) => name?.startsWith('@napi-rs/canvas-linux-'));
    expect(platform).toHaveLength(1);
    expect([...modules].sort()).toEqual(['@napi-rs/canvas', ...platform, 'better-sqlite3']);
    expect(files.filter((file) => /\/(core|traces|electron|renderer|test)\//.test(file))).toEqual(
      files.filter((file) => file.startsWith('/dist/renderer/')),
    );
    const { main } = JSON.parse(extractFile(asar, 'package.json').toString()) as { main: string };
    expect(files).toContain(`/${main}`);
  });

  it('has native code outside the archive, for this system only', () => {
    const outside = path.join(unpacked, 'resources/app.asar.unpacked');
    const natives = readdirSync(outside, { recursive: true })
      .map(String)
      .filter((file) => file.endsWith('.node'))
      .map((file) => path.basename(file));
    expect(natives.length).toBeGreaterThan(0);
    expect(natives.every((name) => name.includes('linux-'))).toBe(true);
  });

  it('is small beside its runtime', () => {
    expect(statSync(asar).size).toBeLessThan(8 * 1024 ** 2);
  });

  it('brings the samples as files, which SQLite can open', () => {
    const shipped = readdirSync(path.join(ROOT, 'traces/samples')).filter((name) =>
      name.endsWith('.mctrace'),
    );
    for (const name of shipped) {
      expect(existsSync(path.join(unpacked, 'resources/samples', name))).toBe(true);
    }
  });

  it('has its fuses set', async () => {
    const wire = await getCurrentFuseWire(path.join(unpacked, 'mapcopy'));
    expect(wire[FuseV1Options.RunAsNode]).toBe(FuseState.DISABLE);
    expect(wire[FuseV1Options.EnableNodeOptionsEnvironmentVariable]).toBe(FuseState.DISABLE);
    expect(wire[FuseV1Options.EnableNodeCliInspectArguments]).toBe(FuseState.DISABLE);
    expect(wire[FuseV1Options.OnlyLoadAppFromAsar]).toBe(FuseState.ENABLE);
    expect(wire[FuseV1Options.GrantFileProtocolExtraPrivileges]).toBe(FuseState.DISABLE);
  });
});
