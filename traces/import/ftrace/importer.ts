/** Lines of ftrace text into events: joins what mail has wrapped, attaches stacks, counts all. */
import { K } from '../../../core/contract/kinds.ts';
import { LabError } from '../../../core/contract/errors.ts';
import type { Line } from '../lines.ts';
import { fieldsOf, isKnown, parseAny, parseKnown, type Payload } from '../payload/index.ts';
import type { RecordedSink } from '../recorded.ts';
import type { TextImporter } from '../text-importer.ts';
import { DetailsWriter } from './details.ts';
import { KernelLines, withoutQuotes, type EventLine, type ParsedLine } from './line.ts';
import { Threads } from './threads.ts';
import { Who } from './who.ts';

/** Lines that a mailer makes of one. */
const MAX_TAILS = 4;
const MAX_FRAMES = 256;
const MAX_TEXT_LINES = 256;
/** Messages without a head are believed only if a kernel could have printed them. */
const MESSAGE_ONLY = /^\s*([A-Za-z_]\w*):\s+(.*)$/;

/** Events whose message is what somebody wrote there, line feeds and all. */
const FREE_TEXTS = new Set(['print', 'bprint', 'bputs', 'tracing_mark_write']);

const NOBODY = new Who({});
/** Most events have neither tails nor frames. */
const NOTHING: readonly never[] = [];

/** An event whose last line may still be to come. */
interface Pending {
  readonly head: EventLine;
  /** A message without a head. */
  readonly alone: boolean;
  readonly line: number;
  lines: readonly string[];
  payload: Payload | null;
  /** Lines that may belong to the message: they are tried together. */
  tails: readonly Line[];
  frames: readonly string[];
  inStack: boolean;
  /** Mark of its stack, until the first frame comes. */
  mark: Line | null;
}

/** How another tool's lines differ. */
export interface Dialect {
  readonly format: string;
  /** Reads one line, without mail's quote marks; `plain` as in `Line`. */
  readonly parse: (text: string, plain: boolean) => ParsedLine;
  /** Is this an event whose form is known? */
  readonly isKnown: (event: string) => boolean;
  /** Reads the message of such an event; null for another form. */
  readonly known: (event: string, message: string) => Payload | null;
  /** Reads any message. */
  readonly any: (message: string) => Payload;
  /** A name of this form makes an event of a message without a head, known or not. */
  readonly alone?: RegExp;
  /** Do frames follow an event without a mark before them? */
  readonly framesFollow?: boolean;
}

/** What tracefs prints. */
export function kernelDialect(): Dialect {
  const lines = new KernelLines();
  return {
    format: 'ftrace',
    parse: (text, plain) => lines.parse(text, plain),
    isKnown,
    known: parseKnown,
    any: parseAny,
  };
}

export class FtraceImporter implements TextImporter {
  readonly #sink: RecordedSink;
  readonly #dialect: Dialect;
  readonly #threads = new Threads();
  readonly #details = new DetailsWriter();
  #pending: Pending | undefined;
  #segment = 1;
  #segmentHasEvents = false;
  #warnedUntimed = false;
  #inSample = false;
  /** Comment and blank lines, samples of a profiler. */
  skipped = 0;
  /** Samples of a profiler. */
  samples = 0;
  /** Lines with a time that has no unit. */
  counterLines = 0;
  /** Was there the header that tracefs writes? */
  hasHeader = false;

  constructor(sink: RecordedSink, dialect = kernelDialect()) {
    this.#sink = sink;
    this.#dialect = dialect;
  }

  get format(): string {
    return this.#dialect.format;
  }

