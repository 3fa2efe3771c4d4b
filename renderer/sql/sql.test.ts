import { expect, test } from 'vitest';
import { leadsOf } from './leads.ts';
import { lineAndColumn, placeOfError } from './position.ts';
import { fill, isLinked, type Selected } from './selection.ts';
import { toCsv, toJson } from './text.ts';

const selected: Selected = {
  $event: 7,
  $request: null,
  $track: 1,
  $from: 10.6,
  $to: 20,
  $at: 12,
};

test('a placeholder without a value is an error with its place', () => {
  expect(fill('SELECT $request', selected).missing).toMatchObject({ name: '$request', at: 7 });
  expect(fill('SELECT $nothing', selected).missing?.remedy).toContain('$event');
});

test('a place behind a value is found again in what was written', () => {
  const sql = 'SELECT $event + $event FORM t';
  const filled = fill(sql, { ...selected, $event: 123456789 });
  expect(filled.written(filled.sql.indexOf('FORM'))).toBe(sql.indexOf('FORM'));
  expect(filled.written(3)).toBe(3);
});

test('placeholders in strings and comments are text', () => {
  const sql = `SELECT '$event', "$at" -- $request\n/* $request */ FROM t WHERE a = $event AND b < $from`;
  expect(fill(sql, selected).sql).toBe(
    `SELECT '$event', "$at" -- $request\n/* $request */ FROM t WHERE a = 7 AND b < 11`,
  );
  expect(isLinked(`SELECT '$event' -- $at`)).toBe(false);
  expect(isLinked('SELECT $at')).toBe(true);
});

/** A parser that chokes on the word at one place. */
const chokesAt = (at: number, word: string) => (sql: string) =>
  Promise.resolve(sql.length > at ? `near "${word}": syntax error` : 'incomplete input');

test('of several equal words the one that is wrong is found', async () => {
  const sql = `SELECT 'from' FROM a WHERE x IN (SELECT y FROM FROM b)`;
  const wrong = sql.lastIndexOf('FROM');
  const place = await placeOfError(
    'the query fails: near "FROM": syntax error',
    sql,
    chokesAt(wrong, 'FROM'),
  );
  expect(place).toEqual({ from: wrong, to: wrong + 4 });
});

test('an unknown name is marked, not the string or comment that holds it', async () => {
  const sql = `SELECT 'tme' /* tme */, e.tme FROM events e`;
  const place = await placeOfError('the query fails: no such column: e.tme', sql, () =>
    Promise.reject(new Error('not asked')),
  );
  expect(place).toEqual({ from: sql.indexOf('e.tme') + 2, to: sql.indexOf('e.tme') + 5 });
});

test('an error that names nothing has no place', async () => {
  expect(await placeOfError('out of memory', 'SELECT 1', () => Promise.resolve(null))).toBeNull();
  expect(lineAndColumn('SELECT\n  1', 9)).toEqual({ line: 2, column: 3 });
});

test('an id leads to what its rows are, a name to what it says', () => {
  expect(leadsOf('SELECT id, ts, request FROM events', ['id', 'ts', 'request'])).toEqual([
    'event',
    'time',
    'request',
  ]);
  expect(leadsOf('SELECT * FROM latencies', ['id', 'bytes', 'first_event'])).toEqual([
    'request',
    null,
    'event',
  ]);
  expect(leadsOf('SELECT id, kind FROM tracks -- FROM events', ['id', 'kind'])).toEqual([
    null,
    null,
  ]);
});

const answer = {
  columns: ['a', 'a', 'b'],
  rows: [
    [1, 'x"y', null],
    ['18446744073709551615', 'two\nlines', 0.5],
  ],
  truncated: false,
};

test('CSV quotes what must be quoted, JSON tells equal columns apart', () => {
  expect(toCsv(answer)).toBe('a,a,b\r\n1,"x""y",\r\n18446744073709551615,"two\nlines",0.5\r\n');
  expect(JSON.parse(toJson(answer))).toEqual([
    { a: 1, a_2: 'x"y', b: null },
    { a: '18446744073709551615', a_2: 'two\nlines', b: 0.5 },
  ]);
  expect(JSON.parse(toJson({ ...answer, rows: [] }))).toEqual([]);
});
