/** What was typed into the trim dialog, as the lab wants it. */
import type { ArgsInput, TraceInfo } from '../../core/contract/index.ts';

/** As typed: microseconds and request numbers; empty where there is no limit. */
export interface TrimFields {
  readonly from: string;
  readonly until: string;
  readonly first: string;
  readonly last: string;
}

type Wrong = Partial<Record<keyof TrimFields | 'tracks', string>>;
type TrimArgs = Omit<ArgsInput<'trace.trim'>, 'trace'>;

/** `args` is absent as long as something is wrong or nothing limits. */
export function trimArgs(
  info: Pick<TraceInfo, 'tickPs' | 'requests' | 'tracks'>,
  fields: TrimFields,
  without: ReadonlySet<number>,
): { readonly args?: TrimArgs; readonly wrong: Wrong } {
  const wrong: Wrong = {};
  const number = (name: keyof TrimFields): number | undefined => {
    const text = fields[name].trim().replace(',', '.');
    if (text === '') return undefined;
    const value = Number(text);
    if (Number.isFinite(value)) return value;
    wrong[name] = 'not a number';
    return undefined;
  };
  const tick = (name: 'from' | 'until') => {
    const us = number(name);
    return us === undefined ? undefined : Math.round((us * 1e6) / info.tickPs);
  };
  const request = (name: 'first' | 'last') => {
    const value = number(name);
    if (value === undefined) return undefined;
    if (!Number.isInteger(value) || value < 1 || value > info.requests) {
      wrong[name] = `1 to ${info.requests}`;
    }
    return value;
  };
  const [from, until] = [tick('from'), tick('until')];
  if (from !== undefined && until !== undefined && until <= from)
    wrong.until = 'not after the start';
  const [first, last] = [request('first'), request('last')];
  if (first !== undefined && last !== undefined && last < first) wrong.last = 'before the first';
  const tracks = info.tracks.map(({ id }) => id).filter((id) => !without.has(id));
  if (tracks.length === 0) wrong.tracks = 'choose at least one track';

  if (Object.keys(wrong).length > 0) return { wrong };
  const requests = first !== undefined || last !== undefined;
  const args: TrimArgs = {
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(requests ? { requests: [first ?? 1, last ?? info.requests] as [number, number] } : {}),
    ...(without.size === 0 ? {} : { tracks }),
  };
  return Object.keys(args).length === 0 ? { wrong } : { args, wrong };
}
