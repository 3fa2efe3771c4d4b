/**
 * The lab: one implementation of the contract, for every host.
 *
 * The lab itself knows no transport. `entry.ts` serves it in a process or thread of its own, the
 * command line and tests call it where they are.
 */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import {
  fieldsOf,
  LabError,
  VERSION,
  type ArgsOf,
  type CallContext,
  type LabHandlers,
  type ResultOf,
} from '../../core/contract/index.ts';
import { Deliveries } from './deliveries.ts';
import { diffHandlers } from './handlers/diff.ts';
import { exportHandlers } from './handlers/export.ts';
import { nameOfRun, stampOf } from './file-names.ts';
import type { LabContext } from './handlers/context.ts';
import { notesHandlers } from './handlers/notes.ts';
import { figureHandlers } from './handlers/figure.ts';
import { queryHandlers } from './handlers/query.ts';
import { replayHandlers } from './handlers/replay.ts';
import { reportHandlers } from './handlers/report.ts';
import { studyHandlers } from './handlers/study.ts';
import { bringIn, bringNotes, looksLikeDatabase, resolveSource } from './imports.ts';
import { Library } from './library.ts';
import type { LibraryPlaces } from './places.ts';
import type { LabParts } from './parts.ts';
import { runScenario } from './runs.ts';
import { Study } from './study/index.ts';

/** What a lab is told when it starts. Plain data, for it crosses a process boundary. */
export interface LabOptions extends LibraryPlaces {
  /** Folder where the browser host puts uploads; null for other hosts. */
  readonly uploads: string | null;
  /** Folder from which the host hands files to the user; none for a host that does not. */
  readonly deliveries?: string;
  /** Version of SQLite, for the about box. */
  readonly sqlite?: string;
}

/**
 * How far a caller may reach outside the library. The command line acts for the user and may name
 * any file. The desktop window may name files to import, which come from its dialogs. A page in a
 * browser names nothing: it uploads.
 */
export type Reach = 'command-line' | 'window' | 'browser';

/** A lab in this thread. */
export interface Lab {
  readonly library: Library;
  handlers(reach: Reach): LabHandlers;
  /** Ends every run in progress, waits until the traces are whole, and closes all files. */
  finish(reason: string): Promise<void>;
}

