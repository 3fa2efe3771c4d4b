/** The parts of a lab in use. Loading this module loads SQLite. */
import * as simulator from '../../core/experiment/index.ts';
import * as traces from '../../traces/index.ts';
import { compareInThread } from './diff/thread.ts';
import { writeInThread } from './files/thread.ts';
import { importInThread } from './importing/thread.ts';
import type { LabParts } from './parts.ts';
import { recordInThread } from './recording/thread.ts';

export const realParts: LabParts = {
  simulator,
  traces: { ...traces, record: recordInThread, importTrace: importInThread },
  compare: compareInThread,
  writeFile: writeInThread,
  now: () => new Date(),
};
