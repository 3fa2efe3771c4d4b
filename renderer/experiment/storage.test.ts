import { expect, test } from 'vitest';
import { formatState, parseState } from './storage.ts';

test('what is not a state is an empty one', () => {
  for (const text of [null, '', '{', '[]', '{"sets":1}']) {
    expect(parseState(text)).toMatchObject({ sets: [], keepTraces: true });
  }
});

const plan = { chosen: ['a'], values: {}, vary: null, question: null };

test('a result without what the views need is dropped', () => {
  const set = { key: 'k', results: [{ strategy: 'grant-map' }] };
  const text = JSON.stringify({ sets: [set], plan, keepTraces: false, view: {} });
  expect(parseState(text)).toMatchObject({ sets: [{ results: [] }], plan, keepTraces: false });
});

test('the oldest sets go when there is no room', () => {
  const set = (key: string) => ({ key: key + 'x'.repeat(200), results: [] });
  const sets = [set('new'), set('old')];
  const state = { sets, plan, keepTraces: true, view: {} };
  const kept = parseState(formatState(state, 450)).sets.map((each) => each.key.slice(0, 3));
  expect(kept).toEqual(['new']);
});
