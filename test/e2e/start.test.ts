/** `npm start`: which host it chooses, and how it ends. */
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BEHIND_GUARD, ROOT, runEntry, until } from './lab.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-start-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}, nodeArgs: string[] = []) =>
  runEntry('electron/start.mjs', args, { MAPCOPY_HOME: folder, ...env }, nodeArgs);

describe('npm start', () => {
  it('says what is wrong with its options', async () => {
    const running = start(['--prot', '1']);
    expect((await running.ended).code).toBe(2);
    expect(running.output().err).toMatch(/^error: BAD_USAGE: .*did you mean --port\?/);
  });

  it('says so when its port is taken', async () => {
    const first = start(['--browser', '--no-open']);
    const match = await until(first, () => /:(\d+)\/#/.exec(first.output().out) ?? undefined);
    const second = start(['--browser', '--no-open', '--port', match[1] as string]);
    expect((await second.ended).code).toBe(2);
    expect(second.output().err).toMatch(/error: BAD_USAGE: .*EADDRINUSE.*--port/);
    first.child.kill('SIGTERM');
    expect((await first.ended).code).toBe(0);
  });

  it.skipIf(process.platform === 'win32')('starts the Electron that it is given', async () => {
    const program = path.join(folder, 'electron');
    writeFileSync(program, '#!/bin/sh\necho "started $*"\nexit 5\n');
    chmodSync(program, 0o755);
    const running = start(['a.mctrace'], { ELECTRON_OVERRIDE_DIST_PATH: folder });
    expect((await running.ended).code).toBe(5);
    expect(running.output().out).toBe(`started ${ROOT} ${path.resolve(ROOT, 'a.mctrace')}\n`);
  });

  it('opens the browser host without Electron, says why in a line, and ends with it', async () => {
    const env = { ELECTRON_OVERRIDE_DIST_PATH: path.join(folder, 'none'), TMPDIR: folder };
    const running = start(['--no-open'], env, BEHIND_GUARD);
    await until(running, () => (running.output().out.includes('#token=') ? true : undefined));
    const [why] = running
      .output()
      .err.split('\n')
      .filter((line) => line.includes('Electron'));
    expect(why).toContain('opens in the browser');
    running.child.kill('SIGINT');
    running.child.kill('SIGINT');
    expect(await running.ended).toEqual({ code: 0, signal: null });
    // Nothing of its uploads is left behind.
    expect(readdirSync(folder).filter((name) => name.includes('uploads'))).toEqual([]);
  });
});
