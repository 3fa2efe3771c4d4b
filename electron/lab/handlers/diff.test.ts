import { copyFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient, portPair, serve, toErrorData } from '../../../core/contract/index.ts';
import { diff, type TraceDiff } from '../../../core/diff/index.ts';
import { fakeLab } from '../../../test/fixtures/fake-lab.ts';
import { openTrace } from '../../../traces/index.ts';
import { createLab } from '../handlers.ts';
import type { LabParts } from '../parts.ts';
import { compareInThread } from '../diff/thread.ts';

const SAMPLES = path.resolve(import.meta.dirname, '../../../traces/samples');
const MAP = path.join(SAMPLES, 'map-64k.mctrace');
const COPY = path.join(SAMPLES, 'copy-64k.mctrace');

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-diff-'));
  mkdirSync(path.join(home, 'traces'), { recursive: true });
  copyFileSync(MAP, path.join(home, 'traces', 'map.mctrace'));
  copyFileSync(COPY, path.join(home, 'traces', 'copy.mctrace'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A lab on the two files; `compare` takes the place of the thread. */
function open(compare: LabParts['compare']) {
  const lab = createLab(
    { home, samples: path.join(home, 'samples'), uploads: null },
    fakeLab({ compare }).parts,
  );
  const [near, far] = portPair();
  serve(far, lab.handlers('browser'));
  return { lab, client: createClient(near) };
}

const PAIR = { a: 'user/map.mctrace', b: 'user/copy.mctrace' };
const codeOf = async (call: Promise<unknown>) =>
  await call.then(
    () => 'it did not fail',
    (error: unknown) => toErrorData(error).code,
  );
const never: LabParts['compare'] = () => Promise.reject(new Error('it was compared'));

describe('a diff of two traces', () => {
  it('that are not there is refused before anything is read', async () => {
    const { client } = open(never);
    expect(await codeOf(client.call('diff.run', { ...PAIR, b: 'user/gone.mctrace' }))).toBe(
      'NOT_FOUND',
    );
    expect(await codeOf(client.call('diff.run', { ...PAIR, a: '../home/map.mctrace' }))).toBe(
      'NOT_FOUND',
    );
  });

  it('one of which is damaged says so', async () => {
    writeFileSync(path.join(home, 'traces', 'map.mctrace'), 'not a trace');
    const { client } = open(compareInThread);
    expect(await codeOf(client.call('diff.run', PAIR))).toBe('NOT_A_TRACE');
  });

  it('is cancelled by its caller, and by the end of the lab', async () => {
    const stop = new AbortController();
    const { client, lab } = open(compareInThread);
    const first = codeOf(client.call('diff.run', PAIR, { signal: stop.signal }));
    stop.abort();
    expect(await first).toBe('CANCELLED');
    const second = codeOf(client.call('diff.run', PAIR));
    await new Promise((resolve) => setImmediate(resolve));
    await lab.finish('the window was closed');
    expect(await second).toBe('CANCELLED');
  });

  it('is what the command line prints, under the ids of the traces', async () => {
    const { client } = open(compareInThread);
    const seen: number[] = [];
    const found = await client.call('diff.run', PAIR, {
      onProgress: ({ done }) => seen.push(done),
    });
    const [a, b] = [openTrace(MAP), openTrace(COPY)];
    const expected = diff(
      a.subject(PAIR.a),
      b.subject(PAIR.b),
      (request) => [a.sequence(request), b.sequence(request)],
      200,
    );
    a.close();
    b.close();
    expect(found).toEqual(expected);
    expect(seen.length).toBeGreaterThan(0);
    const { a: inA, b: inB } = expected.totals.events;
    expect(Math.max(...seen)).toBeLessThanOrEqual((inA ?? 0) + (inB ?? 0));
  });

  it('is worked out once, and again when a file has changed', async () => {
    let times = 0;
    const { client } = open(() => Promise.resolve({ times: ++times } as unknown as TraceDiff));
    await client.call('diff.run', PAIR);
    expect(await client.call('diff.run', PAIR)).toEqual({ times: 1 });
    expect(await client.call('diff.run', { a: PAIR.b, b: PAIR.a })).toEqual({ times: 2 });
    utimesSync(path.join(home, 'traces', 'map.mctrace'), 1, 1);
    expect(await client.call('diff.run', PAIR)).toEqual({ times: 3 });
  });

  it('that failed is tried again', async () => {
    let times = 0;
    const { client } = open(() =>
      times++ === 0
        ? Promise.reject(new Error('once'))
        : Promise.resolve({ times } as unknown as TraceDiff),
    );
    expect(await codeOf(client.call('diff.run', PAIR))).toBe('INTERNAL');
    expect(await client.call('diff.run', PAIR)).toEqual({ times: 2 });
  });
});
