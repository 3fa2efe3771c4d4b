/** Undo and redo from a menu of the desktop. */

function focused(): Element {
  let element = document.activeElement ?? document.body;
  while (element.shadowRoot?.activeElement != null) element = element.shadowRoot.activeElement;
  return element;
}

/**
 * Does what the keys would do where the focus is: in the SQL editor, in the room, or in a field, which
 * alone needs the browser's own command.
 */
export function editCommand(way: 'undo' | 'redo'): void {
  const mac = navigator.userAgent.includes('Macintosh');
  const press = new KeyboardEvent('keydown', {
    key: way === 'undo' ? 'z' : 'Z',
    code: 'KeyZ',
    keyCode: 90,
    ctrlKey: !mac,
    metaKey: mac,
    shiftKey: way === 'redo',
    bubbles: true,
    cancelable: true,
    composed: true,
  });
  // Deprecated, and the only way to a field's own undo.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  if (focused().dispatchEvent(press)) document.execCommand(way);
}
