import { expect, test } from 'vitest';
import { find, type Command } from './commands.ts';

const command = (group: string, title: string, detail = ''): Command => ({
  id: `${group} ${title}`,
  group,
  title,
  detail,
  keys: '',
  run: () => undefined,
});
const commands = [
  command('Rooms', 'Replay'),
  ...Array.from({ length: 20 }, (_, index) => command('Traces', `Run ${index}`, 'grant-map, kvm')),
  command('Strategies', 'grant-map', 'strategy'),
  command('Help', 'Replaying'),
];
const titles = (typed: string, recent: readonly string[] = []) =>
  find(commands, typed, recent).map((each) => each.command.title);

test('nothing that is not there is found', () => {
  expect(titles('qqq')).toEqual([]);
});

test('a title comes before what only mentions the word', () => {
  expect(titles('grant-map')[0]).toBe('grant-map');
  expect(titles('grant-map')).toHaveLength(21);
});

test('letters may lie apart in a title, not in what stands beside it', () => {
  expect(titles('gkv')).toEqual([]);
  expect(titles('gmp')).toEqual(['grant-map']);
});

test('groups stand in one piece', () => {
  const groups = find(commands, 'r', []).map((each) => each.command.group);
  const pieces = groups.filter((group, index) => group !== groups[index - 1]);
  expect(pieces).toEqual([...new Set(groups)]);
});

test('with nothing typed, what was used last comes first, and long groups are cut', () => {
  const list = titles('', ['Help Replaying']);
  expect(list[0]).toBe('Replaying');
  expect(list.filter((title) => title.startsWith('Run'))).toHaveLength(8);
});
