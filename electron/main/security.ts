/** What the window may not do, whatever its page tries. */
import type { BrowserWindowConstructorOptions } from 'electron';
import type { Contents, DesktopSession, ElectronApi, Frame } from './electron-api.ts';
import { openExternalSafely } from './open-external.ts';
import { isPage, PAGE_ORIGIN } from './page-protocol.ts';

/** Web preferences of every window. Most are defaults; they are said aloud so that tests see them. */
export function secureWebPreferences(
  preload: string,
): NonNullable<BrowserWindowConstructorOptions['webPreferences']> {
  return {
    preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
  };
}

/** The page copies text and figures to the clipboard; it has no business with anything else. */
export function isPermitted(permission: string): boolean {
  return permission === 'clipboard-sanitized-write';
}

/** Electron grants every permission unless told otherwise. */
export function denyPermissions(session: DesktopSession): void {
  session.setPermissionRequestHandler((_contents, permission, answer) =>
    answer(isPermitted(permission)),
  );
  session.setPermissionCheckHandler((_contents, permission) => isPermitted(permission));
  session.setDevicePermissionHandler(() => false);
}

/** Keeps the window on its page; links to known sites open in the user's browser. */
export function confineContents(contents: Contents, shell: ElectronApi['shell']): void {
  contents.on('will-navigate', (event) => {
    if (!isPage(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    if (!isPage(event.url)) event.preventDefault();
  });
  contents.on('will-frame-navigate', (event) => {
    if (!isPage(event.url)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    void openExternalSafely(shell, url);
    return { action: 'deny' };
  });
}

/** Did a message come from our page itself, not from a frame inside it or from another page? */
export function isTrustedSender(frame: Frame | null): boolean {
  return frame !== null && frame.parent === null && frame.origin === PAGE_ORIGIN;
}
