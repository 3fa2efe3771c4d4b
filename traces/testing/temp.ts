/** A folder of its own for each test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { LabError, type LabErrorData } from '../../core/contract/errors.ts';

/** An empty folder that goes when the test ends. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mapcopy-traces-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The error that `work` must throw for its user. */
export function errorOf(work: () => unknown): LabErrorData {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof LabError) return thrown.data;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

/** The error that `work` must reject with for its user. */
export async function rejectionOf(work: Promise<unknown>): Promise<LabErrorData> {
  try {
    await work;
  } catch (thrown) {
    if (thrown instanceof LabError) return thrown.data;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}
