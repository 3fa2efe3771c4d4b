/**
 * First thing every entry point runs, in JavaScript that Node 18 can parse.
 *
 * The lab needs a Node that runs TypeScript sources as they are and has N-API 10: on an older one
 * better-sqlite3 does not fail with a message, it crashes. `npm ci` installs a Node 24 for Linux and
 * Windows as an optional package; under an older Node the guard starts the same script again with
 * that one and stands between it and whoever sends signals.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const CHILD_MARK = 'MAPCOPY_GUARDED';

/**
 * Can this Node run the sources?
 * @param {{features: object, versions: Record<string, string>}} candidate normally `process`
 */
export function isGoodNode(candidate) {
  return Number(candidate.versions.napi) >= 10 && Boolean(candidate.features.typescript);
}

/** Path of the Node that `npm ci` installed, or undefined. */
export function bundledNode(root, platform, arch) {
  const system = platform === 'win32' ? 'win' : platform;
  const name = platform === 'win32' ? 'node.exe' : 'node';
  const file = path.join(root, 'node_modules', `node-${system}-${arch}`, 'bin', name);
  return existsSync(file) ? file : undefined;
}

/**
 * Runs `main` here when this Node will do; otherwise runs the whole script again under the bundled
 * one, forwards signals to it and ends as it ends.
 * @param {() => Promise<unknown>} main
 */
export async function withGoodNode(main) {
  if (isGoodNode(process)) {
    dieWithGuard();
    keepCompiled();
    await main();
    return;
  }
  const node = bundledNode(ROOT, process.platform, process.arch);
  if (node === undefined || process.env[CHILD_MARK] !== undefined) {
    process.stderr.write(
      `error: BAD_USAGE: Node ${process.versions.node} cannot run Mapcopy, ${process.execPath}, ` +
        'install Node 24 or later, or run "npm ci" where its optional packages are allowed\n',
    );
    process.exit(2);
  }
  runAgain(node);
}

/**
 * What Node has made of the sources is kept beside the packages. Measured: commands start in half the time, and each
 * thread takes 10 MiB less, for what strips the types is not loaded. Threads and processes to come do the same.
 */
function keepCompiled() {
  if (process.env.NODE_COMPILE_CACHE !== undefined) return;
  process.env.NODE_COMPILE_CACHE = path.join(ROOT, 'node_modules', '.cache', 'compiled');
  // Where it cannot be written nothing is kept.
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
}

/** @param {string} node path of the program */
function runAgain(node) {
  const child = spawn(node, process.argv.slice(1), {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: Object.assign({}, process.env, { [CHILD_MARK]: '1' }),
  });
  const signals = process.platform === 'win32' ? ['SIGINT'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) {
    process.on(signal, () => {
      child.kill(signal);
    });
  }
  child.on('error', (error) => {
    process.stderr.write(
      `error: INTERNAL: ${error.message}, ${node}, run "npm ci" again to repair it\n`,
    );
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code === null ? 1 : code);
    for (const each of signals) process.removeAllListeners(each);
    process.kill(process.pid, signal);
  });
}

/**
 * A guard that is killed cannot pass the signal on; the program behind it must not live on unseen.
 * The channel to the guard closes with the guard.
 */
function dieWithGuard() {
  if (process.env[CHILD_MARK] === undefined) return;
  delete process.env[CHILD_MARK];
  if (process.channel === undefined || process.channel === null) return;
  process.on('disconnect', () => {
    process.kill(process.pid, 'SIGKILL');
  });
  process.channel.unref();
}
