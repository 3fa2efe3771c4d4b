import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeElectron, policyEvent } from '../../test/fixtures/fake-electron.ts';
import { Deliveries } from '../lab/deliveries.ts';
import { CHANNELS } from '../preload/channels.ts';
import { filesFromArgv } from './argv.ts';
import { startDesktop } from './desktop.ts';
import { labEnvironment } from './lab-child.ts';
import { NATIVE_COMMANDS, type NativeCommand } from '../../core/contract/native.ts';
import { menuTemplate } from './menu.ts';
import { isSafeExternal } from './open-external.ts';
import { answerPage, isPage } from './page-protocol.ts';
import { isTrustedSender } from './security.ts';
import { Settings } from './settings.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-main-'));
  mkdirSync(path.join(home, 'page'));
  writeFileSync(path.join(home, 'page/index.html'), '<p>page</p>');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function start(settings: Parameters<typeof fakeElectron>[0] = {}, argv = ['mapcopy']) {
  const fake = fakeElectron(settings);
  await startDesktop(fake.api, {
    home,
    samples: path.join(home, 'samples'),
    pageRoot: path.join(home, 'page'),
    preload: 'preload.cjs',
    labEntry: 'lab.js',
    queryEntry: 'query.js',
    argv,
    cwd: home,
    platform: 'linux',
  });
  return fake;
}

describe('addresses that leave the app', () => {
  it.each([
    'http://xenbits.xen.org/',
    'https://evil.example/',
    'https://evil.example/?next=https://github.com/',
    'https://github.com.evil.example/',
    'https://github.com@evil.example/',
    'https://user:password@github.com/',
    'https://github.com:8443/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'app://lab/',
    'github.com',
    '',
  ])('do not include %s', (address) => expect(isSafeExternal(address)).toBe(false));

  it.each(['https://xenbits.xen.org/docs/', 'https://docs.kernel.org/core-api/swiotlb.html'])(
    'include %s',
    (address) => expect(isSafeExternal(address)).toBe(true),
  );
});

describe('the page', () => {
  it.each([
    'https://lab/',
    'app://evil/',
    'app://lab.evil/',
    'https://evil.example/?app://lab/',
    'x',
  ])('is not %s', (address) => expect(isPage(address)).toBe(false));

  it('is served with the policy', async () => {
    const url = 'app://lab/index.html';
    const response = answerPage({ url, method: 'GET' }, path.join(home, 'page'));
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Security-Policy')).toContain("default-src 'none'");
    expect(await response.text()).toBe('<p>page</p>');
  });

  it.each([
    ['app://lab/index.html', 'POST', 405],
    ['app://lab/../desktop.json', 'GET', 404],
    ['app://lab/%2e%2e%2fdesktop.json', 'GET', 404],
    ['app://other/index.html', 'GET', 404],
    ['app://lab/none.js', 'GET', 404],
  ])('refuses %s by %s', (url, method, status) => {
    expect(answerPage({ url, method }, path.join(home, 'page')).status).toBe(status);
  });

  it('alone is trusted with verbs', () => {
    const origin = 'app://lab';
    expect(isTrustedSender({ origin, parent: null })).toBe(true);
    expect(isTrustedSender(null)).toBe(false);
    expect(isTrustedSender({ origin: 'app://other', parent: null })).toBe(false);
    expect(isTrustedSender({ origin, parent: {} as never })).toBe(false);
  });
});

describe('a command line', () => {
  it('names the files that are no options', () => {
    const argv = ['electron', '.', '--flag', 'a.mctrace', '-x', path.join(home, 'b'), ''];
    expect(filesFromArgv(argv, home, false)).toEqual([`${home}/a.mctrace`, `${home}/b`]);
    expect(filesFromArgv(['mapcopy', 'a.mctrace'], home, true)).toEqual([`${home}/a.mctrace`]);
  });
});

