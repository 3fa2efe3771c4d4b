import { expect, test } from 'vitest';
import { fieldsOf, parseScenario } from '../../core/contract/index.ts';
import { baseOf, describe, keyOf, nameOfPlan, problemOf } from './plan.ts';
import { questionOf, stillAsks } from './questions.ts';

const field = (path: string) => {
  const found = fieldsOf().find((each) => each.path === path);
  if (found === undefined) throw new Error(path);
  return found;
};

test('a wrong number is explained with its range', () => {
  expect(problemOf(field('payloadBytes'), '4096')).toBe('');
  expect(problemOf(field('payloadBytes'), '12')).toContain('below the least');
  expect(problemOf(field('payloadBytes'), '1.5')).toContain('whole number');
  expect(problemOf(field('seed'), 'x')).toContain('Give a number');
  expect(problemOf(field('hostDma'), 'lazy')).toBe('');
});

test('values become a scenario; a wrong one says which field it is', () => {
  const good = baseOf({ payloadBytes: '4096', 'backend.cpus': '4' }, fieldsOf());
  expect(good.scenario).toMatchObject({ payloadBytes: 4096, backend: { cpus: 4 } });
  const bad = baseOf({ 'backend.cpus': '0' }, fieldsOf());
  expect(bad.scenario).toBeNull();
  expect(bad.error?.where).toBe('backend.cpus');
});

test('the key ignores the axes and nothing else', () => {
  const a = parseScenario({ strategy: 'grant-map', soc: 'xeon-2012' });
  const b = parseScenario({ strategy: 'grant-copy' });
  expect(keyOf(a)).toBe(keyOf(b));
  expect(keyOf(a)).not.toBe(keyOf(parseScenario({ seed: 2 })));
  expect(keyOf(a)).toBe(keyOf(parseScenario({ workload: 'net-rx' })));
  expect(describe(b)).toContain('seed 1');
});

test('a plan is its question’s while only figures differ, and is called after it', () => {
  const question = questionOf('strict-cost');
  if (question === undefined) throw new Error('no such question');
  const plan = { ...question.plan, question: question.id };
  expect(stillAsks(question, plan)).toBe(true);
  expect(stillAsks(question, { ...plan, values: { ...plan.values, requests: '9' } })).toBe(true);
  expect(stillAsks(question, { ...plan, values: {} })).toBe(false);
  expect(stillAsks(question, { ...plan, chosen: [...plan.chosen, 'grant-map'] })).toBe(false);
  expect(stillAsks(question, { ...plan, vary: { path: 'seed', values: ['1'] } })).toBe(false);
  const rows = (...ids: readonly string[]) => ids.map((id) => ({ id, name: id }));
  const catalogue = {
    strategies: rows('grant-map', 'iommu-strict', 'iommu-lazy', 'iommu-passthrough'),
    hypervisors: rows('kvm-vhost'),
    socs: rows('xeon-2020'),
    workloads: rows('net-tx'),
  };
  const base = parseScenario({ payloadBytes: 64, requests: 9 });
  expect(nameOfPlan(plan, base, catalogue)).toBe(question.title);
  const chosen = ['iommu-strict', 'iommu-lazy', 'iommu-passthrough', 'kvm-vhost', 'my-board'];
  expect(nameOfPlan({ ...plan, chosen, question: null }, base, catalogue)).toMatch(
    /^3 strategies · kvm-vhost · my-board · 64.B/,
  );
});
