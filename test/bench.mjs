/** `npm run bench`. */
import { withGoodNode } from '../electron/node-guard.mjs';

await withGoodNode(() => import('./bench/main.ts'));
