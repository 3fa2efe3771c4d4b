import { expect, test } from 'vitest';
import { diff, Digester, type Subject } from '../diff/index.ts';
import { parseDiff } from './diff-schema.ts';
import { LabError } from './errors.ts';

const empty = new Float64Array();
function subject(file: string): Subject {
  const requests = {
    id: empty,
    submitted: empty,
    completed: empty,
    bytes: empty,
    lastEvent: empty,
  };
  return {
    provenance: {
      file,
      kind: 'imported',
      status: 'complete',
      program: null,
      name: null,
      fingerprint: null,
      seed: null,
      scenarioHash: null,
      profiles: {},
      sourceName: 'x.txt',
      sourceSha256: null,
    },
    scenario: null,
    result: null,
    hazards: { H4: 2 },
    exposure: {},
    spanPs: 10,
    kinds: [],
    digest: new Digester([], requests).finish(),
  };
}
const value = diff(subject('a'), subject('b'), () => [[], []], 10);
const refusal = (document: string) => {
  try {
    parseDiff(document, 'x.json');
  } catch (error) {
    if (error instanceof LabError) return error.data;
  }
  return null;
};

test('what is no diff is refused with the place that is wrong', () => {
  expect(refusal('{')?.what).toBe('the file is no JSON document');
  expect(refusal('[]')?.code).toBe('UNKNOWN_FORMAT');
  expect(refusal('null')?.code).toBe('UNKNOWN_FORMAT');
  const damaged = { ...value, kinds: [{ name: 'GT.map' }] };
  expect(refusal(JSON.stringify(damaged))?.what).toContain('kinds.0.');
});

test('a diff of a later version is refused with its number', () => {
  expect(refusal(JSON.stringify({ ...value, format: 2 }))).toMatchObject({
    code: 'NEWER_FORMAT',
    what: expect.stringContaining('format 2') as string,
  });
});

test('a diff that was written is read again as it was', () => {
  expect(parseDiff(JSON.stringify(value), 'x.json')).toEqual(value);
});
