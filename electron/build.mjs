/** `npm run build` and, with `--package`, `npm run package`. */
import { withGoodNode } from './node-guard.mjs';

await withGoodNode(() => import('./build/main.ts'));
