/**
 * What people type to find events: words of a name or a line, and conditions among them.
 *
 *   #1885          events of a request
 *   0x1a519        events of a frame, as the event's kind names it
 *   mfn:0x1a519    events about a machine frame, also those that know it by its gfn or an iova
 *   kind:map       kinds whose name holds "map"
 *   track:nic      tracks whose name holds "nic"
 *   >2us           at least so long (ns, us or µs, ms)
 *   failed:        events with a status that is not success
 */
import type { ArgsInput, KindInfo, TrackInfo } from '../../../core/contract/index.ts';

export type Conditions = Pick<
  ArgsInput<'trace.find'>,
  'text' | 'kinds' | 'tracks' | 'request' | 'frame' | 'about' | 'failed' | 'minDur'
>;

/** What the words of a query are looked up in. */
export interface Vocabulary {
  readonly kinds: readonly KindInfo[];
  readonly tracks: readonly TrackInfo[];
  readonly tickPs: number;
}

export type Parsed =
  { readonly conditions: Conditions; readonly empty: boolean } | { readonly wrong: string };

const PS: Readonly<Record<string, number>> = { ns: 1e3, us: 1e6, µs: 1e6, μs: 1e6, ms: 1e9 };

export function parseQuery(query: string, { kinds, tracks, tickPs }: Vocabulary): Parsed {
  let conditions: Conditions = {};
  const words: string[] = [];
  for (const word of query.split(/\s+/).filter((each) => each !== '')) {
    const named = /^(kind|track):(.+)$/i.exec(word);
    const long = /^>(\d+(?:\.\d+)?)(ns|us|µs|μs|ms)$/i.exec(word);
    if (/^#\d{1,15}$/.test(word)) conditions = { ...conditions, request: Number(word.slice(1)) };
    else if (/^0x[0-9a-f]{1,16}$/i.test(word)) conditions = { ...conditions, frame: word };
    else if (/^mfn:(0x[0-9a-f]{1,16}|\d{1,20})$/i.test(word)) {
      conditions = { ...conditions, about: word.slice(4) };
    } else if (/^failed:$/i.test(word)) conditions = { ...conditions, failed: true };
    else if (long !== null) {
      const ps = Number(long[1]) * (PS[(long[2] ?? '').toLowerCase()] ?? 0);
      conditions = { ...conditions, minDur: Math.ceil(ps / tickPs) };
    } else if (named !== null) {
      const [part = '', wanted = ''] = [named[1]?.toLowerCase(), named[2]?.toLowerCase()];
      const isKind = part === 'kind';
      const codes = isKind
        ? kinds.filter(({ name }) => name.toLowerCase().includes(wanted)).map(({ code }) => code)
        : tracks
            .filter(({ name, detail }) => `${name} ${detail}`.toLowerCase().includes(wanted))
            .map(({ id }) => id);
      if (codes.length === 0) return { wrong: `no ${part} of this trace is called “${wanted}”` };
      conditions = { ...conditions, ...(isKind ? { kinds: codes } : { tracks: codes }) };
    } else words.push(word);
  }
  if (words.length > 0) conditions = { ...conditions, text: words.join(' ').slice(0, 200) };
  return { conditions, empty: Object.keys(conditions).length === 0 };
}
