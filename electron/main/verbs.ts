/** The page's native verbs, answered in the main process. */
import path from 'node:path';
import type { IpcMainEvent, IpcMainInvokeEvent, MessagePortMain } from 'electron';
import * as v from 'valibot';
import type { Deliveries } from '../lab/deliveries.ts';
import type { LabKeeper } from '../lab/keeper.ts';
import { CHANNELS } from '../preload/channels.ts';
import type { ElectronApi } from './electron-api.ts';
import { saveFile } from './save-file.ts';
import { isTrustedSender } from './security.ts';
import type { Settings } from './settings.ts';

const NonceSchema = v.pipe(v.string(), v.minLength(16), v.maxLength(128));
const ThemeSchema = v.picklist(['system', 'light', 'dark']);
const IdSchema = v.pipe(v.string(), v.maxLength(64));
const PathSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));

export interface VerbContext {
  readonly keeper: Pick<LabKeeper<MessagePortMain>, 'connect'>;
  readonly settings: Settings;
  readonly deliveries: Deliveries;
  /** Folders whose files may be shown in the file manager. */
  readonly revealable: readonly string[];
}

/** Listens to the page. Every message is checked for its sender and its shape. */
export function serveVerbs(electron: ElectronApi, context: VerbContext): void {
  const { ipcMain, nativeTheme, shell } = electron;
  const { settings } = context;

  ipcMain.on(CHANNELS.requestPort, (event: IpcMainEvent, nonce: unknown) => {
    const checked = v.safeParse(NonceSchema, nonce);
    if (!isTrustedSender(event.senderFrame) || !checked.success) return;
    const { port1, port2 } = new electron.MessageChannelMain();
    context.keeper.connect('window', port1); // Its other end is the page's: we see no loss.
    event.sender.postMessage(CHANNELS.port, checked.output, [port2]);
  });

  const answer = (channel: string, handler: (argument: unknown) => unknown) => {
    ipcMain.handle(channel, (event: IpcMainInvokeEvent, argument: unknown) => {
      if (!isTrustedSender(event.senderFrame)) throw new Error('not for this page');
      return handler(argument);
    });
  };
  answer(CHANNELS.pickFiles, () => pickFiles(electron, settings));
  answer(CHANNELS.saveFile, (argument) =>
    saveFile(electron, v.parse(IdSchema, argument), { settings, deliveries: context.deliveries }),
  );
  answer(CHANNELS.reveal, (argument) => {
    const file = path.resolve(v.parse(PathSchema, argument));
    const known = context.revealable.some((folder) => file.startsWith(folder + path.sep));
    if (known) shell.showItemInFolder(file);
  });
  answer(CHANNELS.setTheme, (argument) => {
    const theme = v.parse(ThemeSchema, argument);
    nativeTheme.themeSource = theme;
    settings.update({ theme });
  });
}

/** The file dialog; it opens where it was left. */
export async function pickFiles(
  electron: Pick<ElectronApi, 'dialog'>,
  settings: Settings,
): Promise<readonly string[]> {
  const { lastFolder } = settings.data;
  const answer = await electron.dialog.showOpenDialog({
    title: 'Open traces and recordings',
    properties: ['openFile', 'multiSelections'],
    filters: [
      { name: 'Traces and recordings', extensions: ['mctrace', 'txt', 'log', 'json', 'dat', 'gz'] },
      { name: 'All files', extensions: ['*'] },
    ],
    ...(lastFolder === '' ? {} : { defaultPath: lastFolder }),
  });
  const [first] = answer.filePaths;
  if (first !== undefined) settings.update({ lastFolder: path.dirname(first) });
  return answer.filePaths;
}
