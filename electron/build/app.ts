import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { build, type InlineConfig } from 'vite';
import { ALL_FONT_PARTS, FONT_PACKAGE, fontFileName } from '../figures/font-files.ts';

/** What stays outside the bundles: Electron's own module and the native ones. */
const EXTERNAL = ['electron', 'better-sqlite3', '@napi-rs/canvas'];

/**
 * Bundles main process, lab process and preload into `dist/app`, with the fonts of figures.
 *
 * Plain Vite, three small configurations: the Electron plugins for it start Electron, which a
 * machine that only builds may not have.
 */
export async function buildApp(root: string): Promise<void> {
  const outDir = path.join(root, 'dist/app');
  await build(nodeConfig(root, outDir));
  await mkdir(path.join(outDir, 'fonts'));
  for (const name of ALL_FONT_PARTS.map(fontFileName)) {
    await copyFile(
      path.join(root, 'node_modules', FONT_PACKAGE, name),
      path.join(outDir, 'fonts', name),
    );
  }
  await build(preloadConfig(root, outDir));
}

function nodeConfig(root: string, outDir: string): InlineConfig {
  return {
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    ssr: { noExternal: true, external: EXTERNAL },
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      target: 'node24',
      minify: false,
      rolldownOptions: {
        input: {
          main: path.join(root, 'electron/main/index.ts'),
          lab: path.join(root, 'electron/lab/entry.ts'),
          'figures-worker': path.join(root, 'electron/figures/worker.ts'),
          'run-worker': path.join(root, 'electron/lab/sweep/run-worker.ts'),
          'diff-worker': path.join(root, 'electron/lab/diff/worker.ts'),
          'files-worker': path.join(root, 'electron/lab/files/worker.ts'),
          'import-worker': path.join(root, 'electron/lab/importing/worker.ts'),
          'import-rows-worker': path.join(root, 'traces/import/rows/worker.ts'),
          'recording-worker': path.join(root, 'electron/lab/recording/worker.ts'),
          query: path.join(root, 'electron/lab/query-entry.ts'),
        },
        external: [...EXTERNAL, /^node:/],
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'shared-[hash].js' },
      },
    },
  };
}

/** A sandboxed preload is one CommonJS file, whatever the package says. */
function preloadConfig(root: string, outDir: string): InlineConfig {
  return {
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    build: {
      outDir,
      emptyOutDir: false,
      target: 'chrome140',
      minify: false,
      lib: {
        entry: path.join(root, 'electron/preload/index.ts'),
        formats: ['cjs'],
        fileName: () => 'preload.cjs',
      },
      rolldownOptions: { external: EXTERNAL },
    },
  };
}
