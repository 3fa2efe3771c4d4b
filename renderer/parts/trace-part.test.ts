import { expect, it } from 'vitest';
import { partText } from './trace-part.ts';

const whole = { of: 'a.mctrace', events: 1200, from: null, to: null, requests: null, tracks: null };

it('says what was kept, and nothing of what was not cut', () => {
  const text = (part: Partial<typeof whole> | object) =>
    partText({ ...whole, ...part }, 1000, 5_000_000).replaceAll(/[\u2009\u00a0]/g, ' ');
  expect(text({ tracks: 2 })).toBe('part of a.mctrace, which has 1 200 events: 2 tracks');
  expect(text({ from: 2_000_000 })).toMatch(/: 2\.000 000 ms to the end$/);
  expect(text({ to: 3_000_000, requests: [3, 9] })).toMatch(
    /: the beginning to 3\.000 000 ms, requests #3 to #9$/,
  );
});
