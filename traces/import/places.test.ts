import { describe, expect, it } from 'vitest';
import { MAX_TRACKS } from '../read/store.ts';
import { importContent } from '../testing/imported.ts';

/** One event of each of so many threads. */
const threads = (count: number) =>
  JSON.stringify(
    Array.from({ length: count }, (_, i) => ({
      ...{ ph: 'X', name: 'work', ts: i, dur: 1, pid: 1, tid: i },
    })),
  );

describe('tracks of a recording', () => {
  it('are no more than a reader knows; the last has all that is left', async () => {
    const { counts, reader } = await importContent(threads(MAX_TRACKS + 5));
    expect(counts).toMatchObject({ events: MAX_TRACKS + 5, warningsTotal: 1 });
    expect(counts.warnings[0]?.reason).toContain('the last track has all others');
    const { tracks } = reader.info('x');
    expect(tracks.length).toBe(MAX_TRACKS);
    expect(tracks.at(-1)).toMatchObject({ name: 'all others', events: 6 });
    expect(tracks.reduce((sum, track) => sum + track.events, 0)).toBe(MAX_TRACKS + 5);
    expect(reader.event(MAX_TRACKS + 5).details).toMatchObject({ tid: String(MAX_TRACKS + 4) });
  });
});
