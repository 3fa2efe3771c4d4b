/**
 * Lines whose beginning is known. What a thread does on a CPU begins alike, up to the time, line after
 * line: it is read once and compared from then on.
 */
import { owned } from '../owned.ts';
import type { EventLine } from './line.ts';
import type { Who } from './who.ts';

/** Beginnings, and names of events, that are kept; powers of two. */
const BEGINNINGS = 4096;
const NAMES = 256;

/** Longer texts are not kept: names of threads have 15 characters, so that no recording needs them. */
const MAX_KEPT_CHARS = 256;

const BLANK = 0x20;
const POINT = 0x2e;
const ZERO = 0x30;
const LESS = 0x3c;
/** By digits of a fraction: how many nanoseconds its last digit stands for. */
const SCALE = [0, 0, 0, 0, 0, 0, 1000, 100, 10, 1];
/** A number of so many digits is a whole double. */
const EXACT_DIGITS = 15;

interface Beginning {
  readonly text: string;
  readonly who: Who;
}

export class Heads {
  readonly #beginnings: (Beginning | undefined)[] = [];
  readonly #names: (string | undefined)[] = [];
  /** Where the time of the line at hand begins, what it says, and the colon behind it. */
  #start = 0;
  #sec = 0;
  #ns = 0;
  #colon = 0;
  #second = 0;
  #wideSecond = 0n;

  /**
   * Reads a line that begins like one before it and whose event has a name that was there before;
   * null for any other.
   *
   * @param text ASCII, without carriage returns
   */
  read(text: string): EventLine | null {
    if (!this.#findTime(text)) return null;
    const beginning = this.#beginnings[slotOf(text, this.#start)];
    if (beginning === undefined || text.slice(0, this.#start) !== beginning.text) return null;
    let at = this.#colon + 2;
    while (text.charCodeAt(at) === BLANK) at += 1;
    const end = text.indexOf(':', at + 1);
    // What is no name, or a call, is for others to read.
    if (text.charCodeAt(end + 1) !== BLANK || text.charCodeAt(end + 2) === LESS) return null;
    const event = this.#names[nameSlot(text, at, end)];
    if (event === undefined || text.slice(at, end) !== event) return null;
    if (this.#sec !== this.#second) {
      this.#second = this.#sec;
      this.#wideSecond = BigInt(this.#sec);
    }
    const { who } = beginning;
    const message = text.slice(end + 2).trimStart();
    return { type: 'event', who, sec: this.#wideSecond, ns: this.#ns, event, message };
  }

  /** Remembers how a line began. @param sec its seconds, as written */
  keep(text: string, sec: string, { who, event }: EventLine): void {
    if (!this.#findTime(text)) return;
    const start = this.#start;
    if (start > MAX_KEPT_CHARS || event.length > MAX_KEPT_CHARS) return;
    if (text.slice(start, start + sec.length + 1) !== `${sec}.`) return;
    this.#beginnings[slotOf(text, start)] = { text: owned(text.slice(0, start)), who };
    if (/^[!-~]+$/.test(event)) this.#names[nameSlot(event, 0, event.length)] = owned(event);
  }

  /** Reads the digits before the first colon with a blank behind it, from the last to the first. */
  #findTime(text: string): boolean {
    this.#colon = text.indexOf(': ');
    let at = this.#colon - 1;
    let fraction = 0;
    let unit = 1;
    for (let code = text.charCodeAt(at); isDigit(code); code = text.charCodeAt(--at)) {
      fraction += (code - ZERO) * unit;
      unit *= 10;
    }
    const scale = SCALE[this.#colon - 1 - at] ?? 0;
    if (scale === 0 || text.charCodeAt(at) !== POINT) return false;
    const point = at;
    let sec = 0;
    unit = 1;
    at -= 1;
    for (let code = text.charCodeAt(at); isDigit(code); code = text.charCodeAt(--at)) {
      sec += (code - ZERO) * unit;
      unit *= 10;
    }
    this.#start = at + 1;
    this.#sec = sec;
    this.#ns = fraction * scale;
    return this.#start < point && point - this.#start <= EXACT_DIGITS;
  }
}

function isDigit(code: number): boolean {
  return code >= ZERO && code < ZERO + 10;
}

/** From what differs: the pid, the CPU, the flags. */
function slotOf(text: string, start: number): number {
  const bracket = text.indexOf(' [');
  let hash = start;
  for (let at = bracket - 7; at < bracket + 5; at++) hash = mixed(hash, text.charCodeAt(at));
  for (let at = start - 6; at < start - 1; at++) hash = mixed(hash, text.charCodeAt(at));
  return hash & (BEGINNINGS - 1);
}

function nameSlot(text: string, from: number, end: number): number {
  const hash = mixed(mixed(end - from, text.charCodeAt(from)), text.charCodeAt(end - 1));
  return mixed(hash, text.charCodeAt((from + end) >> 1)) & (NAMES - 1);
}

function mixed(hash: number, code: number): number {
  return (Math.imul(hash, 31) + code) | 0;
}
