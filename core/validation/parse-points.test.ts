import { describe, expect, it } from 'vitest';
import { LabError } from '../contract/errors.ts';
import { parsePoints, POINTS, pointsJsonSchema, validate } from './index.ts';

const good = {
  id: 'mine',
  kind: 'validation',
  what: 'transmit',
  where: 'our rack',
  source: 'our notes',
  tag: 'user',
  measure: 'value',
  metric: 'throughputGbps',
  scenarios: [{ requests: 50 }],
  published: 10,
};

const refusal = (document: unknown): string => {
  try {
    parsePoints(document, 'mine.json');
  } catch (thrown) {
    return (thrown as LabError).line;
  }
  return 'accepted';
};
const withPoint = (changes: object) => ({ format: 1, points: [good, { ...good, ...changes }] });

describe('a points file with a fault', () => {
  it.each([
    [[], 'mine.json: format'],
    [{ format: 2, points: [] }, 'mine.json: format'],
    [{ format: 1 }, 'mine.json: points'],
    [{ format: 1, points: {} }, 'write [...]'],
    [{ format: 1, points: [], colour: 1 }, 'no field colour'],
    [{ format: 1, points: [7] }, 'mine.json: points[0], write {...}'],
  ])('%j names the file and the field', (document, words) => {
    expect(refusal(document)).toMatch(/^error: BAD_ARGUMENT: /);
    expect(refusal(document)).toContain(words);
  });

  it.each([
    [{ id: 'b', kind: undefined }, 'kind is missing', ': kind'],
    [{ id: 'b', published: '10' }, 'Expected number', ': published, give a number'],
    [{ id: 'b', tolerance: -1 }, '-1', ': tolerance, give >=0'],
    [{ id: 'b', what: '' }, 'length', ': what, do not leave it empty'],
    [{ id: 'b', metrik: 'x' }, 'no field metrik', ': metrik, remove it'],
    [{ id: 'b', metric: 'gbps' }, 'unknown metric "gbps"', 'use one of throughputGbps'],
    [{ id: 'b', scenarios: [] }, 'length', ': scenarios'],
    [{ id: 'b', measure: 'ratio' }, 'one scenario', ': scenarios, give it two'],
    [{ id: 'b', scenarios: [{}, {}] }, '2 scenarios', ': scenarios, give it one'],
    [{ id: 'b', scenarios: [{ strategy: 'x' }] }, 'unknown strategy', ': scenarios[0]: strategy'],
    [
      { id: 'b', measure: 'order', scenarios: [{}, { seed: -1 }] },
      '-1',
      ': scenarios[1]: seed, give a whole number from 0',
    ],
    [
      { id: 'b', scenarios: [{ profiles: { soc: { kind: 'soc' } } }] },
      'missing',
      ': scenarios[0]: profiles.soc: ',
    ],
  ])('%j names the entry, the field and the remedy', (changes, what, where) => {
    const line = refusal(withPoint(changes));
    expect(line).toMatch(/^error: (BAD_ARGUMENT|BAD_SCENARIO|BAD_PROFILE|UNKNOWN_ID): /);
    expect(line).toContain('mine.json: points[1] "b": ');
    expect(line).toContain(what);
    expect(line).toContain(where);
  });

  it('with an id that occurs twice names both places', () => {
    const line = refusal(withPoint({}));
    expect(line).toContain('points[0]');
    expect(line).toContain('mine.json: points[1] "mine": id');
  });
});

describe('a good points file', () => {
  it('has its defaults filled in', () => {
    expect(parsePoints({ format: 1, points: [good] }, 'x')).toEqual([
      { ...good, dependsOn: [], lacks: '' },
    ]);
  });

  it('is described by a schema that names every field of a point', () => {
    const schema = JSON.stringify(pointsJsonSchema());
    for (const name of Object.keys(good)) expect(schema).toContain(`"${name}"`);
  });
});

describe('points that ship with the lab', () => {
  it('are at least 16 of kind validation, each with a source', () => {
    const counted = POINTS.filter(({ kind }) => kind === 'validation');
    expect(counted.length).toBeGreaterThanOrEqual(16);
  });
});

describe('scoring', () => {
  const points = parsePoints({ format: 1, points: [good] }, 'x');

  it('notes what cannot be run, and goes on', async () => {
    const found = await validate(points, () =>
      Promise.reject(new LabError('REFUSED_PAIR', 'it does not exist', '', '')),
    );
    expect(found.points[0]).toMatchObject({
      simulated: null,
      pass: false,
      reason: 'cannot be run: it does not exist',
    });
    expect([found.passed, found.total]).toEqual([0, 1]);
  });

  it.each(['CANCELLED', 'INTERNAL'] as const)('does not take %s for a finding', async (code) => {
    const error = new LabError(code, 'stopped', '', '');
    await expect(validate(points, () => Promise.reject(error))).rejects.toThrow(error);
  });
});
