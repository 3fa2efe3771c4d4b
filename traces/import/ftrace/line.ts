/** One line of ftrace text: who, where, when. Linux `kernel/trace/trace_output.c`. */
import { Heads } from './heads.ts';
import { Who } from './who.ts';

/** An event, read up to its message. */
export interface EventLine {
  readonly type: 'event';
  readonly who: Who;
  /** Seconds and nanoseconds; null where the line does not say. */
  readonly sec: bigint | null;
  readonly ns: number;
  readonly event: string;
  readonly message: string;
  /** Subsystem of the event, where the line names it. */
  readonly system?: string;
}

export type ParsedLine =
  | EventLine
  /** `<stack trace>`; frames follow, one a line. */
  | { readonly type: 'stack'; readonly pid: string }
  | { readonly type: 'frame'; readonly text: string }
  /** The recorder lost events of this CPU. */
  | { readonly type: 'lost'; readonly cpu: number; readonly count: string | null }
  /** Header of a trace: what follows may have another clock. */
  | { readonly type: 'segment' }
  /** The ring overwrote this many events before the first that is there. */
  | { readonly type: 'overwritten'; readonly count: bigint }
  /** A time without a unit, from one of the clocks that count instead of telling the time. */
  | { readonly type: 'counter' }
  | { readonly type: 'comment' }
  /** Where a profiler found a CPU: no event of a trace. */
  | { readonly type: 'sample' }
  | { readonly type: 'text' };

/** Comm is hostile: the pid is the last number before the CPU. Flags came after Linux 2.6.3x. */
const TIMED =
  /^\s*(\S.*?|)-(\d+)\s+(?:\(\s*(\d+|-+)\)\s+)?\[(\d+)\]\s+(?:([^\s\d]\S{2,7}|\S{4,8})\s+)?(\d+)\.(\d{6,9}):\s+(\S.*)$/;
const COUNTED =
  /^\s*(?:\S.*?|)-\d+\s+(?:\(\s*(?:\d+|-+)\)\s+)?\[\d+\]\s+(?:[^\s\d]\S{2,7}\s+)?\d+:\s+\S+?:(?:\s|$)/;
