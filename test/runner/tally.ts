/** Counts what passed and failed. */
import * as v from 'valibot';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** Tests that did not run, with their reasons on the screen. */
  readonly skipped: number;
}

const ReportSchema = v.object({
  numPassedTests: v.number(),
  numFailedTests: v.number(),
  numPendingTests: v.number(),
  numTodoTests: v.number(),
  testResults: v.array(
    v.object({
      status: v.string(),
      assertionResults: v.array(v.object({ status: v.string() })),
    }),
  ),
});

/**
 * Tally of a step.
 *
 * @param status exit status of the tool
 * @param report what vitest wrote, undefined for a tool without a report or when there is none
 */
export function tallyOf(status: number, report: unknown): Tally {
  const whole = { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 };
  const checked = v.safeParse(ReportSchema, report);
  if (!checked.success) return whole;
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = checked.output;
  // A file that does not load has no tests of its own, but it is a failure.
  const files = checked.output.testResults.filter(
    (file) =>
      file.status === 'failed' &&
      !file.assertionResults.some(({ status: one }) => one === 'failed'),
  ).length;
  const failed = numFailedTests + files;
  return {
    passed: numPassedTests,
    failed: failed === 0 && status !== 0 ? 1 : failed,
    skipped: numPendingTests + numTodoTests,
  };
}

export function add(a: Tally, b: Tally): Tally {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}
