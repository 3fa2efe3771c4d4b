import { K } from '../contract/kinds.ts';
import { NONE } from '../engine/recording.ts';
import type { World } from '../primitives/world.ts';

/** A domain that takes whatever becomes free. */
const OTHER_DOMAIN = 1000;

/** From now on, each frame that a guest loses for good goes to another domain at once. */
export function reallocate(world: World): void {
  const { frames, oracle, recorder, tracks } = world;
  frames.onFree = (mfn) => {
    if (!oracle.watches(mfn)) return;
    oracle.orphans.free(mfn);
    const given = frames.allocate(OTHER_DOMAIN);
    oracle.given(given);
    recorder.leaf(K.frameAlloc, tracks.oracle, 0, NONE, given, NONE, NONE, NONE, OTHER_DOMAIN);
  };
}