  /** What follows comes from another machine, or from another recording of it. */
  setSegment(segment: number): void {
    if (segment === this.#segment) return;
    this.#flush();
    this.#segment = segment;
  }

  /** @param text the line without what others have put before it */
  line(line: Line, text = withoutQuotes(line.text)): void {
    if (line.cut) {
      this.#flush();
      this.#sink.warn(line.number, 'the line is too long to be an event', line.text);
      return;
    }
    const parsed = this.#dialect.parse(text, line.plain);
    if (parsed.type !== 'frame') this.#inSample = parsed.type === 'sample';
    switch (parsed.type) {
      case 'event':
        this.#event(parsed, line);
        return;
      case 'stack':
        this.#stack(parsed.pid, line);
        return;
      case 'frame':
        this.#frame(parsed.text, line);
        return;
      case 'text':
        this.#text(text, line);
        return;
      case 'lost':
        this.#flush();
        this.#lost(parsed.cpu, parsed.count, line);
        return;
      case 'counter':
        this.#flush();
        this.counterLines += 1;
        this.#sink.warn(line.number, 'the time has no unit: the clock was a counter', line.text);
        return;
      case 'overwritten':
        this.skipped += 1;
        this.hasHeader = true;
        this.#sink.warn(
          line.number,
          `${parsed.count} events were overwritten before the first one here`,
          line.text,
        );
        return;
      case 'segment':
        this.#flush();
        this.skipped += 1;
        this.hasHeader = true;
        if (this.#segmentHasEvents) this.#segment += 1;
        this.#segmentHasEvents = false;
        return;
      case 'comment':
        this.skipped += 1;
        return;
      case 'sample':
        this.#flush();
        this.skipped += 1;
        this.samples += 1;
        if (this.samples === 1) {
          const reason = 'this and maybe other lines are samples of a profiler: they are skipped';
          this.#sink.warn(line.number, reason, line.text);
        }
        return;
    }
  }

  /** Call once after the last line. */
  end(): void {
    this.#flush();
  }

  nothingFound(path: string): LabError {
    if (this.counterLines > 0) {
      return new LabError(
        'UNSUPPORTED_FORMAT',
        'its times have no unit: the trace clock was a counter',
        path,
        'record with "echo mono > trace_clock"',
      );
    }
    return this.hasHeader
      ? new LabError('NO_EVENTS', 'there is no event in it', path, 'record with events switched on')
      : new LabError(
          'UNKNOWN_FORMAT',
          'no line of it looks like an event',
          path,
          'give text of tracefs, perf script or QEMU; a CSV needs a column of times, or --mapping',
        );
  }

  #event(head: EventLine, line: Line): void {
    // Without CPU and time a line of prose can look like an event; a tracepoint's name does not
    // look like prose.
    const placed = head.who.cpu !== null || head.sec !== null;
    if (!placed && !this.#dialect.isKnown(head.event) && !head.event.includes('_')) {
      this.#text(line.text, line);
      return;
    }
    this.#flush();
    if (head.who.segment !== undefined) this.#segment = head.who.segment;
    this.#start(head, line, false);
  }

