import path from 'node:path';
import { build } from 'vite';

/** Builds the user interface into `dist/renderer`, as `renderer/vite.config.ts` says. */
export async function buildPage(root: string): Promise<void> {
  await build({
    configFile: path.join(root, 'renderer/vite.config.ts'),
    logLevel: 'warn',
  });
}
