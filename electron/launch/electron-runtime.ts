import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What the choice of a runtime depends on. */
export interface RuntimePlace {
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
}

/** Electron's program inside its folder, per platform. */
function programName(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return platform === 'win32' ? 'electron.exe' : 'electron';
}

/**
 * Path of Electron's program, or undefined when its runtime is not there.
 *
 * The `electron` package must not be asked: without a runtime it starts to download one, which on a
 * machine without a network ends only after a long wait.
 */
export function electronRuntime({ root, env, platform }: RuntimePlace): string | undefined {
  const override = env['ELECTRON_OVERRIDE_DIST_PATH'];
  const installed = path.join(root, 'node_modules/electron');
  const named = override === undefined ? readIfThere(path.join(installed, 'path.txt')) : undefined;
  const folder = override ?? path.join(installed, 'dist');
  const program = path.join(folder, named ?? programName(platform));
  return existsSync(program) ? program : undefined;
}

/** Can a window be shown? Only asked on Linux, where a machine often has no display. */
export function hasDisplay({ env, platform }: Omit<RuntimePlace, 'root'>): boolean {
  if (platform === 'darwin' || platform === 'win32') return true;
  return Boolean(env['DISPLAY']) || Boolean(env['WAYLAND_DISPLAY']);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
