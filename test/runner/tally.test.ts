import { describe, expect, it } from 'vitest';
import { tallyOf } from './tally.ts';

const report = (passed: number, failed: number, files: { status: string; tests: string[] }[]) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: 2,
  numTodoTests: 0,
  testResults: files.map(({ status, tests }) => ({
    status,
    assertionResults: tests.map((each) => ({ status: each })),
  })),
});

describe('a tally', () => {
  it('counts a tool as one', () => {
    expect(tallyOf(0, undefined)).toEqual({ passed: 1, failed: 0, skipped: 0 });
    expect(tallyOf(2, undefined)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('counts tests by their report', () => {
    const files = [{ status: 'failed', tests: ['failed', 'passed'] }];
    expect(tallyOf(1, report(5, 1, files))).toEqual({ passed: 5, failed: 1, skipped: 2 });
  });

  it('counts a file that does not load as a failure', () => {
    const files = [{ status: 'failed', tests: [] }];
    expect(tallyOf(1, report(5, 0, files))).toEqual({ passed: 5, failed: 1, skipped: 2 });
  });

  it('never reports success for a tool that failed', () => {
    expect(tallyOf(1, report(5, 0, [])).failed).toBe(1);
    expect(tallyOf(1, 'not a report').failed).toBe(1);
  });
});
