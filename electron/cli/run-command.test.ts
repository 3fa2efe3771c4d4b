/** Wrong usage first: most of what a command line does is to say what is wrong with one. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STRATEGY_IDS, type RunResult } from '../../core/contract/index.ts';
import { mapcopy } from './testing.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => path.join(folder, name);

describe('wrong usage', () => {
  it.each([
    [[], 'BAD_USAGE', 'no command'],
    [['rnu'], 'BAD_USAGE', 'did you mean run?'],
    [['zzzzzzzz'], 'BAD_USAGE', 'no command'],
    [['--josn'], 'BAD_USAGE', 'no option --josn'],
    [['list'], 'BAD_USAGE', 'strategies'],
    [['list', 'stratgies'], 'BAD_USAGE', 'did you mean strategies?'],
    [['list', 'socs', 'hazards'], 'BAD_USAGE', 'one argument too many'],
    [['list', 'socs', '--jsno'], 'BAD_USAGE', 'did you mean --json?'],
    [['list', 'socs', '-j'], 'BAD_USAGE', 'options are long'],
    [['list', 'socs', '--json=yes'], 'BAD_USAGE', 'takes no value'],
    [['list', 'socs', '--json', '--json'], 'BAD_USAGE', 'given twice'],
    [['run', '--strategi', 'grant-map'], 'BAD_USAGE', 'did you mean --strategy?'],
    [['run', '--strategy', 'grant-mop'], 'UNKNOWN_ID', 'grant-mop'],
    [['run', '--strategy'], 'BAD_USAGE', 'lacks its value'],
    [['run', '--out', '--json'], 'BAD_USAGE', 'write --out FILE'],
    [['run', '--bytes', 'many'], 'BAD_ARGUMENT', '--bytes'],
    [['run', '--bytes', '1'], 'BAD_SCENARIO', 'payloadBytes'],
    [['run', '--seed', '-1'], 'BAD_SCENARIO', 'seed'],
    [['run', '--set', 'backend.cpus'], 'BAD_USAGE', 'path=value'],
    [['run', '--set', 'backend.cups=1'], 'BAD_ARGUMENT', 'backend.cups'],
    [['run', '--set', '__proto__.x=1'], 'BAD_ARGUMENT', '__proto__'],
    [['run', '--stream', 'none.mctrace'], 'FILE_NOT_FOUND', 'none.mctrace'],
    [['run', '--workload', 'recorded'], 'BAD_SCENARIO', 'no requests'],
    [['run', 'a.json', 'b.json'], 'BAD_USAGE', 'one argument too many'],
    [['run', 'none.json'], 'FILE_NOT_FOUND', 'none.json'],
    [['run', '--out', 'x.mctrace', '--record'], 'BAD_USAGE', 'one place'],
    [['info'], 'BAD_USAGE', 'no file'],
    [['info', 'none.mctrace'], 'FILE_NOT_FOUND', 'none.mctrace'],
    [['diff'], 'BAD_USAGE', 'two traces are needed'],
    [['diff', 'a.mctrace'], 'BAD_USAGE', 'two traces are needed'],
    [['diff', 'a', 'b', 'c'], 'BAD_USAGE', 'one argument too many'],
    [['diff', 'a', 'b', '--most', 'x'], 'BAD_USAGE', 'not a whole number'],
    [['diff', 'none.mctrace', 'b'], 'FILE_NOT_FOUND', 'none.mctrace'],
    [['import', 'a.txt'], 'BAD_USAGE', 'add --out FILE'],
    [['import', 'none.txt', '--out', 'x.mctrace'], 'FILE_NOT_FOUND', 'none.txt'],
    [['recover', 'none.mctrace.part'], 'FILE_NOT_FOUND', 'none'],
    [['serve', '--port', 'x'], 'BAD_USAGE', 'not a port'],
    [['serve', '--port', '65536'], 'BAD_USAGE', 'not a port'],
  ])('%j is %s', async (args, code, words) => {
    const { status, out, err } = await mapcopy(args);
    expect(status).toBe(2);
    expect(out).toBe('');
    const line = err.trimEnd().split('\n').at(-1);
    expect(line).toMatch(new RegExp(`^error: ${code}: `));
    expect(line).toContain(words);
  });

  it.each([
    ['[]', 'object'],
    ['{"strategy": "grant-copy",}', 'JSON'],
    ['{"colour": "red"}', 'colour'],
    ['{"seed": 1.5}', 'seed'],
    ['{"backend": {"cpus": 0}}', 'backend.cpus'],
  ])('the scenario %s names the file and the field', async (text, words) => {
    writeFileSync(at('s.json'), text);
    const { status, err } = await mapcopy(['run', at('s.json'), '--out', at('x.mctrace')]);
    expect(status).toBe(2);
    expect(err).toContain(at('s.json'));
    expect(err).toContain(words);
    expect(readdirSync(folder)).toEqual(['s.json']);
  });

  it('leaves nothing behind when a pair is refused', async () => {
    const out = at('x.mctrace');
    const args = ['run', '--hypervisor', 'xen-pv-dom0', '--soc', 'cortex-a53', '--out', out];
    const { status, err } = await mapcopy(args);
    expect([status, err]).toEqual([2, expect.stringMatching(/^error: REFUSED_PAIR: /)]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves nothing behind when the place cannot be written', async () => {
    const { status, err } = await mapcopy(['run', '--out', at('none/x.mctrace')]);
    expect([status, err]).toEqual([2, expect.stringMatching(/^error: UNWRITABLE: /)]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('does not overwrite what is not a trace', async () => {
    writeFileSync(at('notes.txt'), 'mine');
    const { status } = await mapcopy(['run', '--requests', '10', '--out', at('notes.txt')]);
    expect(status).toBe(2);
    expect(readdirSync(folder)).toEqual(['notes.txt']);
  });
});

describe('help', () => {
  it.each([[['--help']], [['help']], [['run', '--help']], [['help', 'run']]])(
    '%j goes to standard output',
    async (args) => {
      const { status, out, err } = await mapcopy(args);
      expect([status, err]).toEqual([0, '']);
      expect(out).toContain('Usage: mapcopy');
    },
  );

  it('of run names every option', async () => {
    const { out } = await mapcopy(['run', '--help']);
    for (const name of ['strategy', 'hypervisor', 'soc', 'workload', 'topology', 'bytes']) {
      expect(out).toContain(`--${name} `);
    }
  });
});

describe('list', () => {
  it.each(['strategies', 'hypervisors', 'socs', 'workloads', 'hazards', 'fields'])(
    '%s is an array of {id, name}',
    async (what) => {
      const { status, out } = await mapcopy(['list', what, '--json']);
      expect(status).toBe(0);
      const rows = JSON.parse(out) as { id: unknown; name: unknown }[];
      expect(rows.length).toBeGreaterThan(0);
      for (const { id, name } of rows)
        expect([typeof id, typeof name]).toEqual(['string', 'string']);
    },
  );

  it('strategies knows public ids only', async () => {
    const { out } = await mapcopy(['list', 'strategies', '--json']);
    const ids = (JSON.parse(out) as { id: string }[]).map(({ id }) => id);
    expect(STRATEGY_IDS).toEqual(expect.arrayContaining(ids));
  });

  it.each(['strategies', 'fields', 'hazards'])('%s reads well without --json', async (what) => {
    const { out } = await mapcopy(['list', what]);
    expect(out.split('\n')[1]).toMatch(/^[- ]+$/);
  });
});

describe('run', () => {
  const quick = ['run', '--requests', '300'];

  it('prints performance and safety', async () => {
    const { status, out } = await mapcopy(quick);
    expect(status).toBe(0);
    for (const words of ['Throughput', 'Latency p99', 'Safety: hazards', 'Safety: exposure']) {
      expect(out).toContain(words);
    }
  });

  it('prints one result, the same each time', async () => {
    const first = JSON.parse((await mapcopy([...quick, '--json'])).out) as Record<string, unknown>;
    const second = JSON.parse((await mapcopy([...quick, '--json'])).out) as Record<string, unknown>;
    expect(first).toMatchObject({ file: null, status: 'complete', requests: 300 });
    expect({ ...second, wallMs: 0 }).toEqual({ ...first, wallMs: 0 });
  });

  it('prints the schema of a scenario, every field with its default and doc', async () => {
    const { out } = await mapcopy(['run', '--schema']);
    const schema = JSON.parse(out) as { properties: Record<string, object> };
    expect(schema.properties.payloadBytes).toMatchObject({ type: 'integer', default: 1500 });
    expect(schema.properties.payloadBytes).toHaveProperty('description');
  });

  it('takes a file, then options, then settings', async () => {
    writeFileSync(at('s.json'), '{"seed": 7, "requests": 200, "payloadBytes": 4096}');
    const args = ['run', at('s.json'), '--seed', '8', '--set', 'payloadBytes=2048', '--json'];
    const result = JSON.parse((await mapcopy(args)).out) as Record<string, unknown>;
    expect(result).toMatchObject({ seed: 8, payloadBytes: 2048, requests: 200 });
  });

  it('records a trace that info describes', async () => {
    const out = at('t.mctrace');
    const run = await mapcopy([...quick, '--out', out, '--json']);
    const result = JSON.parse(run.out) as { file: string; events: number };
    expect(result.file).toBe(out);
    expect(readdirSync(folder)).toEqual(['t.mctrace']);
    const info = await mapcopy(['info', out, '--json']);
    expect(JSON.parse(info.out)).toMatchObject({
      file: out,
      kind: 'simulated',
      status: 'complete',
      events: result.events,
      requests: 300,
    });
  });

  it('plays the requests of a trace again, at their times, sizes and directions', async () => {
    const file = at('both.mctrace');
    const both = ['run', '--workload', 'net-both', '--requests', '40', '--json'];
    const open = ['--set', 'arrival.kind=poisson', '--set', 'net.sizes=imix'];
    const first = await mapcopy([...both, ...open, '--out', file]);
    expect(first.status).toBe(0);
    const other = ['--strategy', 'swiotlb-bounce', '--hypervisor', 'kvm-vhost'];
    const again = await mapcopy(['run', '--stream', file, ...other, '--json']);
    expect(again.err).toBe('');
    const [was, is] = [JSON.parse(first.out) as RunResult, JSON.parse(again.out) as RunResult];
    expect(is).toMatchObject({ workload: 'recorded', requests: 40, strategy: 'swiotlb-bounce' });
    expect(is.bottleneck).toBe('offered load');
    // As many bytes through the device, half of them in.
    expect(is.counts.dma).toBe(was.counts.dma);
    expect(is.requestsPerSecond / was.requestsPerSecond).toBeCloseTo(1, 1);
  });

  it('that is interrupted keeps its trace, marked incomplete, and ends with 1', async () => {
    const out = at('t.mctrace');
    const args = ['run', '--requests', '10000000', '--out', out];
    const { status, err } = await mapcopy(args, 2);
    expect(status).toBe(1);
    expect(err).toContain(`error: CANCELLED: the run was cancelled, ${out}`);
    expect(readdirSync(folder)).toEqual(['t.mctrace']);
    const info = await mapcopy(['info', out, '--json']);
    expect(JSON.parse(info.out)).toMatchObject({
      kind: 'interrupted',
      status: 'incomplete',
      provenance: { interrupted: 'stopped by SIGINT' },
    });
  });
});

describe('import', () => {
  it('refuses what it cannot read and leaves nothing behind', async () => {
    writeFileSync(at('noise.txt'), 'no recording at all\n'.repeat(20));
    const { status, err } = await mapcopy(['import', at('noise.txt'), '--out', at('x.mctrace')]);
    expect(status).toBe(2);
    expect(err).toMatch(/^error: [A-Z_]+: /);
    expect(existsSync(at('x.mctrace'))).toBe(false);
    expect(readdirSync(folder)).toEqual(['noise.txt']);
  });
});
