import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { LabError } from '../../core/contract/index.ts';
import { Deliveries } from '../lab/deliveries.ts';
import { LabKeeper } from '../lab/keeper.ts';
import type { LibraryPlaces } from '../lab/places.ts';
import { spawnWorker } from '../lab/worker.ts';
import { isOwnHost, isOwnOrigin } from './origin.ts';
import { answer } from './requests.ts';
import { Secrets } from './secrets.ts';
import { bridgeSocket } from './socket.ts';
import { Uploads } from './uploads.ts';

/** Calls are small; a message beyond this is not one of ours. */
const MESSAGE_BYTES_MAX = 4 * 1024 ** 2;
const PROTOCOL = 'mapcopy';

export interface WebHostOptions extends LibraryPlaces {
  /** Folder of the built page. */
  readonly pageRoot: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Starts the lab process; a worker thread unless a test says otherwise. */
  readonly spawn?: typeof spawnWorker;
  readonly uploadBytesMax?: number;
}

/** The browser host in service. */
export interface WebHost {
  readonly port: number;
  /** An address that opens the lab once. */
  newAddress(): string;
  /** Ends recordings properly, then everything else. */
  close(reason: string): Promise<void>;
}

/** Serves page and lab on 127.0.0.1. @throws LabError BAD_USAGE when the port is taken */
export async function startWebHost(options: WebHostOptions): Promise<WebHost> {
  const secrets = new Secrets();
  const server = createServer();
  const port = await listen(server, options.port);
  const uploads = new Uploads(options.uploadBytesMax);
  const deliveries = new Deliveries();
  const { home, samples, pageRoot } = options;
  const keeper = new LabKeeper(options.spawn ?? spawnWorker, {
    home,
    samples,
    uploads: uploads.folder,
    deliveries: deliveries.folder,
  });
  const context = { pageRoot, places: { home, samples }, secrets, uploads, deliveries, port };
  server.on('request', (request, response) => void answer(request, response, context));

  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
    handleProtocols: () => PROTOCOL,
  });
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy());
    const outcome = admit(request, port, secrets);
    if (typeof outcome === 'number') {
      stream.end(`HTTP/1.1 ${outcome} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, stream, head, (socket) =>
      bridgeSocket(socket, outcome.session, (channel) => keeper.connect('browser', channel)),
    );
  });

  let closing: Promise<void> | undefined;
  const end = async (reason: string) => {
    await keeper.finish(reason);
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    uploads.close();
    deliveries.close();
  };

  return {
    port,
    newAddress: () => `http://127.0.0.1:${port}/#token=${secrets.issueToken()}`,
    // A second Ctrl-C must not disturb the first.
    close: (reason) => (closing ??= end(reason)),
  };
}

/** The session of a socket to be, or the status with which it is refused. */
function admit(
  request: IncomingMessage,
  port: number,
  secrets: Secrets,
): { readonly session: string } | number {
  if (!isOwnHost(request, port)) return 421;
  if (!isOwnOrigin(request, 'refused')) return 403;
  if (new URL(request.url ?? '/', 'http://127.0.0.1').pathname !== '/lab') return 404;
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',');
  const [name, secret] = offered.map((each) => each.trim());
  if (name !== PROTOCOL || secret === undefined) return 400;
  const session = secrets.admit(secret);
  return session === undefined ? 401 : { session };
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new LabError(
          'BAD_USAGE',
          `the browser host cannot listen (${error.code ?? error.message})`,
          `127.0.0.1:${port}`,
          'choose another port with --port, or none to take any that is free',
        ),
      );
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
