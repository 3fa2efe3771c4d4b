/** Entry of the desktop app's main process; bundled into `dist/app/main.js`. */
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  nativeTheme,
  protocol,
  session,
  shell,
  utilityProcess,
} from 'electron';
import os from 'node:os';
import path from 'node:path';
import { homeFolder } from '../lab/folder.ts';
import { startDesktop } from './desktop.ts';
import type { ElectronApi } from './electron-api.ts';

const electron: ElectronApi = {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  MessageChannelMain,
  nativeTheme,
  protocol,
  setMenu: (template) => Menu.setApplicationMenu(Menu.buildFromTemplate(template)),
  // A getter in Electron: it may be asked for only when the app is ready.
  session: {
    get defaultSession() {
      return session.defaultSession;
    },
  },
  shell,
  utilityProcess,
};

// dist/app, in a checkout and in a package alike.
const here = import.meta.dirname;

// Not awaited: Electron is ready only after this module has been loaded.
startDesktop(electron, {
  home: homeFolder({ env: process.env, platform: process.platform, userHome: os.homedir() }),
  samples: app.isPackaged
    ? path.join(process.resourcesPath, 'samples')
    : path.resolve(here, '../../traces/samples'),
  pageRoot: path.resolve(here, '../renderer'),
  preload: path.join(here, 'preload.cjs'),
  labEntry: path.join(here, 'lab.js'),
  queryEntry: path.join(here, 'query.js'),
  argv: process.argv,
  cwd: process.cwd(),
  platform: process.platform,
}).catch((error: unknown) => {
  dialog.showErrorBox('Mapcopy could not start', String(error));
  app.exit(1);
});
