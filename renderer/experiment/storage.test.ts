import { expect, test } from 'vitest';
import { formatState, parseState } from './storage.ts';

test('what is not a state is an empty one', () => {
  for (const text of [null, '', '{', '[]', '{"sets":1}']) {
    expect(parseState(text)).toMatchObject({ sets: [], keepTraces: true });
  }
});

test('a result without what the views need is dropped', () => {
  const set = { key: 'k', name: 'n', values: {}, results: [{ strategy: 'grant-map' }] };
  const text = JSON.stringify({ sets: [set], chosen: ['a'], values: {}, keepTraces: false });
  expect(parseState(text)).toMatchObject({ sets: [{ results: [] }], chosen: ['a'] });
});

test('the oldest sets go when there is no room', () => {
  const set = (key: string) => ({ key, name: 'x'.repeat(200), values: {}, results: [] });
  const state = { sets: [set('new'), set('old')], chosen: [], values: {}, keepTraces: true };
  const kept = parseState(formatState(state, 400)).sets.map((each) => each.key);
  expect(kept).toEqual(['new']);
});
