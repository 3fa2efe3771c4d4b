import { spawn } from 'node:child_process';
import path from 'node:path';
import { ensurePage, ROOT } from './browser.ts';
import { isFresh } from './freshness.ts';

/** Builds what is missing and runs the desktop app. @returns its exit status */
export async function runDesktop(program: string, files: readonly string[]): Promise<number> {
  const say = (text: string) => process.stderr.write(text);
  await ensurePage(say);
  const sources = ['electron', 'core', 'traces', 'package.json'].map((name) =>
    path.join(ROOT, name),
  );
  if (!isFresh(path.join(ROOT, 'dist/app/preload.cjs'), sources)) {
    say('Building the app...\n');
    const { buildApp } = await import('../build/app.ts');
    await buildApp(ROOT);
  }
  const child = spawn(program, [ROOT, ...files], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => child.kill(signal));
  }
  return await new Promise((resolve) => {
    child.on('exit', (code) => resolve(code ?? 1));
    child.on('error', (error) => {
      process.stderr.write(
        `error: INTERNAL: Electron did not start (${error.message}), ${program}, use npm start -- --browser\n`,
      );
      resolve(1);
    });
  });
}
