import { describe, expect, it } from 'vitest';
import { wrongImport } from './import-arrows.mjs';

describe('the arrows between rooms', () => {
  it.each([
    ['core/engine/cpu.ts', '../../traces/index.ts'],
    ['core/engine/cpu.ts', '../../electron/lab/library.ts'],
    ['core/engine/cpu.ts', 'node:fs'],
    ['core/engine/cpu.ts', 'better-sqlite3'],
    ['core/contract/rpc.ts', '../engine/queue.ts'],
    ['core/base/assert.ts', '../contract/errors.ts'],
    ['traces/write/writer.ts', '../../electron/lab/library.ts'],
    ['traces/write/writer.ts', 'electron'],
    ['electron/web/host.ts', '../../renderer/main.ts'],
    ['electron/web/host.ts', '../../test/e2e/lab.ts'],
    ['renderer/host/browser.ts', '../../traces/index.ts'],
    ['renderer/host/desktop.ts', '../../electron/preload/channels.ts'],
    ['renderer/app/App.svelte', 'node:path'],
    ['renderer/app/App.svelte', 'electron'],
    ['renderer/app/App.svelte', '../../core/../traces/index.ts'],
  ])('%s may not import %s', (file, source) => {
    expect(wrongImport(file, source)).toBeTypeOf('string');
  });

  it.each([
    ['core/engine/cpu.ts', '../contract/kinds.ts'],
    ['core/contract/rpc.ts', 'valibot'],
    ['traces/write/writer.ts', '../../core/engine/recording.ts'],
    ['electron/lab/library.ts', '../../traces/index.ts'],
    ['electron/lab/library.test.ts', '../../test/fixtures/fake-lab.ts'],
    ['renderer/host/browser.ts', '../../core/contract/index.ts'],
    ['renderer/vite.config.ts', 'node:url'],
    ['test/golden.test.ts', '../core/experiment/index.ts'],
    ['eslint.config.js', './test/lint/import-arrows.mjs'],
  ])('%s may import %s', (file, source) => {
    expect(wrongImport(file, source)).toBeUndefined();
  });
});
