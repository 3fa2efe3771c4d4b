/**
 * What the desktop host offers the page besides the lab: the few native verbs a browser lacks. The
 * preload script puts this object at `window.mapcopy`; in the browser host there is none, and the
 * interface hides what it would need.
 *
 * Types only: the page must not import `electron/`, and the preload must not import `renderer/`.
 */

/** `data.type` of the window message that brings the port. */
export const LAB_PORT_MESSAGE = 'mapcopy:lab-port';

/**
 * The message that brings a port to the lab: `event.ports[0]` is a MessagePort that carries the
 * messages of `rpc.ts` as they are. Accept it only when `event.source === window` and the nonce is
 * one that this page has asked with.
 */
export interface LabPortMessage {
  readonly type: typeof LAB_PORT_MESSAGE;
  readonly nonce: string;
}

/** What a menu item of the desktop app asks the page to do. */
export const NATIVE_COMMANDS = [
  'go-library',
  'go-experiment',
  'go-replay',
  'go-diff',
  'go-charts',
  'go-report',
  'palette',
  'undo',
  'redo',
  'run',
  'cancel',
  'zoom-in',
  'zoom-out',
  'zoom-fit',
  'help',
  'tour',
] as const;
export type NativeCommand = (typeof NATIVE_COMMANDS)[number];

/** Which theme the window uses. `system` follows the desktop. */
export type ThemeChoice = 'system' | 'light' | 'dark';

/** The object at `window.mapcopy` in the desktop app. */
export interface NativeBridge {
  readonly host: 'electron';
  /**
   * Asks for a port to the lab. It arrives as a `LabPortMessage` with the same nonce (any random
   * text of 16 to 128 characters). When the port closes the lab has ended: ask again with a new
   * nonce, and the answer comes as soon as the lab is back.
   */
  requestLabPort(nonce: string): void;
  /** Shows the file dialog. Resolves with absolute paths; empty when the user cancelled. */
  pickFiles(): Promise<readonly string[]>;
  /** Absolute path of a file that was dropped on the page; empty when it has none. */
  pathForFile(file: File): string;
  /**
   * Asks where a file that the lab has made should go, and puts it there.
   * @param delivery of a `Delivery`
   * @returns its path; empty when the user cancelled, and the file is gone
   */
  saveFile(delivery: string): Promise<string>;
  /** Shows a file of the library in the desktop's file manager. */
  reveal(path: string): Promise<void>;
  /**
   * Calls `listener` with files that the user opened from outside: command line, file manager,
   * dock, recent documents. Files that came before the first listener are handed to it at once.
   * @returns a function that removes the listener
   */
  onOpenFiles(listener: (paths: readonly string[]) => void): () => void;
  /** Calls `listener` when the user chose a menu item. @returns removes the listener */
  onCommand(listener: (command: NativeCommand) => void): () => void;
  /** Theme of window frame, menus and dialogs; the page's own theme is the page's business. */
  setTheme(theme: ThemeChoice): Promise<void>;
}
