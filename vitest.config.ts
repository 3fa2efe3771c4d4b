import { defineConfig } from 'vitest/config';

/**
 * `unit`: tests beside their code and those of `test/`, side by side. `e2e`: the lab in a real
 * browser and in real processes, one file at a time, for they share CPUs with what they measure by.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          include: ['{core,traces,electron,renderer,test}/**/*.test.ts'],
          exclude: ['test/e2e/**', '**/node_modules/**', 'dist/**'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
