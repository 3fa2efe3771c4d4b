/**
 * Rules of the house that a machine can check. Lint sees one file at a time; what is here concerns
 * files that a linter does not read, or several at once.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { KINDS } from '../core/contract/kinds.ts';
import { VERSION } from '../core/contract/version.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const ROOMS = ['core', 'traces', 'electron', 'renderer', 'test'];
const LINES_MAX = 500;

interface Source {
  readonly file: string;
  readonly text: string;
}

function filesIn(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
    .filter((file) => !/^test\/(output|fixtures)\//.test(file))
    .sort();
}

const files = ROOMS.flatMap(filesIn);
const sources: Source[] = files
  .filter((file) => /\.(ts|js|mjs|svelte|css)$/.test(file))
  .map((file) => ({ file, text: readFileSync(path.join(ROOT, file), 'utf8') }));
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

/** `file:line` of every match. */
function matches(pattern: RegExp, among: (file: string) => boolean): string[] {
  const found: string[] = [];
  for (const { file, text } of sources) {
    if (!among(file) || file === 'test/tidy.test.ts') continue;
    text.split('\n').forEach((line, index) => {
      if (pattern.test(line)) found.push(`${file}:${index + 1}`);
    });
  }
  return found;
}

describe('the house', () => {
  it('has no file that is too long to read', () => {
    const long = sources.filter(({ text }) => text.split('\n').length > LINES_MAX + 1);
    expect(long.map(({ file }) => file)).toEqual([]);
  });

  it('lets neither chance nor the clock into the simulator', () => {
    const pattern = /Math\.random|Date\.now|performance\.now|new Date\(/;
    const inCore = (file: string) => file.startsWith('core/') && !file.endsWith('.test.ts');
    expect(matches(pattern, inCore)).toEqual([]);
  });

  it('opens external links in one place', () => {
    const elsewhere = (file: string) => /^electron\/.*\.ts$/.test(file) && !file.includes('.test.');
    const found = matches(/\.openExternal\b/, elsewhere).map((place) => place.split(':')[0]);
    expect([...new Set(found)]).toEqual(['electron/main/open-external.ts']);
  });

  it('has no static style attribute, which the policy reports', () => {
    expect(matches(/\sstyle="[^{]/, (file) => file.endsWith('.svelte'))).toEqual([]);
  });

  it('has no inline script or style in its page', () => {
    const page = read('renderer/index.html');
    expect(page).not.toMatch(/<style|\son\w+=|<script(?![^>]*\ssrc=)/);
  });

  it('leaves nothing to be done in comments', () => {
    expect(matches(/\b(TODO|FIXME|XXX|HACK)\b/, () => true)).toEqual([]);
  });

  it('runs every test', () => {
    const pattern = /\b(describe|it|test)\.(only|todo)\b/;
    expect(matches(pattern, (file) => file.endsWith('.test.ts'))).toEqual([]);
  });

  it('names no folder of a machine', () => {
    expect(matches(/["'`\s(](\/home\/|\/work\/|\/root\/|C:\\\\Users)/, () => true)).toEqual([]);
  });

  it('explains every folder', () => {
    const folders = [...new Set(files.map((file) => path.dirname(file)))].filter(
      (folder) => !folder.startsWith('test/golden'),
    );
    const unexplained = folders.filter((folder) => !isExplained(folder));
    expect(unexplained).toEqual([]);
  });

  it('says its version once', () => {
    const document = JSON.parse(read('package.json')) as { version: string };
    expect(VERSION).toBe(document.version);
  });
});

describe('FORMAT.md', () => {
  it('documents every kind of event as the program knows it', () => {
    const rows = read('traces/FORMAT.md')
      .split('\n')
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    for (const { code, name, category, counts, frame, arg, doc } of KINDS) {
      const row = rows.find((cells) => cells[0] === String(code) && cells.length === 7);
      const expected = [String(code), `\`${name}\``, category, counts.join(', ')];
      expect(row).toEqual([...expected, frame ?? '', arg ?? '', doc]);
    }
  });
});

/**
 * A folder is explained by its own README, by the head comment of its index, or by a row in the
 * README of a folder above it.
 */
function isExplained(folder: string): boolean {
  if (existsSync(path.join(ROOT, folder, 'README.md'))) return true;
  const index = path.join(ROOT, folder, 'index.ts');
  if (existsSync(index) && /^(\/\/|\/\*\*)/.test(readFileSync(index, 'utf8'))) return true;
  for (let above = path.dirname(folder); above !== '.'; above = path.dirname(above)) {
    const readme = path.join(ROOT, above, 'README.md');
    const name = path.relative(path.join(ROOT, above), path.join(ROOT, folder));
    if (existsSync(readme) && readFileSync(readme, 'utf8').includes(`\`${name}/\``)) return true;
  }
  return false;
}
