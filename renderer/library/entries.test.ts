import { expect, test } from 'vitest';
import type { LibraryEntry } from '../../core/contract/index.ts';
import { inCollection, matches, originOf, sorted } from './entries.ts';

const entry = (fields: Partial<LibraryEntry>): LibraryEntry => ({
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
  problem: null,
  ...fields,
});

test('a filter wants every word, anywhere', () => {
  expect(matches(entry({}), 'COPY xeon')).toBe(true);
  expect(matches(entry({}), 'copy arm')).toBe(false);
  expect(matches(entry({}), 'h4')).toBe(true);
  expect(matches(entry({}), 'h5')).toBe(false);
  expect(matches(entry({}), '')).toBe(true);
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
