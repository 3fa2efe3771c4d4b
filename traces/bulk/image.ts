/**
 * A database as its pages, built from rows that come in order of their rowids: leaf pages full one after
 * another, overflow pages for what is too long, one interior page above them. Source: "Database File
 * Format", 1.5 and 1.6 (sqlite.org/fileformat2.html).
 */
import Database from 'better-sqlite3';
import { assert, InvariantError } from '../../core/base/assert.ts';
import { putVarint, RecordBuilder, varintLength } from './record.ts';

/** The largest page that SQLite knows: the fewest pages to hand over. */
const PAGE = 65_536;
const INTERIOR = 5;
const LEAF = 13;
const LEAF_HEADER = 8;
const INTERIOR_HEADER = 12;
const POINTER = 2;
/** Payloads above `MAX_LOCAL` bytes keep at least `MIN_LOCAL` in the leaf; the rest overflows. */
const MAX_LOCAL = PAGE - 35;
const MIN_LOCAL = Math.floor(((PAGE - 12) * 32) / 255) - 23;
const OVERFLOW = PAGE - 4;
/** Places in the first page: change counter, size in pages, the change for which the size is valid. */
const CHANGES = 24;
const SIZE = 28;
const VALID_FOR = 92;

export type Cell = number | bigint | string | null;

/** Rows of one table that wait to be handed over. */
export class TableRows extends RecordBuilder {
  readonly #pages: PageList;
  readonly root: number;
  /** Full leaves: number of the page and its last rowid. */
  readonly #leaves: [page: number, last: number][] = [];
  #leaf: Buffer | null = null;
  #number = 0;
  #cells = 0;
  /** Cells fill a leaf from its end; this is where the last one begins. */
  #top = PAGE;
  #last = -1;
  #appended = 0;

  constructor(pages: PageList, root: number) {
    super();
    this.#pages = pages;
    this.root = root;
  }

