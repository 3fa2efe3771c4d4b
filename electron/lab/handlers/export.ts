import {
  EXPORT_EXTENSIONS,
  LabError,
  type ArgsOf,
  type CallContext,
  type LabHandlers,
  type ResultOf,
} from '../../../core/contract/index.ts';
import { deliver, type Deliveries } from '../deliveries.ts';
import { slugOf } from '../file-names.ts';
import type { LabContext } from './context.ts';

/**
 * Files made of a trace.
 *
 * @param deliveries where a finished file waits for the host; null where the host takes none
 */
export function exportHandlers(
  { library, parts, track, until }: LabContext,
  deliveries: Deliveries | null,
): Pick<LabHandlers, 'trace.export' | 'trace.trim'> {
  /** Ticks, between which the page may stand, as picoseconds. */
  const timeRange = (trace: string, from: number | undefined, until: number | undefined) => {
    const tickPs = BigInt(library.info(trace).tickPs);
    return {
      ...(from === undefined ? {} : { fromPs: BigInt(Math.floor(from)) * tickPs }),
      ...(until === undefined ? {} : { toPs: BigInt(Math.ceil(until)) * tickPs }),
    };
  };

  const write = (
    { trace, format, from, until: end }: ArgsOf<'trace.export'>,
    { progress, signal }: CallContext<'trace.export'>,
  ): Promise<ResultOf<'trace.export'>> => {
    const { file: input, name: title } = library.entry(trace);
    const name = `${slugOf(title)}${EXPORT_EXTENSIONS[format]}`;
    const range = timeRange(trace, from, end);
    return deliver(deliveries, name, 'use "mapcopy export"', (output) =>
      parts.writeFile(
        { kind: 'export', job: { input, output, to: format, force: false, range } },
        { onProgress: progress, signal: until(signal) },
      ),
    );
  };

  const trim = async (
    { trace, from, until: end, requests, tracks }: ArgsOf<'trace.trim'>,
    { progress, signal }: CallContext<'trace.trim'>,
  ): Promise<ResultOf<'trace.trim'>> => {
    const { file: input, name } = library.entry(trace);
    const selection = {
      ...timeRange(trace, from, end),
      ...(requests === undefined ? {} : { requests }),
      ...(tracks === undefined ? {} : { tracks: tracks.map(String) }),
    };
    if (Object.keys(selection).length === 0) {
      const remedy = 'select a time, requests or tracks';
      throw new LabError('BAD_ARGUMENT', 'nothing is selected', trace, remedy);
    }
    const place = library.reserve(`${name} part`);
    try {
      await parts.writeFile(
        { kind: 'trim', job: { input, output: place.file, force: false, selection } },
        { onProgress: progress, signal: until(signal) },
      );
      return library.entryOfFile(place.file);
    } finally {
      place.release();
    }
  };

  return {
    'trace.export': (args, context) => track(write(args, context)),
    'trace.trim': (args, context) => track(trim(args, context)),
  };
}
