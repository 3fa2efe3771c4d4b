import { expect, test } from 'vitest';
import { fieldsOf, parseScenario } from '../../core/contract/index.ts';
import { baseOf, describe, keyOf, problemOf } from './plan.ts';

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
