import { expect, test } from 'vitest';
import type { TraceInfo } from '../../core/contract/index.ts';
import { trimArgs, type TrimFields } from './trim.ts';

const info = {
  tickPs: 1000,
  requests: 40,
  tracks: [{ id: 1 }, { id: 2 }] as unknown as TraceInfo['tracks'],
};
const typed = (fields: Partial<TrimFields>, without: readonly number[] = []) =>
  trimArgs(info, { from: '', until: '', first: '', last: '', ...fields }, new Set(without));

test.each<[Partial<TrimFields>, string]>([
  [{ from: 'soon' }, 'from'],
  [{ from: '-1' }, 'from'],
  [{ from: '5', until: '5' }, 'until'],
  [{ first: '0' }, 'first'],
  [{ last: '41' }, 'last'],
  [{ first: '2.5' }, 'first'],
  [{ first: '9', last: '3' }, 'last'],
])('%j is not taken', (fields, name) => {
  const { args, wrong } = typed(fields);
  expect(args).toBeUndefined();
  expect(Object.keys(wrong)).toEqual([name]);
});

test('no track is nothing, and no limit is no part', () => {
  expect(typed({}, [1, 2]).wrong.tracks).toBeDefined();
  expect(typed({})).toEqual({ wrong: {} });
});

test('microseconds become ticks, one end of the requests is enough', () => {
  expect(typed({ from: '1.5', last: '7' }, [2]).args).toEqual({
    from: 1500,
    requests: [1, 7],
    tracks: [1],
  });
});
