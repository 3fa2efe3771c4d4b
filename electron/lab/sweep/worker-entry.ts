/** What a thread for runs is started with: the source, or in a packaged app its bundle. */
export const RUN_WORKER = new URL(
  import.meta.url.endsWith('.ts') ? './run-worker.ts' : './run-worker.js',
  import.meta.url,
);
