import { expect, test } from 'vitest';
import {
  inCollection,
  inFacets,
  matches,
  originOf,
  sorted,
  valuesOf,
  type Listed,
} from './entries.ts';

const entry = (fields: Partial<Listed>): Listed => ({
  id: 'a',
  name: 'net-tx copy',
  file: 'x.mctrace',
  origin: 'user',
  kind: 'simulated',
  status: 'complete',
  strategy: 'grant-copy',
  hypervisor: 'xen-pv-dom0',
  soc: 'xeon-2020',
  workload: 'net-tx',
  pair: 'native',
  events: 1,
  requests: 1,
  spanNs: 1,
  sizeBytes: 1,
  recordedAt: '',
  hazards: { H4: 3, H5: 0, H6: null },
  activity: [],
  importCounts: null,
  part: null,
  problem: null,
  tags: [],
  note: '',
  ...fields,
});

test('a filter wants every word, anywhere', () => {
  expect(matches(entry({}), 'COPY xeon')).toBe(true);
  expect(matches(entry({}), 'copy arm')).toBe(false);
  expect(matches(entry({}), 'h4')).toBe(true);
  expect(matches(entry({}), 'h5')).toBe(false);
  expect(matches(entry({}), '')).toBe(true);
});

test('what the user wrote is found as well', () => {
  const noted = entry({ tags: ['paper-fig-3'], note: 'Why is the flush so slow?' });
  expect(matches(noted, 'fig-3 slow')).toBe(true);
  expect(valuesOf([noted, entry({})], 'tag')).toEqual([{ value: 'paper-fig-3', count: 1 }]);
});

test('each facet narrows, several values of one widen', () => {
  expect(inFacets(entry({}), { strategy: ['grant-map'] })).toBe(false);
  expect(inFacets(entry({}), { strategy: ['grant-map', 'grant-copy'] })).toBe(true);
  expect(inFacets(entry({}), { strategy: ['grant-copy'], hazard: ['H5'] })).toBe(false);
  expect(inFacets(entry({ strategy: null }), { strategy: ['grant-copy'] })).toBe(false);
});

test('a sample is in its kind and among the samples', () => {
  const sample = entry({ origin: 'sample' });
  expect(['all', 'simulated', 'samples'].every((id) => inCollection(sample, id as 'all'))).toBe(
    true,
  );
  expect(inCollection(sample, 'imported')).toBe(false);
  expect(originOf(sample)).toBe('simulated, sample');
});

test('figures start with the largest, names with A', () => {
  const list = [entry({ id: 'a', name: 'b', events: 1 }), entry({ id: 'b', name: 'a', events: 5 })];
  expect(sorted(list, 'events', false).map((each) => each.id)).toEqual(['b', 'a']);
  expect(sorted(list, 'name', false).map((each) => each.id)).toEqual(['b', 'a']);
  expect(sorted(list, 'name', true).map((each) => each.id)).toEqual(['a', 'b']);
});
