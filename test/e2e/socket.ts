/** The browser host's socket, without a browser: for what a page would never do. */
import { WebSocket } from 'ws';
import { createClient, type LabClient, type Port } from '../../core/contract/index.ts';

export interface Joined {
  readonly client: LabClient;
  readonly session: string;
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
}

export interface JoinOptions {
  readonly port: number;
  readonly secret: string;
  readonly origin?: string | null;
  readonly host?: string;
  readonly path?: string;
  readonly protocols?: string[];
}

/** Opens a socket; rejects with the status when it is refused. */
export function join(options: JoinOptions): Promise<Joined> {
  const { port, secret } = options;
  const origin = options.origin === undefined ? `http://127.0.0.1:${port}` : options.origin;
  const socket = new WebSocket(
    `ws://127.0.0.1:${port}${options.path ?? '/lab'}`,
    options.protocols ?? ['mapcopy', secret],
    {
      ...(origin === null ? {} : { origin }),
      ...(options.host === undefined ? {} : { headers: { host: options.host } }),
    },
  );
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  return new Promise((resolve, reject) => {
    socket.on('unexpected-response', (_request, response) => {
      reject(new Error(`refused with ${response.statusCode}`));
      socket.terminate();
    });
    socket.on('error', reject);
    socket.once('message', (data) => {
      const hello = JSON.parse((data as Buffer).toString()) as { type: string; session: string };
      if (hello.type !== 'hello') reject(new Error('the first message is not hello'));
      resolve({ client: createClient(portOf(socket)), session: hello.session, socket, closed });
    });
  });
}

function portOf(socket: WebSocket): Port {
  return {
    post: (message) => socket.send(JSON.stringify(message)),
    onMessage: (listener) =>
      socket.on('message', (data) => listener(JSON.parse((data as Buffer).toString()))),
    onClose: (listener) => socket.on('close', () => listener()),
    close: () => socket.close(),
  };
}
