/** The desktop host: a MessagePort to the lab process, brought by the preload script. */
import { LabError, createClient, type Port, type Source } from '../../core/contract/index.ts';
import {
  LAB_PORT_MESSAGE,
  type LabPortMessage,
  type NativeBridge,
} from '../../core/contract/native.ts';
import type { Connection, Native } from './types.ts';

declare global {
  interface Window {
    readonly mapcopy?: NativeBridge;
  }
}

function isPortMessage(data: unknown, nonce: string): data is LabPortMessage {
  return (
    typeof data === 'object' &&
    data !== null &&
    'type' in data &&
    data.type === LAB_PORT_MESSAGE &&
    'nonce' in data &&
    data.nonce === nonce
  );
}

function receivePort(bridge: NativeBridge): Promise<MessagePort> {
  const nonce = crypto.randomUUID();
  return new Promise((resolve) => {
    const listen = (event: MessageEvent<unknown>) => {
      const port = event.ports[0];
      if (event.source !== window || !isPortMessage(event.data, nonce) || port === undefined)
        return;
      window.removeEventListener('message', listen);
      resolve(port);
    };
    window.addEventListener('message', listen);
    bridge.requestLabPort(nonce);
  });
}

function portOf(channel: MessagePort): Port {
  channel.start();
  return {
    post: (message) => channel.postMessage(message),
    onMessage: (listener) =>
      channel.addEventListener('message', (event: MessageEvent<unknown>) => listener(event.data)),
    onClose: (listener) => channel.addEventListener('close', () => listener()),
    close: () => channel.close(),
  };
}

const fromPaths = (paths: readonly string[]): Source[] =>
  paths.map((path) => ({ kind: 'path', path }));

function nativeOf(bridge: NativeBridge): Native {
  return {
    host: 'electron',
    sourceOf: (file) => {
      const path = bridge.pathForFile(file);
      return path === ''
        ? Promise.reject(
            new LabError(
              'FILE_NOT_FOUND',
              'what was dropped is not a file on this machine',
              file.name,
              'save it to a folder and drop it from there',
            ),
          )
        : Promise.resolve({ kind: 'path', path });
    },
    deliver: async ({ delivery }) => (await bridge.saveFile(delivery)) !== '',
    pickFiles: async () => fromPaths(await bridge.pickFiles()),
    onOpenFiles: (listener) => bridge.onOpenFiles((paths) => listener(fromPaths(paths))),
    onCommand: (listener) => bridge.onCommand(listener),
    setTheme: (theme) => void bridge.setTheme(theme),
    reveal: (path) => void bridge.reveal(path),
  };
}

export async function connectDesktop(bridge: NativeBridge): Promise<Connection> {
  const port = await receivePort(bridge);
  return { client: createClient(portOf(port)), native: nativeOf(bridge) };
}
