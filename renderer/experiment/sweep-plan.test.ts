import { describe, expect, test } from 'vitest';
import { fieldsOf, type OwnProfile } from '../../core/contract/index.ts';
import { catalogue } from '../../core/experiment/index.ts';
import { expandPlan, parsePlan, runAt } from '../../core/sweep/index.ts';
import type { Plan } from './plan.ts';
import { sweepDocument, type SweepExtras } from './sweep-plan.ts';

const rows = {
  strategies: catalogue('strategies'),
  hypervisors: catalogue('hypervisors'),
  socs: catalogue('socs'),
  workloads: catalogue('workloads'),
};
const document = {
  format: 1,
  kind: 'soc',
  id: 'my-board',
  base: 'cortex-a72',
  name: 'Mine',
  quantities: { cores: 8 },
};
const own = [
  { id: 'my-board', kind: 'soc', base: 'cortex-a72', document },
] as unknown as OwnProfile[];
const plan: Plan = {
  chosen: ['grant-map', 'grant-copy', 'xen-arm-dom0', 'cortex-a72', 'net-tx'],
  values: { requests: '100', payloadBytes: '64', seed: '5' },
  vary: null,
  question: null,
};
const extras: SweepExtras = { name: 'study', over: null, seeds: 1, record: false };
const parsed = (changed: Partial<Plan>, more: Partial<SweepExtras> = {}) =>
  parsePlan(sweepDocument({ ...plan, ...changed }, { ...extras, ...more }, rows, own, fieldsOf()));

describe('the matrix as a sweep', () => {
  test('without a strategy is refused by the plan’s own check', () => {
    expect(() => parsed({ chosen: ['xen-arm-dom0', 'cortex-a72', 'net-tx'] })).toThrow(/empty/);
  });

  test('has every pair, with its fields', () => {
    const made = parsed({});
    expect(made.combinations).toBe(2);
    expect(runAt(made, 1)?.scenario).toMatchObject({
      strategy: 'grant-copy',
      soc: 'cortex-a72',
      payloadBytes: 64,
      requests: 100,
      seed: 5,
    });
  });

  test('varies a field over typed values in place of the base’s, and seeds from the base’s on', () => {
    const over = { path: 'payloadBytes', values: ['64', '1500', '65536'] };
    const vary = { path: 'net.tso', values: ['false', 'true'] };
    const made = parsed({ vary }, { over, seeds: 3 });
    expect(made.combinations).toBe(2 * 2 * 3 * 3);
    const last = runAt(made, made.combinations - 1);
    expect(last?.scenario).toMatchObject({ payloadBytes: 65_536, net: { tso: true }, seed: 7 });
  });

  test('holds shipped machines beside one’s own', () => {
    const made = parsed({ chosen: [...plan.chosen, 'my-board'] });
    expect(expandPlan(made).runs).toHaveLength(4);
    const values = made.axes.find(({ name }) => name === 'soc-profile')?.values;
    expect(values).toEqual(['cortex-a72', 'my-board']);
    expect(runAt(made, 1)?.scenario.profiles.soc).toEqual(document);
  });
});
