/** The desktop app: window, lab process, and what connects them. Decisions are in the other files. */
import type { MessagePortMain } from 'electron';
import path from 'node:path';
import type { NativeCommand } from '../../core/contract/native.ts';
import { VERSION } from '../../core/contract/version.ts';
import { Deliveries } from '../lab/deliveries.ts';
import { LabKeeper } from '../lab/keeper.ts';
import { userFolder, type LibraryPlaces } from '../lab/places.ts';
import { CHANNELS } from '../preload/channels.ts';
import { filesFromArgv } from './argv.ts';
import type { DesktopWindow, ElectronApi, LabChild } from './electron-api.ts';
import { forkLab } from './lab-child.ts';
import { menuTemplate } from './menu.ts';
import { serveQueries } from './queries.ts';
import { answerPage, PAGE_SCHEME, PAGE_URL } from './page-protocol.ts';
import { confineContents, denyPermissions, secureWebPreferences } from './security.ts';
import { Settings } from './settings.ts';
import { pickFiles, serveVerbs } from './verbs.ts';

/** Where the app finds its own files. */
export interface DesktopOptions extends LibraryPlaces {
  readonly pageRoot: string;
  readonly preload: string;
  readonly labEntry: string;
  readonly queryEntry: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
}

/**
 * Starts the app. What has to happen before Electron is ready happens before this function first
 * waits: scheme, sandbox, the listener for files.
 */
export async function startDesktop(electron: ElectronApi, options: DesktopOptions): Promise<void> {
  const { app } = electron;
  if (!app.requestSingleInstanceLock()) {
    app.quit(); // The first instance gets our arguments.
    return;
  }
  app.enableSandbox();
  electron.protocol.registerSchemesAsPrivileged([
    {
      scheme: PAGE_SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    },
  ]);
  const desktop = new Desktop(electron, options);
  app.on('open-file', (event, file) => {
    event.preventDefault();
    desktop.openFiles([file]);
  });
  app.on('second-instance', (_event, argv, cwd) => {
    desktop.openFiles(filesFromArgv(argv, cwd, app.isPackaged));
    desktop.raise();
  });
  app.on('window-all-closed', () => app.quit());
  app.on('before-quit', (event) => desktop.beforeQuit(event));
  await app.whenReady();
  desktop.open();
  desktop.openFiles(filesFromArgv(options.argv, options.cwd, app.isPackaged));
}

class Desktop {
  readonly #electron: ElectronApi;
  readonly #options: DesktopOptions;
  readonly #settings: Settings;
  readonly #deliveries: Deliveries;
  #keeper: LabKeeper<MessagePortMain> | undefined;
  #window: DesktopWindow | undefined;
  /** Files that came before the page was there. */
  readonly #early: string[] = [];
  #loaded = false;
  #reloaded = false;
  #mayQuit = false;

  constructor(electron: ElectronApi, options: DesktopOptions) {
    this.#electron = electron;
    this.#options = options;
    this.#settings = new Settings(options.home);
    // On the disk of the library, where it is written; one instance alone has it.
    this.#deliveries = new Deliveries(path.join(options.home, 'deliveries'));
    this.#deliveries.close();
  }

  /** Makes lab and window; Electron is ready. */
  open(): void {
    const { app, session, utilityProcess, nativeTheme } = this.#electron;
    const { home, samples, pageRoot, labEntry, queryEntry } = this.#options;
    app.setAboutPanelOptions({ applicationName: 'Mapcopy', applicationVersion: VERSION });
    denyPermissions(session.defaultSession);
    session.defaultSession.protocol.handle(PAGE_SCHEME, (request) => answerPage(request, pageRoot));
    nativeTheme.themeSource = this.#settings.data.theme;
    const serve = (lab: LabChild) => serveQueries(utilityProcess, lab, queryEntry);
    const keeper = new LabKeeper(() => forkLab(utilityProcess, labEntry, serve), {
      home,
      samples,
      uploads: null,
      deliveries: this.#deliveries.folder,
    });
    this.#keeper = keeper;
    serveVerbs(this.#electron, {
      keeper,
      settings: this.#settings,
      deliveries: this.#deliveries,
      revealable: [userFolder(this.#options), path.resolve(samples)],
    });
    this.#showMenu();
    this.#openWindow();
  }

  /** Hands files to the page, now or when it is there. */
  openFiles(files: readonly string[]): void {
    for (const file of files) {
      this.#settings.addRecent(file);
      if (this.#options.platform !== 'linux') this.#electron.app.addRecentDocument(file);
    }
    this.#early.push(...files);
    if (this.#loaded) this.#flushFiles();
    if (files.length > 0 && this.#keeper !== undefined) this.#showMenu();
  }

  raise(): void {
    if (this.#window === undefined) return;
    if (this.#window.isMinimized()) this.#window.restore();
    this.#window.focus();
  }

  /** The app ends when the lab has finished its recordings. */
  beforeQuit(event: { preventDefault(): void }): void {
    if (this.#mayQuit || this.#keeper === undefined) return;
    event.preventDefault();
    void this.#keeper.finish('the window was closed').then(() => {
      this.#deliveries.close();
      this.#mayQuit = true;
      this.#electron.app.quit();
    });
  }

  #openWindow(): void {
    const { BrowserWindow, shell } = this.#electron;
    const window = new BrowserWindow({
      title: 'Mapcopy',
      width: 1440,
      height: 900,
      minWidth: 960,
      minHeight: 600,
      show: false,
      webPreferences: secureWebPreferences(this.#options.preload),
    });
    this.#window = window;
    const contents = window.webContents;
    confineContents(contents, shell);
    window.once('ready-to-show', () => window.show());
    window.on('closed', () => {
      this.#window = undefined;
      this.#loaded = false;
    });
    contents.on('did-finish-load', () => {
      this.#loaded = true;
      this.#flushFiles();
    });
    contents.on('render-process-gone', (_event, details) => {
      this.#loaded = false;
      if (details.reason === 'clean-exit') return;
      if (!this.#reloaded) {
        this.#reloaded = true;
        contents.reload();
      } else {
        this.#electron.dialog.showErrorBox(
          'The window has crashed',
          `Its process ended twice (${details.reason}). Traces that were being recorded are kept.`,
        );
        this.#electron.app.quit();
      }
    });
    void window.loadURL(PAGE_URL);
  }

  #flushFiles(): void {
    const files = this.#early.splice(0);
    if (files.length > 0) this.#window?.webContents.send(CHANNELS.openFiles, files);
  }

  #showMenu(): void {
    const template = menuTemplate(this.#options.platform, this.#settings.data.recent, {
      command: (command: NativeCommand) =>
        this.#window?.webContents.send(CHANNELS.command, command),
      pick: () =>
        void pickFiles(this.#electron, this.#settings).then((files) => this.openFiles(files)),
      openRecent: (file) => this.openFiles([file]),
      clearRecent: () => {
        this.#settings.update({ recent: [] });
        this.#showMenu();
      },
    });
    this.#electron.setMenu(template);
  }
}
