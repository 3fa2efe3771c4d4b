/** The contract's `Port` over the ports that hosts have. */
import type { MessagePort as NodePort } from 'node:worker_threads';
import type { Port } from '../../core/contract/index.ts';

/** A port of `node:worker_threads`. */
export function portOverNode(port: NodePort): Port {
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => port.on('message', listener),
    onClose: (listener) => port.on('close', listener),
    close: () => port.close(),
  };
}

/** As much of Electron's MessagePortMain as a port needs. */
export interface ElectronPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}

/** A MessagePortMain, as it arrives in a utility process. It delivers nothing before `start`. */
export function portOverElectron(port: ElectronPort): Port {
  let started = false;
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => {
      port.on('message', (event) => listener(event.data));
      if (!started) port.start();
      started = true;
    },
    onClose: (listener) => port.on('close', listener),
    close: () => port.close(),
  };
}
