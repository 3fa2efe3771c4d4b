import type { Delivery, LabClient, Source } from '../../core/contract/index.ts';
import type { NativeCommand, ThemeChoice } from '../../core/contract/native.ts';

/** How far the bytes of a file have come on their way to the lab. */
export type SendProgress = (done: number, total: number) => void;

/**
 * What a host can do besides the lab. A member that is absent is something this host lacks; the
 * interface then hides what needs it.
 */
export interface Native {
  readonly host: 'browser' | 'electron';
  /** Makes a dropped or chosen file known to the lab. */
  sourceOf(file: File, progress: SendProgress, signal: AbortSignal): Promise<Source>;
  /**
   * Hands a file that the lab has made to the user: a download, or a dialog that asks where to.
   * @returns false when the user thought better of it
   */
  deliver(file: Delivery): Promise<boolean>;
  /** A file dialog of the desktop; without it the page uses its own file input. */
  readonly pickFiles?: () => Promise<readonly Source[]>;
  readonly onOpenFiles?: (listener: (files: readonly Source[]) => void) => () => void;
  readonly onCommand?: (listener: (command: NativeCommand) => void) => () => void;
  readonly setTheme?: (theme: ThemeChoice) => void;
  readonly reveal?: (path: string) => void;
}

export interface Connection {
  readonly client: LabClient;
  readonly native: Native;
}
