/** `crossover` as it is typed: wrong usage first. */
import { describe, expect, it } from 'vitest';
import { mapcopy } from './testing.ts';

const pair = ['crossover', '--a', 'grant-map', '--b', 'grant-copy'];
/** Cheap: few requests, a narrow range about the break at 128 bytes. */
const quickOn = (hypervisor: string) => [
  ...['crossover', '--a', 'grant-map', '--b', 'argo', '--hypervisor', hypervisor],
  ...['--metric', 'throughput', '--from', '100', '--to', '200', '--requests', '1100'],
  ...['--seeds', '1', '--samples', '0', '--set', 'frontend.memoryMiB=64'],
];
const quick = quickOn('xen-hvm-driver-domain');

interface Found {
  readonly points: readonly { readonly bytes: number; readonly a: number; readonly b: number }[];
  readonly crossings: readonly { readonly at: number; readonly break: number | null }[];
  readonly verdict: string;
  readonly reason: string;
}

describe('wrong usage', () => {
  it.each([
    [['crossover'], 'BAD_USAGE', 'no strategy is named as a'],
    [['crossover', '--a', 'grant-map'], 'BAD_USAGE', 'no strategy is named as b'],
    [['crossover', '--a', 'grant-mop', '--b', 'grant-copy'], 'UNKNOWN_ID', 'grant-mop'],
    [['crossover', '--a', 'grant-map', '--b', 'grant-map'], 'BAD_ARGUMENT', 'are the same'],
    [[...pair, '--over', 'seconds'], 'BAD_USAGE', 'write --over bytes'],
    [[...pair, '--metric', 'troughput'], 'BAD_USAGE', 'did you mean throughput?'],
    [[...pair, '--from', '1e3'], 'BAD_USAGE', 'crossover --from'],
    [[...pair, '--from', '63'], 'BAD_ARGUMENT', 'from 64 to 65536'],
    [[...pair, '--from', '200', '--to', '100'], 'BAD_ARGUMENT', 'from < to'],
    [[...pair, '--samples', '-1'], 'BAD_USAGE', '--samples'],
    [[...pair, '--seeds', '0'], 'BAD_ARGUMENT', 'seeds is 0'],
    [[...pair, '--bytes', '4096'], 'BAD_USAGE', 'no option --bytes'],
    [[...pair, '--set', 'backend.cpus'], 'BAD_USAGE', 'crossover --set'],
    [[...pair, '--set-b', 'colour=red'], 'BAD_ARGUMENT', 'colour'],
    [[...pair, '--set-b', 'soc=epyc-2020'], 'BAD_ARGUMENT', 'differ in soc'],
    [[...pair, '--set-b', 'topology=native'], 'BAD_ARGUMENT', 'differ in topology'],
    [[...pair, '--workload', 'gpu-gtt'], 'BAD_ARGUMENT', 'use a net- or a blk- workload'],
    [[...pair, '--topology', 'native'], 'REFUSED_PAIR', 'grant-map'],
    [[...pair, '--hypervisor', 'xen-pv-dom0', '--soc', 'cortex-a53'], 'REFUSED_PAIR', 'Arm'],
    [['crossover', 'none.json', '--a', 'argo', '--b', 'grant-map'], 'FILE_NOT_FOUND', 'none.json'],
  ])('%j is %s', async (args, code, words) => {
    const { status, out, err } = await mapcopy(args);
    expect([status, out]).toEqual([2, '']);
    expect(err).toMatch(new RegExp(`^error: ${code}: `));
    expect(err).toContain(words);
  });
});

describe('crossover', () => {
  it('prints points, crossings and a verdict, the same each time', async () => {
    const { status, out, progress } = await mapcopy([...quick, '--json']);
    expect(status).toBe(0);
    const found = JSON.parse(out) as Found;
    expect(found).toMatchObject({ metric: 'throughput', over: 'bytes', verdict: 'crosses' });
    expect(found.crossings).toMatchObject([{ at: 128, low: 128, high: 129, break: 128 }]);
    expect(progress).toContain('sample 1 of 1, 100 B, run 1');
    expect((await mapcopy([...quick, '--json'])).out).toBe(out);
  });

  it('has the figures that run has', async () => {
    const found = JSON.parse((await mapcopy([...quick, '--json'])).out) as Found;
    const place = ['--hypervisor', 'xen-hvm-driver-domain'];
    const scenario = ['--strategy', 'argo', ...place, '--bytes', '128', '--requests', '1100'];
    const run = ['run', ...scenario, '--set', 'frontend.memoryMiB=64', '--json'];
    const { throughputGbps } = JSON.parse((await mapcopy(run)).out) as { throughputGbps: number };
    expect(found.points.find(({ bytes }) => bytes === 128)?.b).toBe(throughputGbps);
  });

  it('reads as a table, then crossings, then the verdict with its reason', async () => {
    const { out } = await mapcopy(quick);
    expect(out).toMatch(/^ +100 .* grant-map /m);
    expect(out).toMatch(/^ +129 .* argo /m);
    expect(out).toContain('Crossing at 128 B\n  argo takes over from grant-map');
    expect(out).toContain('netback copies the first 128 bytes');
    expect(out).toContain('Verdict: crosses\n');
    expect(out).toContain('Simulated: 1 sample (');
  });

  it('puts hypothetical pairs in brackets and says why they are', async () => {
    const { out } = await mapcopy(quickOn('kvm-vhost'));
    expect(out).toContain('(grant-map)');
    expect(out).toContain('is hypothetical: ');
  });

  it('that is interrupted prints nothing and ends with 1', async () => {
    const { status, out, err } = await mapcopy([...pair, '--requests', '1000000'], 3);
    expect([status, out]).toEqual([1, '']);
    expect(err).toMatch(/^error: CANCELLED: /);
  });
});
