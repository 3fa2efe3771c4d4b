import { describe, expect, test } from 'vitest';
import { catalogue } from '../../core/experiment/index.ts';
import { applyHypervisor, applySoc, parseProfile } from '../../core/machine/override.ts';
import type { CatalogueRow } from '../../core/contract/index.ts';
import { baseRows, copyOf, documentOf, draftOf, problemOfChange } from './profile-rows.ts';

const row = (what: 'socs' | 'hypervisors', id: string) =>
  catalogue(what).find((each) => each.id === id) as CatalogueRow;
const change = (value: string, more = {}) => ({ value, low: '', high: '', source: '', ...more });

test('what is typed wrongly is said', () => {
  expect(problemOfChange(change('fast'))).toContain('no number');
  expect(problemOfChange(change(''))).toContain('Give a value');
  expect(problemOfChange(change('2', { low: '3' }))).toContain('above');
  expect(problemOfChange(change('2', { high: '1' }))).toContain('below');
  expect(problemOfChange(change('2.5', { low: '1', high: '3' }))).toBe('');
});

describe('a machine', () => {
  const a72 = row('socs', 'cortex-a72');
  test('shows every number with unit, range and source', () => {
    const rows = baseRows(a72, 'soc');
    expect(rows.length).toBeGreaterThan(40);
    for (const each of rows) {
      expect(each.low).toBeLessThanOrEqual(each.value);
      expect(each.source).not.toBe('');
      expect(each.unit).not.toBe('');
    }
  });
  test('a copy with a change is a profile that the program takes, and reads as it was written', () => {
    const draft = {
      ...copyOf(a72, 'soc', ['my-cortex-a72']),
      changes: {
        copyColdRate: change('2.5', { low: '2', high: '3', source: 'lmbench' }),
        cores: change('8'),
      },
    };
    expect(draft.id).toBe('my-cortex-a72-2');
    const document = documentOf(draft);
    const built = applySoc(parseProfile(document));
    expect(built.quantities.copyColdRate).toMatchObject({ value: 2.5, low: 2, high: 3 });
    expect(built.quantities.cores.value).toBe(8);
    const again = draftOf({ document, kind: 'soc' });
    expect(again.changes).toEqual(draft.changes);
    expect(documentOf(again)).toEqual(document);
  });
  test('what the table does not show stays in the document', () => {
    const document = { ...documentOf(copyOf(a72, 'soc', [])), dmaCoherent: false, engine: null };
    expect(documentOf(draftOf({ document, kind: 'soc' }))).toEqual(document);
  });
  test('an engine’s numbers are its own', () => {
    const draft = {
      ...copyOf(row('socs', 'xeon-2020'), 'soc', []),
      changes: { 'engine.submit': change('90') },
    };
    expect(applySoc(parseProfile(documentOf(draft))).engine?.submit.value).toBe(90);
  });
});

test('a hypervisor’s costs are changed by architecture', () => {
  const kvm = row('hypervisors', 'kvm-vhost');
  const rows = baseRows(kvm, 'hypervisor');
  expect(rows.some(({ name, fixed }) => name === 'x86.trap' && !fixed)).toBe(true);
  const draft = { ...copyOf(kvm, 'hypervisor', []), changes: { 'arm.trap': change('1500') } };
  const document = documentOf(draft);
  expect(applyHypervisor(parseProfile(document)).costs.arm?.trap.value).toBe(1500);
  expect(draftOf({ document, kind: 'hypervisor' }).changes).toEqual(draft.changes);
});
