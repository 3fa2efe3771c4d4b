/**
 * ESLint rule: who may import whom. The rooms of the house and the lower floors of `core` are
 * listed here once; an import against the arrows is a lint error, and so fails `npm test`.
 */
import path from 'node:path';

/** Rooms that a room may import, itself included. `test` may import everything. */
const ROOMS = {
  core: ['core'],
  traces: ['core', 'traces'],
  electron: ['core', 'traces', 'electron'],
  renderer: ['core', 'renderer'],
};

/** Folders of `core` that import nothing above them. */
const LOWER_FLOORS = {
  'core/base': ['core/base'],
  'core/contract': ['core/base', 'core/contract'],
};

/** Packages that a room may not import; `node:` stands for every built-in module. */
const FORBIDDEN_PACKAGES = {
  core: ['node:', 'electron', 'better-sqlite3', 'ws', 'svelte'],
  traces: ['electron', 'ws', 'svelte', 'chart.js'],
  electron: ['svelte', 'chart.js'],
  renderer: ['node:', 'electron', 'better-sqlite3', 'ws'],
};

/** What is wrong with `source` imported by `file`, both relative to the root; or undefined. */
export function wrongImport(file, source) {
  const room = file.split('/')[0];
  const rooms = ROOMS[room];
  if (rooms === undefined || /\.config\.(ts|js|mjs)$/.test(file)) return undefined;
  const isTest = /\.test\.ts$/.test(file);
  if (!source.startsWith('.')) {
    if (isTest) return undefined;
    const wrong = FORBIDDEN_PACKAGES[room].find(
      (name) => source === name || source.startsWith(name.endsWith(':') ? name : `${name}/`),
    );
    return wrong === undefined ? undefined : `${room} may not import ${source}`;
  }
  const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), source));
  const targetRoom = target.split('/')[0];
  if (isTest && targetRoom === 'test') return undefined;
  if (!rooms.includes(targetRoom)) {
    return `${room} may import ${rooms.join(', ')} only, not ${targetRoom}`;
  }
  for (const [floor, allowed] of Object.entries(LOWER_FLOORS)) {
    if (!file.startsWith(`${floor}/`) || isTest) continue;
    if (!allowed.some((each) => target.startsWith(`${each}/`))) {
      return `${floor} may import ${allowed.join(', ')} only, not ${target}`;
    }
  }
  return undefined;
}

export const importArrows = {
  meta: { type: 'problem', schema: [], messages: { wrong: '{{what}} (see test/lint).' } },
  create(context) {
    const root = context.cwd;
    const file = path.relative(root, context.filename).split(path.sep).join('/');
    const check = (node) => {
      const source = node.source?.value ?? node.argument?.literal?.value;
      if (typeof source !== 'string') return;
      const what = wrongImport(file, source);
      if (what !== undefined) context.report({ node, messageId: 'wrong', data: { what } });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    };
  },
};
