import { describe, expect, it } from 'vitest';
import type { KindInfo, TrackInfo } from '../../../core/contract/index.ts';
import { parseQuery } from './query.ts';

const kinds = [
  { code: 10, name: 'GNTTABOP_map_grant_ref' },
  { code: 32, name: 'GT.map' },
  { code: 73, name: 'DMA.rd' },
] as unknown as readonly KindInfo[];
const tracks = [
  { id: 1, name: 'Frontend', detail: 'vCPU 0' },
  { id: 7, name: 'NIC', detail: 'DMA reads' },
] as unknown as readonly TrackInfo[];
const parse = (query: string) => parseQuery(query, { kinds, tracks, tickPs: 1000 });

describe('a query for events', () => {
  it('that names a kind or track that is not there says so', () => {
    expect(parse('kind:nothing')).toEqual({
      wrong: 'no kind of this trace is called “nothing”',
    });
    expect(parse('track:gpu')).toEqual({ wrong: 'no track of this trace is called “gpu”' });
  });

  it('without words asks for nothing', () => {
    expect(parse('  ')).toEqual({ conditions: {}, empty: true });
  });

  it('takes what is no condition for text, conditions that are cut short too', () => {
    expect(parse('map grant')).toMatchObject({ conditions: { text: 'map grant' } });
    expect(parse('# 0x >5 kind:')).toMatchObject({ conditions: { text: '# 0x >5 kind:' } });
  });

  it('asks for what is about a frame, whatever it is called there', () => {
    expect(parse('mfn:0x1a519 kind:dma')).toMatchObject({
      conditions: { about: '0x1a519', kinds: [73] },
    });
    expect(parse('mfn:107801')).toMatchObject({ conditions: { about: '107801' } });
    expect(parse('mfn:frame')).toMatchObject({ conditions: { text: 'mfn:frame' } });
  });

  it('finds requests, frames, kinds, tracks, lengths and failures', () => {
    expect(parse('#1885 0x1A519 kind:map track:nic >2.5us failed: upcall')).toEqual({
      conditions: {
        request: 1885,
        frame: '0x1A519',
        kinds: [10, 32],
        tracks: [7],
        minDur: 2500,
        failed: true,
        text: 'upcall',
      },
      empty: false,
    });
  });
});
