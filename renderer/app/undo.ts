/** Undo and redo by key and by button, alike in every room: what was done is said in words. */
import { toErrorData } from '../../core/contract/index.ts';
import type { History } from '../parts/history.ts';
import { useToasts } from '../parts/toasts.svelte.ts';
import type { Binding } from './keys.svelte.ts';

export interface Undoing {
  readonly undo: () => Promise<void>;
  readonly redo: () => Promise<void>;
}

/**
 * To be called while a component is made.
 * @param history says what it has undone; an empty text where that shows by itself
 */
export function useUndo(history: Pick<History, 'undo' | 'redo'>): Undoing {
  const toasts = useToasts();
  let told = 0;
  const go = async (way: 'undo' | 'redo') => {
    // The last word about it is enough: who goes back ten steps is not told of each.
    toasts.dismiss(told);
    try {
      const what = await history[way]();
      if (what === '') return;
      const done = way === 'undo' ? 'Undone' : 'Done again';
      told = toasts.add('info', what === null ? `Nothing to ${way}.` : `${done}: ${what}.`);
    } catch (thrown) {
      const failed = way === 'undo' ? 'Not undone' : 'Not done again';
      toasts.add('warn', `${failed}: ${toErrorData(thrown).what}.`);
    }
  };
  return { undo: () => go('undo'), redo: () => go('redo') };
}

/** Ctrl+Z, and Ctrl+Shift+Z or Ctrl+Y. */
export function undoKeys({ undo, redo }: Undoing, group: string): readonly Binding[] {
  return [
    {
      key: 'ctrl+z',
      shown: 'Ctrl Z',
      label: 'undo',
      group,
      run: ({ shiftKey }) => void (shiftKey ? redo() : undo()),
    },
    { key: 'ctrl+y', shown: 'Ctrl Y', label: 'redo', group, run: () => void redo() },
  ];
}
