/** What `npm test` runs. */
import { withGoodNode } from '../electron/node-guard.mjs';

await withGoodNode(() => import('./runner/main.ts'));
