/** One line of `perf script`. Linux `tools/perf/builtin-script.c`, `perf_sample__fprintf_start`. */
import { nanoseconds, type ParsedLine } from '../ftrace/line.ts';
import { Who } from '../ftrace/who.ts';
import { owned } from '../owned.ts';
import { isKnown } from '../payload/index.ts';

/** What stands before the time, time, period, event with its modifiers, message. */
const TIMED =
  /^(.*?)(?:^|\s)(\d{1,20})\.(\d{6}|\d{9}):\s+(?:\d+\s+)?([^\s:]+)(?::([\w.@-]+))?(?::[A-Za-z]*)?:(?:\s+(.*))?$/;
const GUEST = /^\s*VM:\s*(\d+)\s+VCPU:\s*(\d+)\s+/;
const DATE = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+`;
/** perf-prof, another tool, puts the date first and the flags before the CPU. */
const DATED = new RegExp(String.raw`^${DATE}\s+(G\s+)?`);
const TIME_OF_DAY = new RegExp(String.raw`\s*${DATE}$`);
const CPU = /(?:^|\s)\[(\d{1,9})\](?:\s+([KUHGg]{1,6}))?$/;
const FLAGS = /\s([^\s\d]\S{3,6})$/;
const TASK = /^(?:(.*?)\s+)?(-?\d+)(?:\/\s*(-?\d+))?$/;
/** Modifiers of a counter, where a tracepoint has its name. */
const MODIFIERS = /^[ukhGHpPSDWeIR]+$/;
const FRAME = /^\s+([0-9a-f]+\s+\S.*)$/;
/** Message of a sample: nothing, or the address where it was taken. */
const SAMPLE = /^\s*(?:[0-9a-f]+(?:\s|$)|$)/;

/** Beginnings of lines that are kept. */
const MAX_KNOWN = 4096;
const MAX_KNOWN_CHARS = 256;

/** Reads lines of one recording; guests are told apart by their machine's process. */
export class PerfLines {
  readonly #guests = new Map<string, number>();
  /** By what stands before the time. */
  readonly #known = new Map<string, Who>();

  parse(text: string): ParsedLine {
    if (text.trim() === '' || text.startsWith('#')) return { type: 'comment' };
    const timed = TIMED.exec(text);
    if (timed === null) {
      const frame = FRAME.exec(text);
      return frame === null ? { type: 'text' } : { type: 'frame', text: frame[1] ?? '' };
    }
    const [, before = '', sec = '', fraction = '', first = '', second, message = ''] = timed;
    const tracepoint = second !== undefined && !MODIFIERS.test(second);
    if (!tracepoint && !isKnown(first)) {
      return { type: SAMPLE.test(message) ? 'sample' : 'text' };
    }
    return {
      type: 'event',
      who: this.#whoOf(before),
      sec: BigInt(sec),
      ns: nanoseconds(fraction),
      event: tracepoint ? second : first,
      message: message.trimStart(),
      ...(tracepoint ? { system: first } : {}),
    };
  }

  /** Lines of a thread on a CPU begin alike. */
  #whoOf(text: string): Who {
    if (text.length > MAX_KNOWN_CHARS) return this.#read(text);
    let who = this.#known.get(text);
    if (who === undefined) {
      if (this.#known.size === MAX_KNOWN) this.#known.clear();
      this.#known.set(owned(text), (who = this.#read(text)));
    }
    return who;
  }

  #read(text: string): Who {
    const guest = GUEST.exec(text);
    let rest = guest === null ? text : text.slice(guest[0].length);
    const dated = DATED.exec(rest);
    if (dated !== null) rest = rest.slice(dated[0].length);
    rest = rest.trim().replace(TIME_OF_DAY, '');
    const cpu = CPU.exec(rest);
    if (cpu !== null) rest = rest.slice(0, cpu.index).trimEnd();
    const flags = dated === null ? null : FLAGS.exec(rest);
    if (flags !== null) rest = rest.slice(0, flags.index).trimEnd();
    const task = TASK.exec(rest);
    const machine =
      guest?.[1] ??
      (dated?.[1] === undefined && cpu?.[2]?.toLowerCase() !== 'g' ? null : 'a guest');
    return new Who({
      comm: task === null ? rest : (task[1] ?? ''),
      // The scheduler's name for a thread is its pid: that of the process is its tgid.
      pid: task?.[3] ?? task?.[2] ?? '',
      tgid: task?.[3] === undefined ? null : (task[2] ?? null),
      cpu: cpu === null ? null : Number(cpu[1]),
      flags: flags?.[1] ?? cpu?.[2] ?? '',
      ...(machine === null ? { segment: 1 } : { machine, segment: this.#segmentOf(machine) }),
    });
  }

  /** CPUs of a guest are not those of the host, which has the first segment. */
  #segmentOf(machine: string): number {
    const known = this.#guests.get(machine);
    if (known !== undefined) return known;
    const next = this.#guests.size + 2;
    if (this.#guests.size < 1024) this.#guests.set(machine, next);
    return next;
  }
}