/** Makes a lab. A host that owns the library calls `library.recover()` next. */
export function createLab(options: LabOptions, parts: LabParts): Lab {
  const library = new Library(options, parts);
  const ending = new AbortController();
  const busy = new Set<Promise<unknown>>();

  /** Work that the lab may not leave half done: it does not end before. */
  const track = async <T>(work: Promise<T>): Promise<T> => {
    busy.add(work);
    try {
      return await work;
    } finally {
      busy.delete(work);
    }
  };
  const study = new Study({
    home: options.home,
    library,
    now: parts.now,
    track: (work) => void track(work),
  });
  const until = (signal: AbortSignal) => AbortSignal.any([signal, ending.signal]);
  const lab: LabContext = { library, parts, track, until };

  const run = async (
    args: ArgsOf<'experiment.run'>,
    context: CallContext<'experiment.run'>,
  ): Promise<ResultOf<'experiment.run'>> => {
    const { scenario } = args;
    const name = nameOfRun(scenario);
    const slug = `${scenario.strategy} ${scenario.hypervisor} ${scenario.soc} ${scenario.workload} ${stampOf(parts.now())}`;
    const place =
      args.record && args.out === null ? library.reserve(slug) : { file: args.out, release() {} };
    const output = args.record && place.file !== null ? path.resolve(place.file) : null;
    try {
      const job = { scenario, output, name, onProgress: context.progress };
      const result = await runScenario({ ...job, signal: until(context.signal) }, parts);
      const inLibrary = output !== null && args.out === null;
      return { ...result, trace: inLibrary ? library.entryOfFile(output).id : null };
    } finally {
      place.release();
    }
  };

  const bring = async (
    args: ArgsOf<'library.import'>,
    context: CallContext<'library.import'>,
  ): Promise<ResultOf<'library.import'>> => {
    // Before the upload is used up, so that a mapping can be mended.
    if (args.mapping !== undefined) parts.traces.checkMapping(args.mapping);
    const source = resolveSource(args.source, options.uploads);
    const name = path.parse(source.name).name;
    const place = library.reserve(name);
    try {
      const counts = await bringIn(
        {
          input: source.input,
          output: place.file,
          name,
          recordedAt: parts.now().toISOString(),
          ...(args.mapping === undefined ? {} : { mapping: args.mapping }),
          ...(args.clockHz === undefined ? {} : { clockHz: args.clockHz }),
          onProgress: context.progress,
          signal: until(context.signal),
        },
        parts,
      );
      if (counts === null) bringNotes(source.input, place.file, parts);
      return { entry: library.entryOfFile(place.file), counts };
    } finally {
      place.release();
      if (source.discard !== null) await rm(source.discard, { recursive: true, force: true });
    }
  };

  const diffs = diffHandlers(lab);
  const deliveries = options.deliveries === undefined ? null : new Deliveries(options.deliveries);
  const exports = exportHandlers(lab, deliveries);
  const reports = reportHandlers(lab, {
    runDiff: diffs['diff.run'],
    sweep: (id) => study.studies.info(id).database,
    deliveries,
  });

  const handlers = (reach: Reach): LabHandlers => ({
    ...notesHandlers(lab),
    ...exports,
    ...diffs,
    ...figureHandlers(lab, study.studies),
    'lab.about': () => ({
      version: VERSION,
      node: process.versions.node,
      sqlite: options.sqlite ?? '',
      library: library.folder,
    }),
    'catalogue.list': ({ what }) => parts.simulator.catalogue(what),
    'catalogue.fields': () => fieldsOf(),
    'experiment.pairs': ({ strategies, hypervisors, socs, base }) =>
      parts.simulator.listPairs(strategies, hypervisors, socs, base),
    'experiment.run': (args, context) => {
      if (args.out !== null && reach !== 'command-line') throw outOfReach(args.out);
      return track(run(args, context));
    },
    'library.list': () => library.list(),
    'library.import': (args, context) => {
      if (args.source.kind === 'path' && reach === 'browser') throw outOfReach(args.source.path);
      return track(bring(args, context));
    },
    'library.remove': ({ trace }) => library.remove(trace),
    'library.trash': () => library.trash.list(),
    'library.restore': ({ item }) => library.restore(item),
    'library.emptyTrash': () => library.trash.empty(),
    'library.question': ({ source, split }) => {
      if (source.kind === 'path' && reach === 'browser') throw outOfReach(source.path);
      const { input } = resolveSource(source, options.uploads);
      return looksLikeDatabase(input) ? null : parts.traces.importQuestion(input, split);
    },
    'library.rename': ({ trace, name }) => library.rename(trace, name),
    ...queryHandlers(lab),
    ...replayHandlers(lab),
    ...reports,
    ...studyHandlers(study),
    'trace.open': ({ trace }) => library.info(trace),
    'trace.window': ({ trace, ...args }) => library.reader(trace).window(args),
    'trace.events': ({ trace, first, limit }) => library.reader(trace).events(first, limit),
    'trace.event': ({ trace, event }) => library.reader(trace).event(event),
    'trace.at': ({ trace, ts }) => library.reader(trace).at(ts),
    'trace.request': ({ trace, request }) => library.reader(trace).request(request),
    'trace.hazards': ({ trace, limit }) => library.reader(trace).hazards(limit),
    'trace.state': ({ trace, ...args }) => library.reader(trace).state(args),
    'trace.find': ({ trace, ...args }) => library.reader(trace).find(args),
  });

  return {
    library,
    handlers,
    async finish(reason) {
      ending.abort(reason);
      study.stop();
      await Promise.allSettled(busy);
      await study.close();
      library.close();
    },
  };
}

function outOfReach(file: string): LabError {
  return new LabError(
    'BAD_ARGUMENT',
    'this window may not name files outside the library',
    file,
    'use the command line, or the file dialog of the window',
  );
}
