/** How recordings end: by signal, by kill, through the guard, and with the lab process. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTrace } from '../../traces/index.ts';
import { startWebHost } from '../../electron/web/host.ts';
import { spawnWorker } from '../../electron/lab/worker.ts';
import { bundledNode } from '../../electron/node-guard.mjs';
import { BEHIND_GUARD, ROOT, runEntry, until } from './lab.ts';
import { join } from './socket.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-life-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const files = () => readdirSync(folder).sort();

/** A run that does not end by itself, with its part on disk. */
async function longRun(nodeArgs: readonly string[]) {
  const args = ['run', '--requests', '10000000', '--out', path.join(folder, 'a.mctrace')];
  const running = runEntry('electron/mapcopy.mjs', args, { MAPCOPY_HOME: folder }, nodeArgs);
  // Wait until something is committed: a file of its schema alone has nothing to recover.
  await until(running, () => (files().includes('a.mctrace.part-wal') ? true : undefined));
  await new Promise((resolve) => setTimeout(resolve, 500));
  return running;
}

function statusOf(file: string): { status: string; events: number } {
  const reader = openTrace(file);
  try {
    const { status, events } = reader.summary();
    return { status, events };
  } finally {
    reader.close();
  }
}

const guarded = bundledNode(ROOT, process.platform, process.arch) !== undefined;
if (!guarded)
  console.warn('SKIPPED: no bundled Node for this machine, so nothing behind the guard');
const ways: [string, readonly string[]][] = [['directly', []]];
if (guarded) ways.push(['behind the guard', BEHIND_GUARD]);

describe.each(ways)('a recording run %s', (_way, nodeArgs) => {
  it.each(['SIGINT', 'SIGTERM'] as const)('ends incomplete by %s, with 1', async (signal) => {
    const running = await longRun(nodeArgs);
    running.child.kill(signal);
    expect(await running.ended).toEqual({ code: 1, signal: null });
    expect(running.output().err).toContain('error: CANCELLED: ');
    expect(files()).toEqual(['a.mctrace']);
    const { status, events } = statusOf(path.join(folder, 'a.mctrace'));
    expect(status).toBe('incomplete');
    expect(events).toBeGreaterThan(0);
  });

  it('is recovered after a kill', async () => {
    const running = await longRun(nodeArgs);
    running.child.kill('SIGKILL');
    expect((await running.ended).signal).toBe('SIGKILL');
    expect(files()).toContain('a.mctrace.part');
    expect(files()).not.toContain('a.mctrace');
    const part = path.join(folder, 'a.mctrace.part');
    const recover = runEntry('electron/mapcopy.mjs', ['recover', part, '--json'], {});
    expect(await recover.ended).toEqual({ code: 0, signal: null });
    const { file, events } = JSON.parse(recover.output().out) as { file: string; events: number };
    expect(files()).toEqual(['a.mctrace']);
    expect(statusOf(file)).toEqual({ status: 'incomplete', events });
    expect(events).toBeGreaterThan(0);
  });
});

describe('a part that is being written', () => {
  it('is left alone by recover', async () => {
    const running = await longRun([]);
    const part = path.join(folder, 'a.mctrace.part');
    const recover = runEntry('electron/mapcopy.mjs', ['recover', part], {});
    expect(await recover.ended).toEqual({ code: 2, signal: null });
    expect(recover.output().err).toMatch(/^error: BUSY_FILE: /);
    running.child.kill('SIGTERM');
    await running.ended;
    expect(files()).toEqual(['a.mctrace']);
  });
});

describe('a lab process that dies', () => {
  it('takes its calls with it, is started again, and the run is recovered', async () => {
    const labs: ReturnType<typeof spawnWorker>[] = [];
    const host = await startWebHost({
      home: folder,
      samples: path.join(ROOT, 'traces/samples'),
      pageRoot: folder,
      port: 0,
      spawn: () => {
        const lab = spawnWorker();
        labs.push(lab);
        return lab;
      },
    });
    try {
      const secret = host.newAddress().split('=')[1] as string;
      const { client, session, closed } = await join({ port: host.port, secret });
      let run: Promise<unknown> | undefined;
      await new Promise<void>((resolve) => {
        run = client
          .call(
            'experiment.run',
            { scenario: { requests: 10_000_000 }, record: true },
            // More than can be on its way to the thread that writes: something was committed.
            { onProgress: ({ events }) => events > 500_000 && resolve() },
          )
          .catch((error: unknown) => error);
      });
      labs[0]?.kill();
      expect(await run).toMatchObject({ data: { code: 'HOST_LOST' } });
      expect(await closed).toBe(1012);
      const again = await join({ port: host.port, secret: session });
      const entries = await again.client.call('library.list', {});
      expect(entries.filter(({ origin }) => origin === 'user')).toMatchObject([
        { status: 'incomplete', kind: 'interrupted', problem: null },
      ]);
      expect(labs).toHaveLength(2);
    } finally {
      await host.close('the test ended');
    }
  });
});
