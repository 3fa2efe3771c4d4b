/** Command line: `npm run -s mapcopy -- COMMAND`. */
import { withGoodNode } from './node-guard.mjs';

await withGoodNode(() => import('./cli/main.ts'));
