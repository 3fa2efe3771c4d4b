/** Where the library lives. */
import path from 'node:path';

/** What the choice depends on; `process` and `os.homedir()` in use. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly userHome: string;
}

/**
 * The folder that holds everything Mapcopy keeps: `MAPCOPY_HOME` where it is set, otherwise the
 * platform's place for an application's data. Traces are in its `traces` folder.
 */
export function homeFolder({ env, platform, userHome }: Surroundings): string {
  const set = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const own = set('MAPCOPY_HOME');
  if (own !== undefined) return path.resolve(own);
  if (platform === 'darwin') return path.join(userHome, 'Library/Application Support/Mapcopy');
  if (platform === 'win32') {
    return path.join(set('LOCALAPPDATA') ?? path.join(userHome, 'AppData', 'Local'), 'Mapcopy');
  }
  // The XDG specification tells programs to ignore a relative path.
  const data = set('XDG_DATA_HOME');
  const base = data !== undefined && path.isAbsolute(data) ? data : `${userHome}/.local/share`;
  return path.join(base, 'mapcopy');
}
