import { expect, test } from 'vitest';
import { recentDiffs, remember } from './recents.ts';

function storage(content: string | null = null) {
  let text = content;
  return {
    getItem: () => text,
    setItem: (_: string, value: string) => {
      text = value;
    },
  };
}

test('what is stored by something else is not believed', () => {
  expect(recentDiffs(storage('{'))).toEqual([]);
  expect(recentDiffs(storage('{"a":1}'))).toEqual([]);
  expect(recentDiffs(storage('[1, null, {"a":"x"}, {"a":"x","b":"y"}]'))).toEqual([
    { a: 'x', b: 'y' },
  ]);
});

test('the newest comes first, the same two once, and a few are kept', () => {
  const store = storage();
  for (let i = 0; i < 12; i += 1) remember({ a: 'x', b: String(i) }, store);
  remember({ a: '10', b: 'x' }, store);
  const list = recentDiffs(store);
  expect(list).toHaveLength(8);
  expect(list.slice(0, 3)).toEqual([
    { a: '10', b: 'x' },
    { a: 'x', b: '11' },
    { a: 'x', b: '9' },
  ]);
});
