/** `npm start`: the desktop app, or the browser host where Electron's runtime is not there. */
import { withGoodNode } from './node-guard.mjs';

await withGoodNode(() => import('./launch/main.ts'));
