/** How soon the lab goes on after SQL that would run for ever. */
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startQuery } from '../../traces/index.ts';
import { record, scenarioOf, temporaryFolder } from './made.ts';
import type { Bench } from './measure.ts';

const ENDLESS =
  'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c';
/** Long enough for a process to be inside SQLite. */
const INSIDE_MS = 500;

export const cancelled: Bench = {
  name: 'query-cancel',
  unit: 'ms',
  better: 'lower',
  goal: 2,
  about: 'from the cancel of an endless query to the answer of the next, against that answer alone',
  prepare() {
    const { folder, done } = temporaryFolder();
    const file = path.join(folder, 'a.mctrace');
    record(scenarioOf(100), file);
    const ask = () => startQuery({ file, sql: 'SELECT count(*) FROM events', limit: 1 });
    return {
      async value() {
        const stop = new AbortController();
        const endless = startQuery({ file, sql: ENDLESS, limit: 1 }, stop.signal);
        const ended = endless.catch(() => undefined);
        await setTimeout(INSIDE_MS);
        const since = performance.now();
        stop.abort();
        await ended;
        await ask();
        return performance.now() - since;
      },
      async baseline() {
        const since = performance.now();
        await ask();
        return performance.now() - since;
      },
      done,
    };
  },
};
