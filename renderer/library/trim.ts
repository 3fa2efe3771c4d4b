/** What was typed into the trim dialog, as the lab wants it. */
import type { ArgsInput, TraceInfo } from '../../core/contract/index.ts';
import { ticksOfFields, typedNumber, type TimeFields } from './time-fields.ts';

/** As typed; empty where there is no limit. */
export interface TrimFields extends TimeFields {
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
  const time = ticksOfFields(info, fields);
  const wrong: Wrong = { ...time.wrong };
  const request = (name: 'first' | 'last') => {
    const value = typedNumber(fields[name]);
    if (value === undefined) return undefined;
    if (value === null || !Number.isInteger(value) || value < 1 || value > info.requests) {
      wrong[name] = `1 to ${info.requests}`;
    }
    return value ?? undefined;
  };
  const [first, last] = [request('first'), request('last')];
  if (first !== undefined && last !== undefined && last < first) wrong.last = 'before the first';
  const tracks = info.tracks.map(({ id }) => id).filter((id) => !without.has(id));
  if (tracks.length === 0) wrong.tracks = 'choose at least one track';

  if (Object.keys(wrong).length > 0) return { wrong };
  const requests = first !== undefined || last !== undefined;
  const args: TrimArgs = {
    ...time.ticks,
    ...(requests ? { requests: [first ?? 1, last ?? info.requests] as [number, number] } : {}),
    ...(without.size === 0 ? {} : { tracks }),
  };
  return Object.keys(args).length === 0 ? { wrong } : { args, wrong };
}