describe('the app', () => {
  it('yields to an instance that runs already', async () => {
    const { seen } = await start({ lock: false });
    expect(seen.calls).toEqual(['quit']);
  });

  it('prepares its scheme and sandbox before it waits', async () => {
    const { seen } = await start();
    expect(seen.calls.indexOf('enableSandbox')).toBeLessThan(seen.calls.indexOf('whenReady'));
    expect(seen.schemes).toEqual(['app']);
  });

  it('opens one sandboxed window on its page', async () => {
    const { seen } = await start();
    expect(seen.loaded).toEqual(['app://lab/index.html']);
    expect(seen.windowOptions).toHaveLength(1);
    expect(seen.windowOptions[0]?.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
    });
  });

  it('denies permissions but the clipboard', async () => {
    const { seen } = await start();
    const asked = ['media', 'geolocation', 'notifications', 'openExternal', 'clipboard-read'];
    expect(asked.filter((permission) => seen.permission?.(permission))).toEqual([]);
    expect(seen.permission?.('clipboard-sanitized-write')).toBe(true);
  });

  it.each(['will-navigate', 'will-redirect', 'will-frame-navigate'])('denies %s', async (name) => {
    const { contents } = await start();
    const away = policyEvent('https://evil.example/');
    const home = policyEvent('app://lab/index.html');
    contents.emit(name, away);
    contents.emit(name, home);
    expect([away.defaultPrevented, home.defaultPrevented]).toEqual([true, false]);
  });

  it('denies webviews and windows, and opens known links elsewhere', async () => {
    const { contents, seen } = await start();
    const event = policyEvent();
    contents.emit('will-attach-webview', event);
    expect(event.defaultPrevented).toBe(true);
    expect(seen.windowOpen?.({ url: 'https://evil.example/' })).toEqual({ action: 'deny' });
    expect(seen.windowOpen?.({ url: 'https://docs.kernel.org/' })).toEqual({ action: 'deny' });
    expect(seen.opened).toEqual(['https://docs.kernel.org/']);
  });

  it('brings page and lab together, and keeps out of their way', async () => {
    const { seen, say } = await start();
    expect(seen.labMessages.map(({ type }) => type)).toEqual(['start']);
    say(CHANNELS.requestPort, 'a nonce of some length');
    expect(seen.labMessages.map(({ type }) => type)).toEqual(['start', 'client']);
    expect(seen.sent).toEqual([[CHANNELS.port, 'a nonce of some length', ['port2']]]);
  });

  it.each([
    ['short', 'app://lab', null],
    [12, 'app://lab', null],
    ['a nonce of some length', 'https://evil.example', null],
    ['a nonce of some length', 'app://lab', {}],
  ])('gives no port for %j from %s', async (nonce, origin, parent) => {
    const { seen, say } = await start();
    say(CHANNELS.requestPort, nonce, origin, parent);
    expect(seen.sent).toEqual([]);
  });

  it('answers no verb of another page', async () => {
    const { say } = await start();
    expect(() => say(CHANNELS.pickFiles, undefined, 'https://evil.example')).toThrow();
  });

  it('reveals files of the library only', async () => {
    const { seen, say } = await start();
    say(CHANNELS.reveal, path.join(home, 'traces/a.mctrace'));
    say(CHANNELS.reveal, path.join(home, 'traces/../desktop.json'));
    say(CHANNELS.reveal, path.join(home, 'traces-2/a.mctrace'));
    say(CHANNELS.reveal, '/etc/passwd');
    expect(seen.revealed).toEqual([path.join(home, 'traces/a.mctrace')]);
  });

  describe('saves a file that the lab has made', () => {
    const waiting = () => {
      const deliveries = new Deliveries(path.join(home, 'deliveries'));
      const { id, file } = deliveries.place('a.csv');
      writeFileSync(file, 'rows');
      return { id, left: () => deliveries.take(id) !== undefined };
    };

    it('nowhere when the user cancels, and it waits no longer', async () => {
      const { say } = await start();
      const { id, left } = waiting();
      expect(await say(CHANNELS.saveFile, id)).toBe('');
      expect(left()).toBe(false);
    });

    it('not for another page, nor under a made-up id', async () => {
      const { say } = await start({ saveTo: path.join(home, 'mine.csv') });
      const { id, left } = waiting();
      expect(() => say(CHANNELS.saveFile, id, 'https://evil.example')).toThrow();
      expect(await say(CHANNELS.saveFile, '../traces')).toBe('');
      expect(left()).toBe(true);
    });

    it('where the user says', async () => {
      const saveTo = path.join(home, 'mine.csv');
      const { say } = await start({ saveTo });
      const { id, left } = waiting();
      expect(await say(CHANNELS.saveFile, id)).toBe(saveTo);
      expect(readFileSync(saveTo, 'utf8')).toBe('rows');
      expect(left()).toBe(false);
    });

    it('or says why not', async () => {
      const { say, seen } = await start({ saveTo: path.join(home, 'no/folder/mine.csv') });
      expect(await say(CHANNELS.saveFile, waiting().id)).toBe('');
      expect(seen.calls).toContain('showErrorBox');
    });
  });

  it('hands files over when the page is there, and remembers them', async () => {
    const { seen, contents, app } = await start({}, ['mapcopy', 'a.mctrace']);
    expect(seen.sent).toEqual([]);
    contents.emit('did-finish-load');
    app.emit('second-instance', {}, ['mapcopy', '--x', 'b.mctrace'], home);
    app.emit('open-file', policyEvent(), path.join(home, 'c.mctrace'));
    const [a, b, c] = ['a', 'b', 'c'].map((name) => path.join(home, `${name}.mctrace`));
    expect(seen.sent).toEqual([[a], [b], [c]].map((files) => [CHANNELS.openFiles, files]));
    expect(new Settings(home).data.recent).toEqual([c, b, a]);
  });

  it('ends when the lab has finished its recordings', async () => {
    const { app, lab, seen } = await start();
    const event = policyEvent();
    app.emit('before-quit', event);
    expect(event.defaultPrevented).toBe(true);
    expect(seen.labMessages.at(-1)).toMatchObject({ type: 'finish' });
    expect(seen.calls).not.toContain('quit');
    lab.emit('exit', 0);
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(seen.calls).toContain('quit');
    const again = policyEvent();
    app.emit('before-quit', again);
    expect(again.defaultPrevented).toBe(false);
  });

  it('reloads a crashed page once, then says so', async () => {
    const { contents, seen } = await start();
    contents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(seen.calls).toContain('reload');
    expect(seen.calls).not.toContain('showErrorBox');
    contents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(seen.calls).toContain('showErrorBox');
  });

  it('starts a lab that died again', async () => {
    const { lab, seen } = await start();
    lab.emit('exit', 1);
    expect(seen.labForks.length).toBe(2);
  });
});

