import { expect, test } from 'vitest';
import { placeBeside, type Box } from './place.ts';

const words = { width: 300, height: 200 };
const window = { width: 1280, height: 720 };
const overlaps = (target: Box) => {
  const { x, y } = placeBeside(target, words, window);
  return (
    x < target.left + target.width &&
    x + words.width > target.left &&
    y < target.top + target.height &&
    y + words.height > target.top
  );
};

test('what fills the window has the words within it', () => {
  const place = placeBeside({ left: 0, top: 0, width: 1280, height: 720 }, words, window);
  expect(place).toEqual({ x: 968, y: 508 });
});

test.each<[string, Box]>([
  ['at the top', { left: 200, top: 0, width: 800, height: 60 }],
  ['at the bottom', { left: 200, top: 600, width: 800, height: 120 }],
  ['on the right', { left: 980, top: 0, width: 300, height: 720 }],
  ['on the left', { left: 0, top: 0, width: 200, height: 720 }],
  ['in a corner', { left: 1240, top: 10, width: 30, height: 30 }],
])('a thing %s is not covered, and the words are whole', (_, target) => {
  const { x, y } = placeBeside(target, words, window);
  expect(overlaps(target)).toBe(false);
  expect(x >= 0 && y >= 0 && x + words.width <= 1280 && y + words.height <= 720).toBe(true);
});
