/**
 * As much of Electron as the app uses. The parts are picked from Electron's own types, so that a
 * change there fails to compile here, and a fake for tests has to be just this large.
 */
import type {
  App,
  BrowserWindow,
  BrowserWindowConstructorOptions,
  Dialog,
  IpcMain,
  MenuItemConstructorOptions,
  MessagePortMain,
  NativeTheme,
  Protocol,
  Session,
  Shell,
  UtilityProcess,
  WebContents,
  WebFrameMain,
} from 'electron';

/** Contents of a window. */
export type Contents = Pick<
  WebContents,
  'on' | 'setWindowOpenHandler' | 'send' | 'postMessage' | 'reload' | 'mainFrame'
>;

export type DesktopWindow = Pick<
  BrowserWindow,
  'loadURL' | 'show' | 'focus' | 'isMinimized' | 'restore' | 'isDestroyed' | 'on' | 'once'
> & { readonly webContents: Contents };

export type DesktopSession = Pick<
  Session,
  'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'
> & { readonly protocol: Pick<Protocol, 'handle'> };

/** The frame that a message came from. */
export type Frame = Pick<WebFrameMain, 'origin' | 'parent'>;

export type LabChild = Pick<UtilityProcess, 'pid' | 'postMessage' | 'on' | 'once' | 'kill'>;

export interface ElectronApi {
  readonly app: Pick<
    App,
    | 'on'
    | 'once'
    | 'quit'
    | 'exit'
    | 'enableSandbox'
    | 'requestSingleInstanceLock'
    | 'whenReady'
    | 'addRecentDocument'
    | 'setAboutPanelOptions'
    | 'isPackaged'
  >;
  readonly BrowserWindow: new (options: BrowserWindowConstructorOptions) => DesktopWindow;
  readonly setMenu: (template: MenuItemConstructorOptions[]) => void;
  readonly MessageChannelMain: new () => {
    readonly port1: MessagePortMain;
    readonly port2: MessagePortMain;
  };
  readonly dialog: Pick<Dialog, 'showErrorBox'> & {
    showOpenDialog(options: Electron.OpenDialogOptions): Promise<Electron.OpenDialogReturnValue>;
    showSaveDialog(options: Electron.SaveDialogOptions): Promise<Electron.SaveDialogReturnValue>;
  };
  readonly ipcMain: Pick<IpcMain, 'on' | 'handle'>;
  readonly nativeTheme: Pick<NativeTheme, 'themeSource'>;
  readonly protocol: Pick<Protocol, 'registerSchemesAsPrivileged'>;
  readonly session: { readonly defaultSession: DesktopSession };
  readonly shell: Pick<Shell, 'openExternal' | 'showItemInFolder'>;
  readonly utilityProcess: {
    fork(file: string, args: string[], options: Electron.ForkOptions): LabChild;
  };
}
