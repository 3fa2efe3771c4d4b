import { Worker, type MessagePort } from 'node:worker_threads';
import type { LabProcess } from './messages.ts';

/** Starts a lab process in a worker thread: what the browser host and tests use. */
export function spawnWorker(
  entry = new URL('./entry.ts', import.meta.url),
): LabProcess<MessagePort> {
  const worker = new Worker(entry);
  // An error is followed by an exit, which is what the keeper acts on; without a listener the
  // error would end the host as well.
  worker.on('error', (error) => console.error('The lab process failed:', error));
  return {
    send: (message, port) =>
      port === undefined
        ? worker.postMessage(message)
        : worker.postMessage({ ...message, port }, [port]),
    onExit: (listener) => worker.once('exit', listener),
    kill: () => void worker.terminate(),
  };
}
