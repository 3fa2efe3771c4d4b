import type { Io } from './io.ts';

/**
 * Does work that Ctrl-C ends by its signal. The progress line is gone afterwards, so that a result can
 * be printed.
 */
export async function stoppable<T>(io: Io, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const release = io.onStop((signal) => stop.abort(`stopped by ${signal}`));
  try {
    return await work(stop.signal);
  } finally {
    io.progress('');
    release();
  }
}
