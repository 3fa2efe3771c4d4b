/**
 * The events of a Chrome trace as pieces of text, from a stream and in bounded memory. A document
 * that is damaged or cut off gives all events that can be told from the damage.
 */

/** Longer records are no events; a stack with all its frames has some tens of thousands. */
const MAX_RECORD_CHARS = 1024 * 1024;
/** Deeper arguments are not read. */
const MAX_DEPTH = 100;
const MAX_JUNK_CHARS = 1000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const LIST = 0x5b;
const BACKSLASH = 0x5c;
const LIST_END = 0x5d;
const OBJECT = 0x7b;
const OBJECT_END = 0x7d;

export interface RecordHandler {
  /** One element of the list of events. */
  record(text: string): void;
  /** A member of the document that is not its list of events. */
  member(name: string): void;
  /** What could not be told apart. */
  damage(reason: string, text: string): void;
}

/**
 * `start`: before a document. `list`: between events. `object`: between members. `colon`: between
 * a key and its value. `record`, `key`, `value`: within one. `done`: behind a document.
 */
type Mode = 'start' | 'list' | 'object' | 'colon' | 'record' | 'key' | 'value' | 'done';

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09 || code === 0xfeff;
}

export class JsonRecords {
  readonly #handler: RecordHandler;
  #mode: Mode = 'start';
  /** Is the list of events a member of an object? */
  #inObject = false;
  #member = '';
  #buffer = '';
  #at = 0;
  /** Where the present record, key or value begins. */
  #start = 0;
  #open: number[] = [];
  #deepest = 0;
  #inString = false;
  #escaped = false;
  /** In an object, after its brace or a comma: only a key may follow. */
  #keyNext = false;
  #junk = '';

  constructor(handler: RecordHandler) {
    this.#handler = handler;
  }

  feed(text: string): void {
    this.#buffer += text;
    while (this.#at < this.#buffer.length) {
      if (this.#mode === 'record' || this.#mode === 'key' || this.#mode === 'value') this.#inside();
      else this.#between(this.#buffer.charCodeAt(this.#at));
    }
    const keep = this.#mode === 'record' || this.#mode === 'key' ? this.#start : this.#at;
    this.#buffer = this.#buffer.slice(keep);
    this.#at -= keep;
    this.#start -= keep;
  }

  end(): void {
    this.#dropJunk();
    if (this.#mode === 'record') {
      this.#handler.damage('the file ends within an event', this.#buffer);
    } else if (
      this.#mode === 'key' ||
      this.#mode === 'value' ||
      this.#mode === 'colon' ||
      this.#mode === 'object'
    ) {
      this.#handler.damage('the file ends before the document does', '');
    } else if (this.#mode === 'list' && this.#inObject) {
      // A list of its own may end without a bracket: whoever records it may be killed at any time.
      this.#handler.damage('the file ends before the list of events does', '');
    }
    this.#mode = 'done';
  }

  #between(code: number): void {
    if (isBlank(code) || code === COMMA) {
      this.#at += 1;
    } else if (this.#mode === 'list') {
      if (code === OBJECT) this.#enter('record');
      else if (code === LIST_END) this.#leave(this.#inObject ? 'object' : 'done');
      else this.#addJunk();
    } else if (this.#mode === 'object') {
      if (code === QUOTE) this.#enter('key');
      else if (code === OBJECT_END) this.#leave('done');
      else this.#addJunk();
    } else if (this.#mode === 'colon') {
      if (code === COLON) this.#at += 1;
      else if (this.#member === 'traceEvents' && code === LIST) this.#leave('list');
      else {
        this.#handler.member(this.#member);
        this.#enter('value');
      }
    } else if (code === LIST || code === OBJECT) {
      if (this.#mode === 'done') this.#handler.damage('another document follows the first', '');
      this.#inObject = code === OBJECT;
      this.#leave(code === LIST ? 'list' : 'object');
    } else {
      this.#addJunk();
    }
  }

  #leave(mode: Mode): void {
    this.#dropJunk();
    this.#mode = mode;
    this.#at += 1;
  }

  #enter(mode: 'record' | 'key' | 'value'): void {
    this.#dropJunk();
    this.#mode = mode;
    this.#start = this.#at;
    this.#open = [];
    this.#deepest = 0;
    this.#inString = false;
    this.#escaped = false;
    this.#keyNext = false;
  }

