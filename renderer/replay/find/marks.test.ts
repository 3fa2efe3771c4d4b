import { describe, expect, it } from 'vitest';
import { markFrom, withMark, withView } from './marks.ts';

const notes = { text: 'kept', tags: ['kept'], bookmarks: [{ tick: 50, text: 'old' }], views: [] };

describe('marks in the notes of a trace', () => {
  it('leave everything else as it is', () => {
    expect(withMark(notes, { tick: 1, text: 'never made' }, null)).toEqual(notes);
    expect(withMark(notes, null, { tick: 10, text: 'new' })).toEqual({
      ...notes,
      bookmarks: [
        { tick: 10, text: 'new' },
        { tick: 50, text: 'old' },
      ],
    });
  });

  it('are changed and removed one at a time, also among equals', () => {
    const old = { tick: 50, text: 'old' };
    const twice = withMark(notes, null, { ...old });
    expect(withMark(twice, old, { tick: 50, text: 'mended' }).bookmarks).toEqual([
      old,
      { tick: 50, text: 'mended' },
    ]);
    expect(withMark(twice, old, null).bookmarks).toEqual([old]);
  });

  it('are stepped through, and end', () => {
    const marks = [
      { tick: 10, text: 'a' },
      { tick: 20, text: 'b' },
    ];
    expect(markFrom(marks, 10.4, 1)?.text).toBe('b');
    expect(markFrom(marks, 20, 1)).toBeUndefined();
    expect(markFrom(marks, 20, -1)?.text).toBe('a');
    expect(markFrom(marks, 10, -1)).toBeUndefined();
  });

  it('keep one view under a name', () => {
    const named = withView(withView(notes, 'flush', '#/a'), 'flush', '#/b');
    expect(named.views).toEqual([{ name: 'flush', view: '#/b' }]);
    expect(withView(named, 'flush', null).views).toEqual([]);
  });
});
