import { describe, expect, it } from 'vitest';
import { editDistance, nearest } from '../../core/base/nearest.ts';
import { bytes, duration, number, pairs, table, wrap } from './text.ts';

describe('nearest', () => {
  it.each([
    ['strategy', 'strategi', 1],
    ['', 'abc', 3],
    ['same', 'same', 0],
    ['kitten', 'sitting', 3],
  ])('%j and %j are %d apart', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });

  it('says nothing when nothing is close', () => {
    expect(nearest('banana', ['run', 'list'])).toBeUndefined();
  });
});

describe('numbers', () => {
  it.each([
    [0, '0'],
    [1234567, '1,234,567'],
    [6.3899, '6.39'],
    [0.00012346, '0.0001235'],
    [123456.7, '123,457'],
  ])('%d reads %s', (value, text) => expect(number(value)).toBe(text));

  it.each([
    [980, '980 ns'],
    [436_200, '436.2 µs'],
    [41_000_000, '41 ms'],
    [12_000_000_000, '12 s'],
  ])('%d ns reads %s', (value, text) => expect(duration(value)).toBe(text));

  it.each([
    [1500, '1,500 B'],
    [256_000, '250 KiB'],
    [64 * 1024 ** 2, '64 MiB'],
  ])('%d bytes read %s', (value, text) => expect(bytes(value)).toBe(text));
});

describe('layout', () => {
  it('aligns tables', () => {
    const text = table(
      [{ title: 'name' }, { title: 'n', align: 'right' }],
      [
        ['a', '1'],
        ['long name', '1,000'],
      ],
    );
    expect(text).toBe('name           n\n---------  -----\na              1\nlong name  1,000\n');
  });

  it('aligns pairs', () => {
    expect(
      pairs([
        ['a', '1'],
        ['bcd', ''],
      ]),
    ).toBe('a    1\nbcd\n');
  });

  it('wraps at words', () => expect(wrap('one two three', 7)).toBe('one two\nthree'));
});
