/** Names of threads, and what an importer makes of who was at work. */
import type { Place } from '../recorded.ts';
import type { Who } from './who.ts';

/** Names kept to fill in `<...>`. */
const MAX_NAMES = 65_536;
/** What the kernel prints where it has forgotten a name. */
const FORGOTTEN = '<...>';

/** The name of a thread, as the latest line has it. */
interface Thread {
  comm: string;
}

/** What was made of a `Who`, to be used again with the next line that has it. */
export interface Author {
  readonly place: Place;
  /** Missing where nobody may ask for its name. */
  thread: Thread | undefined;
  comm: string;
  /** Members of the JSON of details: those before the subsystem, and those after it. */
  before: string;
  after: string;
}

export class Threads {
  readonly #threads = new Map<string, Thread>();

  /** The author of a line, by the name that this line or an earlier one has. */
  authorOf(who: Who, segment: number): Author {
    let { author } = who;
    if (author?.place.segment !== segment) author = this.#make(who, segment);
    let { comm } = who;
    if (comm === FORGOTTEN) {
      author.thread ??= this.#threads.get(`${segment}/${who.pid}`);
      comm = author.thread?.comm ?? comm;
    } else if (author.thread !== undefined) {
      author.thread.comm = comm;
    }
    if (author.comm !== comm) name(author, who, comm);
    return author;
  }

  #make(who: Who, segment: number): Author {
    const key = `${segment}/${who.pid}`;
    let thread = this.#threads.get(key);
    const named = who.comm !== FORGOTTEN && who.pid !== '0';
    if (thread === undefined && named && this.#threads.size < MAX_NAMES) {
      thread = { comm: who.comm };
      this.#threads.set(key, thread);
    }
    const place = { segment, cpu: who.cpu };
    const author = { place, thread, comm: '', before: '', after: '' };
    name(author, who, who.comm);
    who.author = author;
    return author;
  }
}

function name(author: Author, who: Who, comm: string): void {
  author.comm = comm;
  author.before = member('comm', comm) + member('pid', who.pid) + member('tgid', who.tgid);
  author.after = member('guest', who.machine) + member('flags', who.flags);
}

/** Of the JSON of an object: a member that follows others; nothing where the text is missing. */
export function member(key: string, text: string | null | undefined): string {
  return text === '' || text == null ? '' : `,"${key}":${JSON.stringify(text)}`;
}
