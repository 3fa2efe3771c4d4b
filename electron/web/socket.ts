import { MessageChannel } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { WebSocket } from 'ws';
import { VERSION } from '../../core/contract/index.ts';

/** The lab ended under this socket; the page may connect again at once. */
const CLOSE_LAB_ENDED = 1012;
const CLOSE_BAD_MESSAGE = 1007;

/**
 * Joins a page's socket to the lab. Messages are passed on as they are; the lab checks them.
 * Whichever side goes away takes the other with it, so that the lab ends runs nobody waits for.
 */
export function bridgeSocket(
  socket: WebSocket,
  session: string,
  connect: (port: MessagePort) => () => void,
): void {
  const { port1, port2 } = new MessageChannel();
  socket.send(JSON.stringify({ type: 'hello', session, host: 'browser', version: VERSION }));
  const lost = connect(port2);
  port1.on('message', (message: unknown) => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  });
  port1.on('close', () => {
    if (socket.readyState !== socket.OPEN) return; // We closed it.
    lost();
    socket.close(CLOSE_LAB_ENDED, 'the lab ended');
  });
  socket.on('message', (data, isBinary) => {
    const message = isBinary ? undefined : parse(data as Buffer);
    if (message === undefined) socket.close(CLOSE_BAD_MESSAGE, 'messages are JSON');
    else port1.postMessage(message);
  });
  socket.on('close', () => port1.close());
  // Always followed by a close.
  socket.on('error', () => undefined);
}

function parse(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
