/** The steps of `npm test`, in order. Each is a tool that ends with a status. */
import path from 'node:path';

export interface Step {
  readonly name: string;
  /** Arguments to Node. */
  readonly args: readonly string[];
  /** File where vitest writes its JSON report; absent for tools that pass or fail as one. */
  readonly report?: string;
}

/** @param output folder for reports */
export function steps(root: string, output: string): Step[] {
  const bin = (name: string, file: string) => path.join(root, 'node_modules', name, file);
  const vitest = (project: string): Step => {
    const report = path.join(output, `${project}.json`);
    return {
      name: project === 'unit' ? 'unit tests' : 'end-to-end tests',
      args: [
        bin('vitest', 'vitest.mjs'),
        'run',
        '--project',
        project,
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
      ],
      report,
    };
  };
  return [
    { name: 'types', args: [bin('typescript', 'bin/tsc'), '-p', 'tsconfig.json'] },
    {
      name: 'types of the page',
      args: [
        bin('svelte-check', 'bin/svelte-check'),
        '--tsconfig',
        'tsconfig.renderer.json',
        '--fail-on-warnings',
        '--output',
        'human',
      ],
    },
    { name: 'lint', args: [bin('eslint', 'bin/eslint.js'), '.', '--max-warnings=0'] },
    { name: 'format', args: [bin('prettier', 'bin/prettier.cjs'), '--check', '.'] },
    vitest('unit'),
    { name: 'build', args: [path.join(root, 'electron/build.mjs')] },
    vitest('e2e'),
  ];
}
