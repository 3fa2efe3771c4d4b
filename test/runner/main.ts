/**
 * Runs every check of the project, also after one has failed, and ends with a line that scripts can
 * read: `N passed, N failed`. A tool counts as one, a test as one.
 *
 * `npm test -- unit` runs the steps whose names hold that text.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { steps, type Step } from './steps.ts';
import { add, tallyOf, type Tally } from './tally.ts';

const root = path.resolve(import.meta.dirname, '../..');
const output = path.join(root, 'test/output');

/** A step that has not ended by then never will: an endless loop must not take the whole check with it. */
const STEP_LIMIT_MS = 15 * 60_000;

function run(step: Step): Promise<number> {
  // A group of its own, so that what hangs goes with all that it has started.
  const child = spawn(process.execPath, step.args, { cwd: root, stdio: 'inherit', detached: true });
  const end = (): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
    } catch {
      // It has ended just now.
    }
  };
  const stop = (): void => {
    end();
    process.exit(130);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const limit = setTimeout(() => {
    process.stdout.write(`\n${step.name}: stopped after ${STEP_LIMIT_MS / 60_000} minutes\n`);
    end();
  }, STEP_LIMIT_MS);
  return new Promise<number>((resolve) => {
    child.on('error', () => resolve(1));
    child.on('exit', (code) => resolve(code ?? 1));
  }).finally(() => {
    clearTimeout(limit);
    process.off('SIGINT', stop).off('SIGTERM', stop);
  });
}

function readReport(step: Step): unknown {
  if (step.report === undefined) return undefined;
  try {
    return JSON.parse(readFileSync(step.report, 'utf8')) as unknown;
  } catch {
    return undefined;
  }
}

rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
const wanted = process.argv.slice(2);
const chosen = steps(root, output).filter(
  ({ name }) => wanted.length === 0 || wanted.some((text) => name.includes(text)),
);
const rows: { name: string; tally: Tally; seconds: number }[] = [];
for (const step of chosen) {
  process.stdout.write(`\n── ${step.name} ──\n`);
  const started = performance.now();
  const status = await run(step);
  const tally = tallyOf(status, readReport(step));
  rows.push({ name: step.name, tally, seconds: (performance.now() - started) / 1000 });
}

const total = rows.reduce((sum, { tally }) => add(sum, tally), {
  passed: 0,
  failed: 0,
  skipped: 0,
});
process.stdout.write('\n');
for (const { name, tally, seconds } of rows) {
  const mark = tally.failed === 0 ? 'ok  ' : 'FAIL';
  const skipped = tally.skipped === 0 ? '' : `, ${tally.skipped} skipped`;
  process.stdout.write(
    `${mark} ${name.padEnd(18)} ${tally.passed} passed, ${tally.failed} failed${skipped} (${seconds.toFixed(0)} s)\n`,
  );
}
if (total.skipped > 0) process.stdout.write(`${total.skipped} skipped: see the reasons above\n`);
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 && rows.length > 0 ? 0 : 1;