describe('the lab process', () => {
  it('does not inherit what could inject code', () => {
    const env = labEnvironment({ PATH: '/bin', NODE_OPTIONS: '--require x', EMPTY: undefined });
    expect(env).toEqual({ PATH: '/bin' });
  });
});

describe('settings', () => {
  it.each(['', '{', '[]', '{"recent": 3}'])('that read %j are defaults', (text) => {
    writeFileSync(path.join(home, 'desktop.json'), text);
    expect(new Settings(home).data).toEqual({ recent: [], lastFolder: '', theme: 'system' });
  });

  it('keep the ten last files, once each', () => {
    const settings = new Settings(home);
    for (let number = 1; number <= 12; number++) settings.addRecent(`/${number}`);
    settings.addRecent('/12');
    const stored = JSON.parse(readFileSync(path.join(home, 'desktop.json'), 'utf8')) as object;
    expect(stored).toMatchObject({ recent: settings.data.recent });
    expect(settings.data.recent).toHaveLength(10);
    expect(settings.data.recent[0]).toBe('/12');
  });
});

describe('the menu', () => {
  const actions = { command: () => 0, pick: () => 0, openRecent: () => 0, clearRecent: () => 0 };
  it.each(['linux', 'darwin', 'win32'] as const)('on %s has no shortcut twice', (platform) => {
    const keys: string[] = [];
    for (const { submenu } of menuTemplate(platform, ['/a.mctrace'], actions)) {
      if (!Array.isArray(submenu)) continue;
      for (const { accelerator } of submenu) if (accelerator) keys.push(accelerator);
    }
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toContain('CmdOrCtrl+O');
    expect(keys.filter((key) => /Z$|Y$/.test(key))).toHaveLength(2);
  });

  it.each(['linux', 'darwin', 'win32'] as const)('on %s has every command once', (platform) => {
    const said: NativeCommand[] = [];
    const template = menuTemplate(platform, [], { ...actions, command: (name) => said.push(name) });
    for (const { label, click } of template.flatMap(({ submenu }) =>
      Array.isArray(submenu) ? submenu : [],
    )) {
      if (label !== undefined && label !== '&Import…' && label !== 'Clear') {
        click?.(undefined as never, undefined, undefined as never);
      }
    }
    expect(said.toSorted()).toEqual(NATIVE_COMMANDS.toSorted());
  });

  it('asks the page for what is chosen, and picks files to import itself', async () => {
    const file = path.join(home, 'mine.mctrace');
    const { seen, contents } = await start({ picks: [file] });
    contents.emit('did-finish-load');
    const choose = (label: string) => {
      const items = (seen.menus.at(-1) ?? []).flatMap(({ submenu }) =>
        Array.isArray(submenu) ? submenu : [],
      );
      const item = items.find((each) => each.label === label);
      item?.click?.(undefined as never, undefined, undefined as never);
    };
    for (const label of ['&Undo', '&Redo', '&Search and Commands…', '&Tour', 'Re&port'])
      choose(label);
    expect(seen.sent).toEqual(
      ['undo', 'redo', 'palette', 'tour', 'go-report'].map((name) => [CHANNELS.command, name]),
    );
    choose('&Import…');
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(seen.sent.at(-1)).toEqual([CHANNELS.openFiles, [file]]);
    expect(new Settings(home).data.recent).toEqual([file]);
  });
});