/** `options/latency-format`: microseconds, CPU and flags in one word, a mark for long delays. */
const LATENCY = /^\s*(\S.*?)-(\d+)\s+(\d+)([^\s\d]\S{2,6})\s+(-?\d+)us([ $@*#!+])\s*:\s(.*)$/;
/** The same with absolute seconds, `trace-cmd report -l`. */
const LATENCY_TIMED = /^\s*(\S.*?)-(\d+)\s+(\d+)([^\s\d]\S{2,6})\s+(\d+)\.(\d{6,9}):\s+(\S.*)$/;
/** `options/verbose` with `latency-format`: flags and depth as numbers, milliseconds from the first. */
const VERBOSE =
  /^\s*(\S.*?)\s+(\d+)\s+(\d+) \d+ ([0-9a-f]{8}) [0-9a-f]{8,16} \[[0-9a-f]{8,16}\] (-?\d+)\.(\d{3})ms \(\+-?\d+\.\d{3}ms\)()\s*:\s(.*)$/;
/** Neither CPU nor time: cut by whoever quoted it. */
const BARE = /^\s*(\S.*?)-(\d+):?\s+([A-Za-z_]\w*):\s(.*)$/;
/** Of the function tracer, with `sym-offset` and `func-args`: a function, its module, its arguments. */
const CALL = /^([^\s(]+)(?: \[[\w-]+\])?(?:\((.*)\))? <-(\S+)(?: \[[\w-]+\])?\s*$/;
/** `kernel/trace/trace_syscalls.c` prints neither as other events are. */
const SYSCALL = /^(sys_\w+)(?:\((.*)\)| -> (\S+))\s*$/;
const LOST = /^\s*CPU:(\d+) \[(?:LOST )?(?:(\d+) )?EVENTS(?: DROPPED)?\]\s*$/;
const OVERWRITTEN = /^#\s+entries-in-buffer\/entries-written:\s*(\d+)\/(\d+)/;

const EQUALS = 0x3d;
const QUOTE = 0x3e;
const BAR = 0x7c;
const BRACKET = 0x5b;
/** Of the kernel's log, where an ftrace buffer was dumped to: its time, and perhaps who printed. */
const LOG_PREFIX = /^\[ *\d+\.\d{6}\](?:\[ *[TC]\d+\])? /;

function isBlank(code: number): boolean {
  return (
    code === 0x20 ||
    (code >= 0x09 && code <= 0x0d) ||
    (code >= 0x80 && /\s/.test(String.fromCharCode(code)))
  );
}

/** The first character that is no blank; NaN where there is none. */
function firstOf(text: string): number {
  let at = 0;
  while (at < text.length && isBlank(text.charCodeAt(at))) at += 1;
  return text.charCodeAt(at);
}

/** Without the quote marks of mail, `> ` or `| `, or what a log puts before each line. */
export function withoutQuotes(text: string): string {
  const first = text.charCodeAt(0);
  if (first === BRACKET) return text.replace(LOG_PREFIX, '');
  return first === QUOTE || first === BAR ? text.replace(/^(?:[>|] ?)+/, '') : text;
}

/** Nanoseconds of a fraction of six to nine digits. */
export function nanoseconds(fraction: string): number {
  return fraction.length === 6 ? Number(fraction) * 1000 : Number(fraction.padEnd(9, '0'));
}

/** Name and message of what follows the time; what has no name bears its first word. */
function nameOf(rest: string): { event: string; message: string } {
  const call = rest.includes(' <-') ? CALL.exec(rest) : null;
  if (call !== null) {
    const [, event = '', values = '', parent = ''] = call;
    return { event, message: `parent=${parent} ${values}`.trimEnd() };
  }
  const syscall = rest.startsWith('sys_') ? SYSCALL.exec(rest) : null;
  if (syscall !== null) {
    const [, event = '', values = '', result] = syscall;
    const fields = values.replace(/(^|, )(\w+): /g, '$1$2=');
    return { event, message: result === undefined ? fields : `ret=${result}` };
  }
  // The name ends at the first colon that is the last character or has a blank behind it.
  for (let at = rest.indexOf(':', 1); at >= 0; at = rest.indexOf(':', at + 1)) {
    if (at + 1 < rest.length && !isBlank(rest.charCodeAt(at + 1))) continue;
    return { event: rest.slice(0, at).trimEnd(), message: rest.slice(at + 2).trimStart() };
  }
  return { event: /^(?:<[^>]*>|[^\s(]*)/.exec(rest)?.[0] ?? '', message: rest };
}

/** Reads the lines of one recording. */
export class KernelLines {
  readonly #heads = new Heads();

  /**
   * @param text without mail's quote marks
   * @param plain is it known to be ASCII, without carriage returns?
   */
  parse(text: string, plain: boolean): ParsedLine {
    return (plain ? this.#heads.read(text) : null) ?? parseLine(text, this.#heads);
  }
}

/** Reads one line, without mail's quote marks; `heads` is told how it began. */
export function parseLine(text: string, heads?: Heads): ParsedLine {
  const first = firstOf(text);
  if (Number.isNaN(first)) return { type: 'comment' };
  if (text.startsWith('#')) return parseComment(text);
  if (first === EQUALS && /^\s*=>\s+\S/.test(text)) {
    return { type: 'frame', text: text.trim().slice(2).trim() };
  }
  const timed = TIMED.exec(text);
  if (timed !== null) {
    const parsed = parseTimed(timed);
    if (parsed.type === 'event') heads?.keep(text, timed[6] ?? '', parsed);
    return parsed;
  }
  const latency = LATENCY.exec(text);
  if (latency !== null) return parseLatency(latency);
  const timedLatency = LATENCY_TIMED.exec(text);
  if (timedLatency !== null) {
    const [, comm, pid, cpu, flags, sec, fraction, rest] = timedLatency;
    return parseTimed([text, comm, pid, undefined, cpu, flags, sec, fraction, rest]);
  }
  const verbose = VERBOSE.exec(text);
  if (verbose !== null) {
    const [, comm, pid, cpu, flags, ms = '0', us = '0', , rest] = verbose;
    const negative = ms.startsWith('-');
    const micros = BigInt(ms) * 1000n + (negative ? -BigInt(us) : BigInt(us));
    return parseLatency([text, comm, pid, cpu, flags, String(micros), '', rest]);
  }
  const lost = LOST.exec(text);
  if (lost !== null) return { type: 'lost', cpu: Number(lost[1]), count: lost[2] ?? null };
  if (COUNTED.test(text)) return { type: 'counter' };
  const bare = BARE.exec(text);
  if (bare !== null) {
    const [, comm = '', pid = '', event = '', message = ''] = bare;
    return { type: 'event', who: new Who({ comm, pid }), sec: null, ns: 0, event, message };
  }
  return { type: 'text' };
}

function parseComment(text: string): ParsedLine {
  if (text.startsWith('# tracer:') || / latency trace v[\d.]+ on /.test(text)) {
    return { type: 'segment' };
  }
  const overwritten = OVERWRITTEN.exec(text);
  if (overwritten !== null) {
    const count = BigInt(overwritten[2] ?? '0') - BigInt(overwritten[1] ?? '0');
    if (count > 0n) return { type: 'overwritten', count };
  }
  return { type: 'comment' };
}

function parseTimed(match: readonly (string | undefined)[]): ParsedLine {
  const [, comm = '', pid = '', tgid, cpu = '', flags, sec = '', fraction = '', rest = ''] = match;
  if (rest.startsWith('<stack trace>')) return { type: 'stack', pid };
  return {
    type: 'event',
    who: new Who({
      comm,
      pid,
      tgid: tgid === undefined || tgid.startsWith('-') ? null : tgid,
      cpu: Number(cpu),
      flags: flags ?? '',
    }),
    sec: BigInt(sec),
    ns: nanoseconds(fraction),
    ...nameOf(rest),
  };
}

function parseLatency(match: readonly (string | undefined)[]): ParsedLine {
  const [, comm = '', pid = '', cpu = '', flags = '', us = '', , rest = ''] = match;
  const time = BigInt(us);
  // Floor division: the first microseconds of a latency trace may be negative.
  const sec = time >= 0n ? time / 1_000_000n : -((-time + 999_999n) / 1_000_000n);
  return {
    type: 'event',
    who: new Who({ comm, pid, cpu: Number(cpu), flags }),
    sec,
    ns: Number(time - sec * 1_000_000n) * 1000,
    // A latency tracer ends with a stack of its own, at a time of its own: an event like any other.
    ...nameOf(rest),
  };
}
