import { expect, it } from 'vitest';
import { History } from './history.ts';

/** A text whose changes are steps. */
function written() {
  const history = new History();
  let text = '';
  const write = (next: string, field = '') => {
    const before = text;
    text = next;
    const step = { undo: () => void (text = before), redo: () => void (text = next) };
    history.did({ what: `“${next}” written`, ...step }, field);
  };
  return { history, write, text: () => text };
}

it('has nothing to undo or redo at first, and after it was cleared', async () => {
  const { history, write, text } = written();
  expect(await history.undo()).toBeNull();
  write('a');
  history.clear();
  expect([await history.undo(), await history.redo(), text()]).toEqual([null, null, 'a']);
});

it('says what it takes back and does again', async () => {
  const { history, write, text } = written();
  write('a');
  write('b');
  expect([history.undoes, history.redoes]).toEqual(['“b” written', null]);
  expect([await history.undo(), text()]).toEqual(['“b” written', 'a']);
  expect([history.undoes, history.redoes]).toEqual(['“a” written', '“b” written']);
  expect([await history.redo(), text()]).toEqual(['“b” written', 'b']);
});

it('forgets what was taken back when something else is done', async () => {
  const { history, write, text } = written();
  write('a');
  await history.undo();
  write('b');
  expect([await history.redo(), text()]).toEqual([null, 'b']);
});

it('takes what was typed into one field back at once', async () => {
  const { history, write, text } = written();
  write('a', 'title');
  write('ab', 'title');
  write('x', 'note');
  write('xy', 'note');
  expect([await history.undo(), text()]).toEqual(['“xy” written', 'ab']);
  expect([await history.undo(), text()]).toEqual(['“ab” written', '']);
  await history.redo();
  expect(text()).toBe('ab');
  write('abc', 'title');
  await history.undo();
  expect(text()).toBe('ab');
});

it('drops a step that fails, and goes on with the one before', async () => {
  const { history, write, text } = written();
  write('a');
  const fail = () => Promise.reject(new Error('the disk is full'));
  history.did({ what: 'saved', undo: fail, redo: fail });
  await expect(history.undo()).rejects.toThrow('the disk is full');
  expect([await history.undo(), text(), history.redoes]).toEqual([
    '“a” written',
    '',
    '“a” written',
  ]);
});

it('takes one step back after the other, however fast it is asked', async () => {
  const history = new History();
  const order: string[] = [];
  for (const name of ['first', 'second']) {
    const undo = async () => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`${name} ends`);
    };
    history.did({ what: name, undo, redo: undo });
  }
  expect(await Promise.all([history.undo(), history.undo()])).toEqual(['second', 'first']);
  expect(order).toEqual(['second begins', 'second ends', 'first begins', 'first ends']);
});
