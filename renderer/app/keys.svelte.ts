/** Who listens to which key. Rooms add their bindings while they are shown; `?` lists them all. */
import { createContext, untrack } from 'svelte';

export interface Binding {
  /** `event.key` in lower case, with `ctrl+` or `alt+` before it. */
  readonly key: string;
  /** How it is written in help; the key itself where it is left out. */
  readonly shown?: string;
  readonly label: string;
  readonly group: string;
  readonly run: (event: KeyboardEvent) => void;
  /** For keys that act as long as they are held: called when the key comes up. */
  readonly release?: () => void;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target instanceof HTMLTextAreaElement ||
      target instanceof HTMLSelectElement ||
      (target instanceof HTMLInputElement && target.type !== 'checkbox' && target.type !== 'radio'))
  );
}

/** Enter and Space belong to the button, link or box that has the focus. */
function isPressing(event: KeyboardEvent): boolean {
  return (
    (event.key === 'Enter' || event.key === ' ') &&
    event.target instanceof Element &&
    event.target.closest('button, a, input, summary') !== null
  );
}

function nameOf(event: KeyboardEvent): string {
  // AltGr types characters: on some systems it reports itself as Ctrl and Alt.
  const typing = event.getModifierState('AltGraph');
  const ctrl = !typing && (event.ctrlKey || event.metaKey);
  const alt = !typing && event.altKey;
  return `${ctrl ? 'ctrl+' : ''}${alt ? 'alt+' : ''}${event.key.toLowerCase()}`;
}

export class Keys {
  groups = $state.raw<readonly (readonly Binding[])[]>([]);
  /** A dialog is open: only it listens. */
  suspended = $state(false);

  /** May be called from an effect: it does not make that depend on who else listens. */
  add(bindings: readonly Binding[]): () => void {
    untrack(() => (this.groups = [...this.groups, bindings]));
    return () => {
      untrack(() => (this.groups = this.groups.filter((each) => each !== bindings)));
    };
  }

  #find(event: KeyboardEvent): Binding | undefined {
    const name = nameOf(event);
    return this.groups.flat().findLast((each) => each.key === name);
  }

  down(event: KeyboardEvent): void {
    if (event.defaultPrevented || this.suspended) return;
    if (document.querySelector('dialog[open]') !== null || isPressing(event)) return;
    // What is inside a shadow root, as the SQL editor is, shows only in the path.
    const [target = null] = event.composedPath();
    if (isTyping(target)) {
      if (event.key === 'Escape' && target instanceof HTMLElement) target.blur();
      return;
    }
    const binding = this.#find(event);
    if (binding === undefined) return;
    event.preventDefault();
    binding.run(event);
  }

  up(event: KeyboardEvent): void {
    this.#find(event)?.release?.();
  }

  /** The window lost focus: no key-up will come. */
  releaseAll(): void {
    for (const binding of this.groups.flat()) binding.release?.();
  }
}

export const [useKeys, provideKeys] = createContext<Keys>();
