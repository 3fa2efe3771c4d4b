import { expect, it } from 'vitest';
import { clockOf } from './clock.ts';

it.each([
  ['fast', 'not a number'],
  ['0', '1 to 100000 MHz'],
  ['2394454000', '1 to 100000 MHz'],
])('%s is no clock rate', (text, wrong) => expect(clockOf(text)).toEqual({ hz: null, wrong }));

it.each([
  ['', null],
  ['2394.454', 2_394_454_000],
  [' 2394,454 ', 2_394_454_000],
])('%j MHz are %s Hz', (text, hz) => expect(clockOf(text)).toEqual({ hz, wrong: '' }));
