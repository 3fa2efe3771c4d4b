/** A lab on a library of its own, and the page that talks to it: for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  createClient,
  portPair,
  serve,
  toErrorData,
  type LabClient,
} from '../../../core/contract/index.ts';
import { createLab, type Lab, type LabOptions } from '../handlers.ts';
import { realParts } from '../real-parts.ts';

/** The traces that ship with the program. */
export const SAMPLES = path.resolve(import.meta.dirname, '../../../traces/samples');

export interface TestLab {
  /** Its library, a temporary folder. */
  readonly home: string;
  readonly lab: Lab;
  readonly client: LabClient;
  /** Ends the lab and removes the library. */
  readonly end: () => Promise<void>;
}

/** @param prepare puts files into the library before the lab starts */
export function testLab(
  options: Partial<LabOptions> = {},
  prepare: (home: string) => void = () => undefined,
): TestLab {
  const home = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-lab-'));
  prepare(home);
  const lab = createLab({ home, samples: SAMPLES, uploads: null, ...options }, realParts);
  const [near, far] = portPair();
  serve(far, lab.handlers('browser'));
  const client = createClient(near);
  return {
    home,
    lab,
    client,
    end: async () => {
      client.close();
      await lab.finish('the test is over');
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** The code with which a call is refused; `none` where it is answered. */
export const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'none',
    (error: unknown) => toErrorData(error).code,
  );
