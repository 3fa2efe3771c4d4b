/** What the other thread writes is what one thread would have written. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LabError, parseScenario } from '../../../core/contract/index.ts';
import { identify, prepareRun } from '../../../core/experiment/index.ts';
import { createTraceWriter } from '../../../traces/index.ts';
import { allRows } from '../../../traces/testing/rows.ts';
import { realParts } from '../real-parts.ts';
import { runScenario } from '../runs.ts';
import { recordInThread } from './thread.ts';

const scenario = parseScenario({ strategy: 'viommu-deferred', requests: 3000 });
const head = {
  name: 'run',
  scenario,
  recordedAt: '2026-01-01T00:00:00.000Z',
  ...identify(scenario),
};

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'mapcopy-recording-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const run = (output: string, signal = new AbortController().signal) =>
  runScenario({ scenario, output, name: 'run', signal, onProgress: () => undefined }, realParts);

describe('wrong use', () => {
  it('refuses a place where nothing can be written, and leaves what is there', async () => {
    const here = folder();
    writeFileSync(join(here, 'mine'), 'mine');
    await expect(run(join(here, 'mine'))).rejects.toMatchObject({ data: { code: 'UNWRITABLE' } });
    await expect(run(join(here, 'no', 'run.mctrace'))).rejects.toThrow(LabError);
    mkdirSync(join(here, 'sub'));
    expect(readdirSync(here).sort()).toEqual(['mine', 'sub']);
    // The thread goes on to the next.
    await expect(run(join(here, 'run.mctrace'))).resolves.toMatchObject({ status: 'complete' });
  });
});

describe('a recording', () => {
  it('is the same, row by row, as one that a single thread makes', async () => {
    const here = folder();
    await run(join(here, 'a.mctrace'));
    const writer = createTraceWriter(join(here, 'b.mctrace'), head);
    const simulation = prepareRun(scenario, writer);
    while (simulation.step(1000));
    writer.finish({ status: 'complete', result: simulation.finish() });
    expect(allRows(join(here, 'a.mctrace'))).toEqual(allRows(join(here, 'b.mctrace')));
    expect(readdirSync(here).sort()).toEqual(['a.mctrace', 'b.mctrace']);
  });

  it('makes the run wait while the writer is behind', async () => {
    const long = { ...scenario, requests: 10_000 };
    const recording = recordInThread(join(folder(), 'run.mctrace'), { ...head, scenario: long });
    const simulation = prepareRun(long, recording);
    let wait = recording.ready();
    while (wait === null && simulation.step(1000)) wait = recording.ready();
    expect(wait).toBeInstanceOf(Promise);
    await wait;
    while (simulation.step(1000)) await recording.ready();
    const result = simulation.finish();
    expect(await recording.finish({ status: 'complete', result })).toMatchObject({
      events: result.events,
    });
  });

  it('leaves nothing when it is abandoned', async () => {
    const here = folder();
    const recording = recordInThread(join(here, 'run.mctrace'), head);
    const simulation = prepareRun(scenario, recording);
    simulation.step(20_000);
    await recording.abandon();
    expect(readdirSync(here)).toEqual([]);
  });

  it('ends as an incomplete trace when it is cancelled', async () => {
    const file = join(folder(), 'run.mctrace');
    const stop = new AbortController();
    const running = run(file, stop.signal);
    stop.abort('enough');
    await expect(running).rejects.toMatchObject({ data: { code: 'CANCELLED' } });
    expect(existsSync(file)).toBe(true);
  });
});
