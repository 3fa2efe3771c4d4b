/**
 * The one script between window and main process. It is bundled into a single CommonJS file, runs in
 * a sandbox with a world of its own, and gives the page verbs, never `ipcRenderer` or an event.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import {
  LAB_PORT_MESSAGE,
  type LabPortMessage,
  type NativeBridge,
  type NativeCommand,
} from '../../core/contract/native.ts';
import { CHANNELS } from './channels.ts';

type Listener<T> = (value: T) => void;

/** Listeners of the page; what comes before the first of them is kept for it. */
function relay<T>(channel: string): (listener: Listener<T>) => () => void {
  const listeners = new Set<Listener<T>>();
  const early: T[] = [];
  ipcRenderer.on(channel, (_event, value: T) => {
    if (listeners.size === 0) early.push(value);
    for (const listener of listeners) listener(value);
  });
  return (listener) => {
    listeners.add(listener);
    for (const value of early.splice(0)) listener(value);
    return () => {
      listeners.delete(listener);
    };
  };
}

ipcRenderer.on(CHANNELS.port, (event, nonce: string) => {
  const message: LabPortMessage = { type: LAB_PORT_MESSAGE, nonce };
  window.postMessage(message, location.origin, [...event.ports]);
});

const bridge: NativeBridge = {
  host: 'electron',
  requestLabPort: (nonce) => ipcRenderer.send(CHANNELS.requestPort, nonce),
  pickFiles: () => ipcRenderer.invoke(CHANNELS.pickFiles) as Promise<readonly string[]>,
  pathForFile: (file) => webUtils.getPathForFile(file),
  saveFile: (delivery) => ipcRenderer.invoke(CHANNELS.saveFile, delivery) as Promise<string>,
  reveal: (path) => ipcRenderer.invoke(CHANNELS.reveal, path) as Promise<void>,
  onOpenFiles: relay<readonly string[]>(CHANNELS.openFiles),
  onCommand: relay<NativeCommand>(CHANNELS.command),
  setTheme: (theme) => ipcRenderer.invoke(CHANNELS.setTheme, theme) as Promise<void>,
};

contextBridge.exposeInMainWorld('mapcopy', bridge);
