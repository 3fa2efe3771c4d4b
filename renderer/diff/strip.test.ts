import { expect, test } from 'vitest';
import { edgesOf, placeAt, placeOfRequest, reachOf } from './strip.ts';

const strip = {
  each: 2,
  first: [1, 3, 9],
  atNs: [0, 10, 90],
  meanNs: [5, -5, 0],
  leastNs: [5, -30, 0],
  mostNs: [8, 2, 0],
  largest: [2, 3, 9],
};

test('places are as wide as each other along requests, and where A submitted them along time', () => {
  expect(edgesOf(strip, 'request', 100)).toEqual([0, 1 / 3, 2 / 3, 1]);
  expect(edgesOf(strip, 'time', 100)).toEqual([0, 0.1, 0.9, 1]);
  // A trace without length has no time to lie along.
  expect(edgesOf(strip, 'time', 0)).toEqual(edgesOf(strip, 'request', 0));
});

test('a click finds the place below it, and the edges find the first and the last', () => {
  const edges = edgesOf(strip, 'time', 100);
  expect([-1, 0, 0.05, 0.1, 0.89, 0.95, 2].map((share) => placeAt(edges, share))).toEqual([
    0, 0, 0, 1, 1, 2, 2,
  ]);
});

test('a request is found in the place that begins before it', () => {
  expect([0, 1, 2, 8, 9, 900].map((request) => placeOfRequest(strip, request))).toEqual([
    -1, 0, 0, 1, 2, 2,
  ]);
});

test('the height has room for the greatest change either way', () => {
  expect(reachOf(strip)).toEqual({ up: 8, down: 30 });
});