  #start(head: EventLine, line: Line, alone: boolean): void {
    this.#pending = {
      head,
      alone,
      line: line.number,
      lines: [line.text],
      payload: this.#dialect.isKnown(head.event)
        ? this.#dialect.known(head.event, head.message)
        : this.#dialect.any(head.message),
      tails: NOTHING,
      frames: NOTHING,
      inStack: (this.#dialect.framesFollow === true && !alone) || head.event === '<stack trace>',
      mark: null,
    };
  }

  #stack(pid: string, line: Line): void {
    if (this.#pending === undefined || this.#pending.head.who.pid !== pid) {
      this.#flush();
      this.#sink.warn(line.number, 'a stack trace that follows no event of its thread', line.text);
      return;
    }
    this.#noFrames(this.#pending);
    if (this.#pending.frames.length > 0) {
      this.#sink.warn(line.number, 'a second stack trace of one event', line.text);
    }
    this.#pending.inStack = true;
    this.#pending.mark = line;
  }

  #noFrames({ mark }: Pending): void {
    if (mark !== null) this.#sink.warn(mark.number, 'a stack trace without frames', mark.text);
  }

  #frame(text: string, line: Line): void {
    if (this.#pending?.inStack === true && this.#pending.frames.length < MAX_FRAMES) {
      this.#pending.frames = [...this.#pending.frames, text];
      this.#pending.mark = null;
    } else if (this.#inSample) {
      this.skipped += 1;
    } else {
      this.#sink.warn(line.number, 'a stack frame that follows no event', line.text);
    }
  }

  #text(text: string, line: Line): void {
    const alone = MESSAGE_ONLY.exec(text);
    const event = alone?.[1] ?? '';
    const dialect = this.#dialect;
    if (alone !== null && (dialect.isKnown(event) || dialect.alone?.test(text) === true)) {
      this.#flush();
      const message = alone[2] ?? '';
      this.#start({ type: 'event', who: NOBODY, sec: null, ns: 0, event, message }, line, true);
      return;
    }
    const pending = this.#pending;
    if (pending !== undefined && isFreeText(pending, line)) {
      pending.lines = [...pending.lines, line.text];
      return;
    }
    if (pending !== undefined && pending.payload !== null && this.#goesOn(pending, line)) return;
    if (pending === undefined || pending.payload !== null || pending.tails.length >= MAX_TAILS) {
      this.#flush();
      this.#sink.warn(line.number, 'neither an event nor a comment', line.text);
      return;
    }
    pending.tails = [...pending.tails, line];
    const tails = pending.tails.map((tail) => withoutQuotes(tail.text).trim());
    const joined = [pending.head.message.trimEnd(), ...tails].join(' ');
    pending.payload = this.#dialect.known(pending.head.event, joined);
    if (pending.payload === null) return;
    pending.lines = [...pending.lines, ...pending.tails.map((tail) => tail.text)];
    pending.tails = NOTHING;
  }

  /** Some messages are whole without their last fields: a tail that has more of them belongs to it. */
  #goesOn(pending: Pending, line: Line): boolean {
    const { head, lines, payload } = pending;
    if (!this.#dialect.isKnown(head.event) || lines.length > MAX_TAILS) return false;
    const tails = [...lines.slice(1), line.text].map((tail) => withoutQuotes(tail).trim());
    const joined = this.#dialect.known(head.event, [head.message.trimEnd(), ...tails].join(' '));
    const count = (each: Payload | null) =>
      each === null ? 0 : Object.keys(fieldsOf(each)).length;
    if (count(joined) <= count(payload)) return false;
    pending.payload = joined;
    pending.lines = [...lines, line.text];
    return true;
  }

  #lost(cpu: number, count: string | null, line: Line): void {
    const n = Number(count ?? Number.NaN);
    this.#segmentHasEvents = true;
    this.#sink.event({
      place: { segment: this.#segment, cpu },
      time: null,
      payload: { kind: K.recGap, ...(Number.isSafeInteger(n) ? { n } : {}) },
      details: { name: 'LOST EVENTS', time: 'that of the event before' },
      line: line.number,
      text: line.text,
    });
  }

  /** Hands the pending event on; what could not be joined to it becomes a warning. */
  #flush(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    const { head, line } = pending;
    const [first = ''] = pending.lines;
    const text = pending.lines.length === 1 ? first : pending.lines.join('\n');
    let { payload } = pending;
    if (payload === null) {
      const reason = `${head.event} is written in a form that no version is known to print`;
      this.#sink.warn(line, reason, text);
      payload = this.#dialect.any(head.message);
      // Prose may well begin with a word and a colon; two fields make it an event.
      if (pending.alone && Object.keys(fieldsOf(payload)).length < 2) payload = null;
    }
    if (payload !== null) this.#emit(pending, payload, text);
    this.#noFrames(pending);
    for (const tail of pending.tails) {
      this.#sink.warn(tail.number, 'neither an event nor a comment', tail.text);
    }
  }

  #emit(pending: Pending, payload: Payload, text: string): void {
    const { head, line } = pending;
    if (payload.problem !== undefined) this.#sink.warn(line, payload.problem, text);
    if (head.sec === null && !this.#warnedUntimed) {
      this.#warnedUntimed = true;
      this.#sink.warn(
        line,
        'this and maybe other events carry no time: they keep their order',
        text,
      );
    }
    this.#segmentHasEvents = true;
    const author = this.#threads.authorOf(head.who, this.#segment);
    const { details, facts } = this.#details.of(head, pending.frames, payload, author);
    this.#sink.event({
      place: author.place,
      time: head.sec === null ? null : { sec: head.sec, ns: head.ns },
      payload,
      details,
      facts,
      line,
      text,
    });
  }
}

/** Is this the next line of a message that may have any? */
function isFreeText({ head, line, lines }: Pending, next: Line): boolean {
  return (
    FREE_TEXTS.has(head.event) &&
    head.sec !== null &&
    lines.length < MAX_TEXT_LINES &&
    next.number === line + lines.length
  );
}
