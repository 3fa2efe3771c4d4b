/** A command line for tests: what it prints, its status, and a user who presses Ctrl-C. */
import type { Io } from './io.ts';
import { runCommandLine } from './run-command.ts';

export interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  /** Every progress line, in order. */
  readonly progress: readonly string[];
}

/** @param stopAfter progress lines after which the user presses Ctrl-C */
export async function mapcopy(args: readonly string[], stopAfter = Infinity): Promise<Outcome> {
  let out = '';
  let err = '';
  const progress: string[] = [];
  let stop: ((signal: string) => void) | undefined;
  const io: Io = {
    out: (text) => (out += text),
    err: (text) => (err += text),
    progress: (text) => {
      progress.push(text);
      if (progress.length >= stopAfter) stop?.('SIGINT');
    },
    onStop: (listener) => {
      stop = listener;
      return () => {
        stop = undefined;
      };
    },
  };
  const status = await runCommandLine(args, io);
  return { status, out, err, progress };
}
