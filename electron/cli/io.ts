/** What a command may do to the world outside; tests give their own. */
export interface Io {
  /** Standard output, for results. */
  out(text: string): void;
  /** Standard error, for errors and warnings. */
  err(text: string): void;
  /** Replaces the progress line on standard error; does nothing where that is not a terminal. */
  progress(text: string): void;
  /** Calls `listener` when the user or the system wants the program to end. @returns removes it */
  onStop(listener: (signal: string) => void): () => void;
}

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The process itself. */
export function processIo(): Io {
  const terminal = process.stderr.isTTY;
  // A reader that has seen enough, such as `head`, is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    progress: (text) => {
      if (terminal) process.stderr.write(`\r\x1b[2K${text}`);
    },
    onStop: (listener) => {
      const handlers = SIGNALS.map((signal) => [signal, () => listener(signal)] as const);
      for (const [signal, handler] of handlers) process.on(signal, handler);
      return () => {
        for (const [signal, handler] of handlers) process.off(signal, handler);
      };
    },
  };
}
