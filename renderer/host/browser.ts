/**
 * The browser host: a WebSocket to the server that sent this page. The address carries a one-time
 * token in its fragment; the server answers it with a session secret, which lives as long as the tab
 * and is what reloads and reconnections use.
 */
import {
  LabError,
  createClient,
  type Delivery,
  type Port,
  type Source,
} from '../../core/contract/index.ts';
import type { Connection, Native, SendProgress } from './types.ts';

const SESSION_KEY = 'mapcopy.session';
const HELLO_TIMEOUT_MS = 10_000;

interface Hello {
  readonly type: 'hello';
  readonly session: string;
}

function isHello(message: unknown): message is Hello {
  return (
    typeof message === 'object' &&
    message !== null &&
    'type' in message &&
    message.type === 'hello' &&
    'session' in message &&
    typeof message.session === 'string'
  );
}

/** Takes the token out of the address, so that it neither stays in the history nor is copied. */
function takeToken(): string | null {
  const match = /[#&]token=([^&]+)/.exec(location.hash);
  if (match?.[1] === undefined) return null;
  const rest = location.hash.replace(match[0], '').replace(/^&/, '#');
  history.replaceState(null, '', location.pathname + location.search + rest);
  return decodeURIComponent(match[1]);
}

function parse(data: unknown): unknown {
  if (typeof data !== 'string') return undefined;
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return undefined;
  }
}

function portOf(socket: WebSocket): Port {
  return {
    post: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
    onMessage: (listener) =>
      socket.addEventListener('message', (event) => listener(parse(event.data))),
    onClose: (listener) => socket.addEventListener('close', () => listener()),
    close: () => socket.close(),
  };
}

function refused(): LabError {
  return new LabError(
    'HOST_LOST',
    'the lab did not answer this page',
    location.host,
    'start "mapcopy serve" and open the address it prints; an address works once, a tab stays connected',
  );
}

function open(secret: string): Promise<{ socket: WebSocket; session: string }> {
  const address = new URL('/lab', location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  address.hash = '';
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, ['mapcopy', secret]);
    const timer = setTimeout(() => socket.close(), HELLO_TIMEOUT_MS);
    const fail = () => {
      clearTimeout(timer);
      reject(refused());
    };
    socket.addEventListener('close', fail, { once: true });
    socket.addEventListener(
      'message',
      (event) => {
        const message = parse(event.data);
        if (!isHello(message)) return socket.close();
        clearTimeout(timer);
        socket.removeEventListener('close', fail);
        resolve({ socket, session: message.session });
      },
      { once: true },
    );
  });
}

/** Sends a file to the server and resolves with the handle by which the lab knows it. */
function upload(
  session: string,
  file: File,
  progress: SendProgress,
  signal: AbortSignal,
): Promise<Source> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const failed = (what: string) =>
      reject(
        new LabError('UNWRITABLE', what, file.name, 'choose the file again; nothing was imported'),
      );
    request.open('PUT', `/upload?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader('x-mapcopy-session', session);
    request.responseType = 'json';
    request.upload.onprogress = (event) => progress(event.loaded, file.size);
    request.onload = () => {
      const answer = request.response as { upload?: unknown; name?: unknown } | null;
      if (request.status === 200 && typeof answer?.upload === 'string') {
        resolve({ kind: 'upload', upload: answer.upload, name: file.name });
      } else failed(`the server did not take the file (status ${request.status})`);
    };
    request.onerror = () => failed('the connection ended while the file was being sent');
    request.onabort = () =>
      reject(new LabError('CANCELLED', 'the import was cancelled', file.name, 'nothing was added'));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}

/** Lets the browser fetch a file that the lab has made; it goes where downloads go. */
function download(session: string, { delivery, name }: Delivery): boolean {
  const link = document.createElement('a');
  link.href = `/delivery?id=${delivery}&session=${session}`;
  link.download = name;
  link.click();
  return true;
}

export async function connectBrowser(): Promise<Connection> {
  const secret = takeToken() ?? sessionStorage.getItem(SESSION_KEY);
  if (secret === null) throw refused();
  const { socket, session } = await open(secret);
  sessionStorage.setItem(SESSION_KEY, session);
  const native: Native = {
    host: 'browser',
    sourceOf: (file, progress, signal) => upload(session, file, progress, signal),
    deliver: (file) => Promise.resolve(download(session, file)),
  };
  return { client: createClient(portOf(socket)), native };
}
