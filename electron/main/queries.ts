import type { LabMessage } from '../lab/messages.ts';
import type { ElectronApi, LabChild } from './electron-api.ts';
import { labEnvironment } from './lab-child.ts';

/** Starts the processes of a lab's queries, one each, and ends them when it says so or is gone. */
export function serveQueries(
  utilityProcess: ElectronApi['utilityProcess'],
  lab: LabChild,
  entry: string,
): void {
  const running = new Map<number, LabChild>();
  lab.on('message', (message: LabMessage) => {
    const { id } = message;
    if (message.type === 'end-query') {
      end(running.get(id));
      return;
    }
    const child = utilityProcess.fork(entry, [], {
      serviceName: 'Mapcopy query',
      env: labEnvironment(process.env),
      stdio: 'inherit',
    });
    running.set(id, child);
    child.once('message', (reply: unknown) => lab.postMessage({ type: 'query-reply', id, reply }));
    child.once('exit', (code) => {
      running.delete(id);
      lab.postMessage({ type: 'query-exit', id, how: `status ${code}` });
    });
    child.postMessage(message.job);
  });
  lab.once('exit', () => {
    for (const child of running.values()) end(child);
  });
}

/** Nothing is lost with a query, and SQLite answers to no gentler signal than the last. */
function end(child: LabChild | undefined): void {
  if (child?.pid === undefined) {
    child?.kill(); // It has not begun.
    return;
  }
  try {
    process.kill(child.pid, 'SIGKILL');
  } catch {
    // It has just gone by itself.
  }
}
