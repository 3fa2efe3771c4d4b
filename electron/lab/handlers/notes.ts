import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { LabHandlers, Notes } from '../../../core/contract/index.ts';
import type { LabContext } from './context.ts';

type Answers = Pick<LabHandlers, 'notes.get' | 'notes.set' | 'notes.list'>;

/** What a user adds to traces, in files beside them. */
export function notesHandlers({ library, parts }: LabContext): Answers {
  const { traces } = parts;
  return {
    'notes.get': ({ trace }) => traces.readNotes(library.notesFile(trace)),
    'notes.set': ({ trace, notes }) => {
      const file = library.notesFile(trace);
      mkdirSync(path.dirname(file), { recursive: true });
      traces.writeNotes(file, notes);
      return notes;
    },
    'notes.list': () =>
      library.noted().flatMap(({ trace, file }) => {
        let notes: Notes;
        try {
          notes = traces.readNotes(file);
        } catch {
          return []; // Who asks for them by name is told what is wrong.
        }
        const { text, tags, bookmarks } = notes;
        return [{ trace, text, tags, bookmarks: bookmarks.length }];
      }),
  };
}