  /** Takes the record that was built since `start`; in one image rowids rise. */
  add(rowid: number): void {
    if (rowid <= this.#last) {
      throw new InvariantError(`row ${rowid} after row ${this.#last}`);
    }
    const length = this.end();
    const local = localBytes(length);
    const size = varintLength(length) + varintLength(rowid) + local + (local === length ? 0 : 4);
    let leaf = this.#leaf;
    if (leaf === null || this.#top - size < LEAF_HEADER + POINTER * (this.#cells + 1)) {
      leaf = this.#newLeaf();
    }
    this.#top -= size;
    let at = putVarint(leaf, this.#top, length);
    at = putVarint(leaf, at, rowid);
    if (local === length) {
      at = copy(this.header, this.headerLength, leaf, at);
      copy(this.body, this.bodyLength, leaf, at);
    } else {
      this.#overflow(leaf, at, local);
    }
    const pointer = LEAF_HEADER + POINTER * this.#cells;
    leaf[pointer] = this.#top >> 8;
    leaf[pointer + 1] = this.#top;
    this.#cells += 1;
    this.#last = rowid;
  }

  /** Adds a row with the next rowid, counted from 1, and its other columns. */
  append(...cells: readonly Cell[]): void {
    this.start();
    this.null();
    for (const cell of cells) {
      if (cell === null) this.null();
      else if (typeof cell === 'string') this.text(cell);
      else this.integer(cell);
    }
    this.#appended += 1;
    this.add(this.#appended);
  }

  /** Completes the table. @returns its root page */
  finish(): Buffer {
    this.#closeLeaf();
    this.#last = -1;
    const root = Buffer.alloc(PAGE);
    const right = this.#leaves.pop();
    if (right === undefined) {
      writeHead(root, LEAF, 0, PAGE);
      return root;
    }
    let top = PAGE;
    for (const [index, [page, last]] of this.#leaves.entries()) {
      top -= 4 + varintLength(last);
      root.writeUInt32BE(page, top);
      putVarint(root, top + 4, last);
      root.writeUInt16BE(top, INTERIOR_HEADER + POINTER * index);
    }
    assert(top >= INTERIOR_HEADER + POINTER * this.#leaves.length, 'too many rows at once');
    writeHead(root, INTERIOR, this.#leaves.length, top);
    root.writeUInt32BE(right[0], LEAF_HEADER);
    this.#leaves.length = 0;
    return this.#alone(root, right[0]);
  }

  /** A table of one leaf has it as its root. */
  #alone(root: Buffer, leaf: number): Buffer {
    return root.readUInt16BE(3) === 0 ? Buffer.from(this.#pages.at(leaf)) : root;
  }

  #newLeaf(): Buffer {
    this.#closeLeaf();
    this.#number = this.#pages.next();
    this.#leaf = this.#pages.at(this.#number);
    this.#cells = 0;
    this.#top = PAGE;
    return this.#leaf;
  }

  #closeLeaf(): void {
    if (this.#leaf === null) return;
    writeHead(this.#leaf, LEAF, this.#cells, this.#top);
    this.#leaves.push([this.#number, this.#last]);
    this.#leaf = null;
  }

  #overflow(leaf: Buffer, at: number, local: number): void {
    const payload = Buffer.concat([
      this.header.subarray(0, this.headerLength),
      this.body.subarray(0, this.bodyLength),
    ]);
    let from = payload.copy(leaf, at, 0, local);
    let page = this.#pages.next();
    leaf.writeUInt32BE(page, at + local);
    for (;;) {
      const overflow = this.#pages.at(page);
      from += payload.copy(overflow, 4, from, from + OVERFLOW);
      page = from < payload.length ? this.#pages.next() : 0;
      overflow.writeUInt32BE(page, 0);
      if (page === 0) return;
    }
  }
}

/** Pages after those of the template, used again for each image. */
class PageList {
  readonly #pages: Buffer[] = [];
  readonly #before: number;
  #used = 0;

  /** @param before pages of the template */
  constructor(before: number) {
    this.#before = before;
  }

  get used(): number {
    return this.#used;
  }

  /** @returns number of the next page */
  next(): number {
    if (this.#used === this.#pages.length) this.#pages.push(Buffer.allocUnsafe(PAGE));
    this.#used += 1;
    return this.#before + this.#used;
  }

  at(number: number): Buffer {
    return this.#pages[number - this.#before - 1] as Buffer;
  }

  /** Hands out all pages in order and forgets what is in them. */
  take(): Buffer[] {
    const taken = this.#pages.slice(0, this.#used);
    this.#used = 0;
    return taken;
  }
}

export class DatabaseImage {
  readonly tables: readonly TableRows[];
  readonly #template: Buffer;
  readonly #pages: PageList;
  #changes = 1;

  /** @param tables `CREATE TABLE` of each: rowid tables whose first column is an INTEGER PRIMARY KEY */
  constructor(tables: readonly string[]) {
    const db = new Database(':memory:');
    try {
      db.pragma(`page_size = ${PAGE}`);
      for (const sql of tables) db.exec(sql);
      this.#template = db.serialize();
      this.#pages = new PageList(this.#template.length / PAGE);
      const roots = db.prepare('SELECT rootpage FROM sqlite_schema ORDER BY rowid').pluck();
      this.tables = (roots.all() as number[]).map((root) => new TableRows(this.#pages, root));
    } finally {
      db.close();
    }
  }

  /** Bytes of the rows that wait, in whole pages. */
  get bytes(): number {
    return this.#pages.used * PAGE;
  }

  /** The database with all rows added since the last call, as buffers that lie end to end. */
  take(): Buffer[] {
    const head = Buffer.from(this.#template);
    for (const table of this.tables) table.finish().copy(head, (table.root - 1) * PAGE);
    const pages = [head, ...this.#pages.take()];
    this.#changes += 1;
    head.writeUInt32BE(this.#changes, CHANGES);
    head.writeUInt32BE(this.#changes, VALID_FOR);
    head.writeUInt32BE(this.#template.length / PAGE + pages.length - 1, SIZE);
    return pages;
  }
}

/** Bytes of a payload that stay in its leaf. */
function localBytes(payload: number): number {
  if (payload <= MAX_LOCAL) return payload;
  const local = MIN_LOCAL + ((payload - MIN_LOCAL) % OVERFLOW);
  return local <= MAX_LOCAL ? local : MIN_LOCAL;
}

function writeHead(page: Buffer, type: number, cells: number, top: number): void {
  page[0] = type;
  page.writeUInt16BE(0, 1);
  page.writeUInt16BE(cells, 3);
  // 65,536 does not fit and is written as 0.
  page.writeUInt16BE(top % PAGE, 5);
  page[7] = 0;
}

/** @returns the place after the last byte */
function copy(from: Uint8Array, length: number, to: Uint8Array, at: number): number {
  // Few bytes are copied faster one by one than by a call.
  if (length > 48) to.set(from.subarray(0, length), at);
  else for (let i = 0; i < length; i++) to[at + i] = from[i] as number;
  return at + length;
}
