import path from 'node:path';
import type { MenuItemConstructorOptions } from 'electron';
import type { NativeCommand } from '../../core/contract/native.ts';

/** What the menu's own items do. */
export interface MenuActions {
  readonly command: (command: NativeCommand) => void;
  readonly pick: () => void;
  readonly openRecent: (file: string) => void;
  readonly clearRecent: () => void;
}

type Item = MenuItemConstructorOptions;
const line: Item = { type: 'separator' };

/** The application menu as data; Electron makes a menu of it. */
export function menuTemplate(
  platform: NodeJS.Platform,
  recent: readonly string[],
  actions: MenuActions,
): Item[] {
  const mac = platform === 'darwin';
  const say = (label: string, command: NativeCommand, accelerator?: string): Item => ({
    label,
    click: () => actions.command(command),
    ...(accelerator === undefined ? {} : { accelerator }),
  });
  return [
    ...(mac ? [{ role: 'appMenu' } satisfies Item] : []),
    {
      label: '&File',
      submenu: [
        { label: '&Import…', accelerator: 'CmdOrCtrl+O', click: actions.pick },
        recentMenu(recent, actions),
        line,
        { role: mac ? 'close' : 'quit' },
      ],
    },
    {
      label: '&Edit',
      submenu: [
        // Not the roles: those act on fields alone, the page undoes what was done in its rooms too.
        say('&Undo', 'undo', 'CmdOrCtrl+Z'),
        say('&Redo', 'redo', platform === 'win32' ? 'Ctrl+Y' : 'Shift+CmdOrCtrl+Z'),
        line,
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
      ],
    },
    {
      label: '&View',
      submenu: [
        say('&Library', 'go-library', 'CmdOrCtrl+1'),
        say('&Experiment', 'go-experiment', 'CmdOrCtrl+2'),
        say('&Replay', 'go-replay', 'CmdOrCtrl+3'),
        say('&Diff', 'go-diff', 'CmdOrCtrl+4'),
        say('&Charts', 'go-charts', 'CmdOrCtrl+5'),
        say('Re&port', 'go-report', 'CmdOrCtrl+6'),
        line,
        say('&Search and Commands…', 'palette', 'CmdOrCtrl+K'),
        line,
        say('Zoom In', 'zoom-in'),
        say('Zoom Out', 'zoom-out'),
        say('Whole Trace', 'zoom-fit'),
        line,
        { role: 'togglefullscreen' },
        { role: 'toggleDevTools' },
      ],
    },
    {
      label: '&Run',
      submenu: [
        say('&Run Experiment', 'run', 'CmdOrCtrl+Enter'),
        say('&Cancel', 'cancel', 'CmdOrCtrl+.'),
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        say('&Keyboard and Help', 'help', 'F1'),
        say('&Tour', 'tour'),
        line,
        { role: 'about' },
      ],
    },
  ];
}

function recentMenu(recent: readonly string[], actions: MenuActions): Item {
  return {
    label: 'Open &Recent',
    enabled: recent.length > 0,
    submenu: [
      ...recent.map((file): Item => ({
        label: path.basename(file),
        toolTip: file,
        click: () => actions.openRecent(file),
      })),
      line,
      { label: 'Clear', click: actions.clearRecent },
    ],
  };
}