  #addJunk(): void {
    if (this.#junk.length < MAX_JUNK_CHARS) this.#junk += this.#buffer.charAt(this.#at);
    this.#at += 1;
  }

  #dropJunk(): void {
    if (this.#junk === '') return;
    this.#handler.damage('neither an event nor a part of the list', this.#junk);
    this.#junk = '';
  }

  /** Goes on within a record, a key or a value, to its end or that of the buffer. */
  #inside(): void {
    while (this.#at < this.#buffer.length) {
      const code = this.#buffer.charCodeAt(this.#at);
      if (this.#inString ? this.#stringChar(code) : this.#char(code)) return;
      if (this.#mode !== 'value' && this.#at - this.#start > MAX_RECORD_CHARS) {
        this.#broken('it is too long to be an event');
        return;
      }
    }
  }

  /** True when the item ends. */
  #stringChar(code: number): boolean {
    if (code === 0x0a) {
      // A string has no line feed: its closing quote is lost.
      this.#at += 1;
      this.#broken('a string without an end');
      return true;
    }
    this.#at += 1;
    if (this.#escaped) this.#escaped = false;
    else if (code === BACKSLASH) this.#escaped = true;
    else if (code === QUOTE) {
      this.#inString = false;
      if (this.#open.length === 0) {
        this.#finish();
        return true;
      }
    }
    return false;
  }

  /** True when the item ends. */
  #char(code: number): boolean {
    switch (code) {
      case QUOTE:
        this.#inString = true;
        this.#keyNext = false;
        break;
      case OBJECT:
      case LIST:
        if (this.#keyNext) {
          // A bracket is lost, and this is the next event.
          this.#broken('an event without an end');
          return true;
        }
        this.#open.push(code);
        this.#deepest = Math.max(this.#deepest, this.#open.length);
        this.#keyNext = code === OBJECT;
        break;
      case COMMA:
        if (this.#open.length === 0) {
          this.#finish();
          return true;
        }
        this.#keyNext = this.#open.at(-1) === OBJECT;
        break;
      case OBJECT_END:
      case LIST_END: {
        if (this.#open.length === 0) {
          // The end of the object that a plain value was the last of.
          this.#finish();
          return true;
        }
        const wanted = code === OBJECT_END ? OBJECT : LIST;
        this.#at += 1;
        if (this.#open.pop() !== wanted) {
          this.#broken('brackets that do not match');
          return true;
        }
        this.#keyNext = false;
        if (this.#open.length > 0) return false;
        this.#finish();
        return true;
      }
    }
    this.#at += 1;
    return false;
  }

  #finish(): void {
    const handler = this.#handler;
    const text = this.#buffer.slice(this.#start, this.#at);
    switch (this.#mode) {
      case 'record':
        this.#mode = 'list';
        if (this.#deepest > MAX_DEPTH) handler.damage('an event that is nested too deeply', text);
        else handler.record(text);
        return;
      case 'key':
        this.#member = text.slice(1, -1);
        this.#mode = 'colon';
        return;
      default:
        this.#mode = 'object';
    }
  }

  /** Gives up on the present item; what follows is looked at anew. */
  #broken(reason: string): void {
    const text = this.#mode === 'value' ? this.#member : this.#buffer.slice(this.#start, this.#at);
    this.#mode = this.#mode === 'record' ? 'list' : 'object';
    this.#handler.damage(reason, text);
  }
}
