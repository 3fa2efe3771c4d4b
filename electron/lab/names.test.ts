import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fakeLab } from '../../test/fixtures/fake-lab.ts';
import { DisplayNames } from './display-names.ts';
import { freeFile, slugOf, stampOf } from './file-names.ts';
import { homeFolder } from './folder.ts';
import { OpenReaders } from './readers.ts';

describe('the library folder', () => {
  const at = (env: Record<string, string>, platform: NodeJS.Platform = 'linux') =>
    homeFolder({ env, platform, userHome: '/users/me' });

  it.each([
    [{ MAPCOPY_HOME: '/lab', XDG_DATA_HOME: '/data' }, 'linux', '/lab'],
    [{ MAPCOPY_HOME: '', XDG_DATA_HOME: '/data' }, 'linux', '/data/mapcopy'],
    [{ XDG_DATA_HOME: 'relative' }, 'linux', '/users/me/.local/share/mapcopy'],
    [{}, 'linux', '/users/me/.local/share/mapcopy'],
    [{}, 'darwin', '/users/me/Library/Application Support/Mapcopy'],
  ] as const)('with %j on %s is %s', (env, platform, expected) => {
    expect(at(env, platform)).toBe(expected);
  });
});

describe('file names', () => {
  it.each([
    ['grant-copy on xen-pv-dom0, xeon-2020', 'grant-copy-on-xen-pv-dom0-xeon-2020'],
    ['../../etc/passwd', 'etc-passwd'],
    ['.hidden', 'hidden'],
    ['ü', 'trace'],
    ['', 'trace'],
  ])('%j becomes %j', (name, slug) => expect(slugOf(name)).toBe(slug));

  it('carry the time of the run', () => {
    expect(stampOf(new Date('2026-11-21T01:25:09.123Z'))).toBe('20261121-012509');
  });

  it('are never taken twice', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-names-'));
    try {
      writeFileSync(path.join(folder, 'a.mctrace'), '');
      writeFileSync(path.join(folder, 'a-2.mctrace.part'), '');
      const taken = new Set([path.join(folder, 'a-3.mctrace')]);
      expect(freeFile(folder, 'a', taken)).toBe(path.join(folder, 'a-4.mctrace'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('names that the user gave', () => {
  it('are none when their file is broken', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-names-'));
    const file = path.join(folder, 'names.json');
    try {
      writeFileSync(file, '{"user/a.mctrace": "A", "b": 3');
      expect(new DisplayNames(file).get('user/a.mctrace')).toBeUndefined();
      new DisplayNames(file).set('user/a.mctrace', 'A');
      expect(new DisplayNames(file).get('user/a.mctrace')).toBe('A');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('open readers', () => {
  it('are few, and the last used stay', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-readers-'));
    const { parts, log } = fakeLab();
    const readers = new OpenReaders((file) => parts.traces.openTrace(file), 2);
    try {
      const files = ['a', 'b', 'c'].map((name) => path.join(folder, name));
      for (const file of files) writeFileSync(file, '');
      const [a, b, c] = files as [string, string, string];
      const first = readers.get(a);
      readers.get(b);
      expect(readers.get(a)).toBe(first);
      readers.get(c);
      expect(log.readersOpen).toBe(2);
      expect(readers.get(a)).toBe(first);
      readers.closeAll();
      expect(log.readersOpen).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
