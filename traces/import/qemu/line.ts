/** One line of QEMU's log of trace events. */
import { nanoseconds, type ParsedLine } from '../ftrace/line.ts';
import { Who } from '../ftrace/who.ts';
import { isKnownQemu } from '../payload/qemu.ts';

/** `pid@seconds.microseconds:` and the event; before QEMU 2.x and by default nothing but the event. */
const EVENT = /^(?:(\d{1,10})@(\d{1,20})\.(\d{6}):)?([a-z]\w*_\w+)(?:\s+(.*)|\s*)$/;
/** `-msg timestamp=on`, and syslog with a full date. */
const ISO = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d) /;
/** The short date of syslog, in the month's name of any language; it has no year. */
const SYSLOG_DATE = /^\S{1,12} +\d{1,2} \d\d:\d\d:\d\d(?:\.\d{1,9})? /;
/** Host, program and pid. */
const SYSLOG_HEAD = /^\S+ ([\w./+-]+)\[(\d{1,10})\]:(?: |$)/;

/** Events without a time stamp are believed if they are of these families. */
const FAMILY = /^(?:vtd|virtio|virtqueue|vhost|vfio|iommufd|amdvi|smmuv3)_/;

interface Wrapping {
  readonly comm: string;
  readonly pid: string;
  readonly sec: bigint | null;
  readonly ns: number;
}

const BARE: Wrapping = { comm: '', pid: '', sec: null, ns: 0 };

export class QemuLines {
  /** Head of a line whose event mail has put on the next. */
  #held: Wrapping | undefined;
  /** Most lines are of one process. */
  #who = new Who({});

  parse(text: string): ParsedLine {
    const held = this.#held;
    this.#held = undefined;
    if (text.trim() === '') return { type: 'comment' };
    const { wrapping, rest } = unwrap(text);
    if (wrapping !== BARE && rest.trim() === '') {
      this.#held = wrapping;
      return { type: 'comment' };
    }
    const match = EVENT.exec(rest);
    if (match === null) return { type: 'text' };
    const [, pid, sec, fraction = '', event = '', message = ''] = match;
    if (sec === undefined && !FAMILY.test(event)) return { type: 'text' };
    const from = wrapping === BARE ? (held ?? BARE) : wrapping;
    return {
      type: 'event',
      who: this.#whoOf(from.comm, pid ?? from.pid),
      sec: sec === undefined ? from.sec : BigInt(sec),
      ns: sec === undefined ? from.ns : nanoseconds(fraction),
      event,
      message,
    };
  }

  #whoOf(comm: string, pid: string): Who {
    if (comm !== this.#who.comm || pid !== this.#who.pid) this.#who = new Who({ comm, pid });
    return this.#who;
  }
}

/** Does a line of the log have a form that nothing else has? */
export function isQemuLine(text: string): boolean {
  const match = EVENT.exec(unwrap(text).rest);
  return match !== null && (match[2] !== undefined || isKnownQemu(match[4] ?? ''));
}

function unwrap(text: string): { wrapping: Wrapping; rest: string } {
  const iso = ISO.exec(text);
  const date = iso ?? SYSLOG_DATE.exec(text);
  if (date === null) return { wrapping: BARE, rest: text };
  const ms = iso === null ? Number.NaN : Date.parse(`${iso[1] ?? ''}${iso[3] ?? ''}`);
  const time = Number.isNaN(ms)
    ? { sec: null, ns: 0 }
    : { sec: BigInt(ms / 1000), ns: nanoseconds(iso?.[2] ?? '') };
  const rest = text.slice(date[0].length);
  const head = SYSLOG_HEAD.exec(rest);
  if (head !== null) {
    const wrapping = { comm: head[1] ?? '', pid: head[2] ?? '', ...time };
    return { wrapping, rest: rest.slice(head[0].length) };
  }
  return { wrapping: iso === null ? BARE : { comm: '', pid: '', ...time }, rest };
}
