/** The bytes of a recording, decompressed where needed, in bounded memory. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import type { Transform } from 'node:stream';
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import { LabError } from '../../core/contract/errors.ts';
import { refuseLive, unreadable } from '../files.ts';

const CHUNK_BYTES = 256 * 1024;

/**
 * What decompression may make of a file: any recording up to the first number, beyond it at most the
 * second number of bytes for each that was read. Texts of events shrink to a twentieth or so.
 */
const FREE_BYTES = 64 * 1024 * 1024;
const MAX_GROWTH = 200;

/** What decompresses a stream. It must have `bytesWritten`: the bytes it has consumed. */
type Engine = Transform & { readonly bytesWritten: number };

interface Compression {
  readonly test: (head: Buffer) => boolean;
  readonly engine: () => Engine;
  /** May one stream follow another that the engine does not go on to by itself? */
  readonly framed: boolean;
}

const COMPRESSIONS: readonly Compression[] = [
  {
    test: isGzip,
    engine: () => createGunzip({ chunkSize: CHUNK_BYTES }),
    framed: false,
  },
  {
    test: isZstd,
    engine: () =>
      createZstdDecompress({
        chunkSize: CHUNK_BYTES,
        // 128 MiB: the widest window that `zstd` itself takes without being told to.
        params: { [constants.ZSTD_d_windowLogMax]: 27 },
      }),
    framed: true,
  },
];

/** RFC 1952. */
export function isGzip(head: Buffer): boolean {
  return head.length >= 2 && head.readUInt16BE(0) === 0x1f8b;
}

/** RFC 8878: a frame, or a frame to be skipped. */
export function isZstd(head: Buffer): boolean {
  if (head.length < 4) return false;
  const magic = head.readUInt32LE(0);
  return magic === 0xfd2fb528 || magic >>> 4 === 0x0184d2a5;
}

/** A recording on disk. */
export class Source {
  readonly path: string;
  readonly bytesTotal: number;
  /** Bytes of the file, as it lies on disk, that have been read. */
  bytesDone = 0;
  /** Known from the first chunk on. */
  compressed = false;
  readonly #hash: Hash = createHash('sha256');

  /** @throws LabError FILE_NOT_FOUND, UNKNOWN_FORMAT when it is not a plain file, BUSY_FILE */
  constructor(path: string) {
    refuseLive(path);
    this.path = path;
    try {
      const stat = statSync(path);
      if (!stat.isFile()) {
        throw new LabError('UNKNOWN_FORMAT', 'this is not a file', path, 'give a recording');
      }
      this.bytesTotal = stat.size;
    } catch (thrown) {
      throw thrown instanceof LabError ? thrown : unreadable(path, thrown);
    }
  }

  /** SHA-256 of everything read so far; ends the hash. */
  digest(): string {
    return this.#hash.digest('hex');
  }

  /**
   * All bytes, decompressed if the file is a gzip or zstd file.
   *
   * @throws LabError FILE_NOT_FOUND; CORRUPT_FILE when the compression is damaged, or grows without
   * measure
   */
  async *chunks(): AsyncGenerator<Buffer> {
    const raw = this.#raw();
    try {
      const first = await raw.next();
      if (first.done === true) return;
      const compression = COMPRESSIONS.find(({ test }) => test(first.value));
      if (compression === undefined) {
        yield first.value;
        yield* raw;
        return;
      }
      this.compressed = true;
      yield* this.#decompressed(first.value, raw, compression);
    } finally {
      await raw.return(undefined);
    }
  }

  async *#decompressed(
    first: Buffer,
    raw: AsyncGenerator<Buffer>,
    { engine, framed }: Compression,
  ): AsyncGenerator<Buffer> {
    let rest = first;
    let made = 0;
    while (rest.length > 0) {
      const pump = new Pump(engine(), rest, raw);
      for await (const chunk of pump.output()) {
        made += chunk.length;
        if (made > FREE_BYTES && made > this.bytesDone * MAX_GROWTH) {
          throw this.#damaged(
            `the compressed file grows to more than ${MAX_GROWTH} times its size`,
          );
        }
        yield chunk;
      }
      if (pump.failure !== undefined) {
        if (pump.failure instanceof LabError) throw pump.failure;
        throw this.#damaged('the compressed file is cut off or damaged');
      }
      rest = pump.rest;
      if (!framed && rest.some((byte) => byte !== 0)) {
        throw this.#damaged('something else follows the compressed data');
      }
      // A tape pads with zeros; nothing comes after them.
      if (!framed) rest = Buffer.alloc(0);
    }
  }

  #damaged(what: string): LabError {
    return new LabError('CORRUPT_FILE', what, this.path, 'take another copy of it');
  }

  async *#raw(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of createReadStream(this.path, { highWaterMark: CHUNK_BYTES })) {
        const bytes = chunk as Buffer;
        this.#hash.update(bytes);
        this.bytesDone += bytes.length;
        yield bytes;
      }
    } catch (thrown) {
      throw unreadable(this.path, thrown);
    }
  }
}

/** Feeds an engine chunk by chunk, so that what it leaves over is known to the byte. */
class Pump {
  readonly #engine: Engine;
  readonly #raw: AsyncGenerator<Buffer>;
  #next: Buffer | undefined;
  /** What follows the end of the compressed stream. */
  rest: Buffer = Buffer.alloc(0);
  /** Why it ended early. */
  failure: unknown;

  constructor(engine: Engine, first: Buffer, raw: AsyncGenerator<Buffer>) {
    this.#engine = engine;
    this.#next = first;
    this.#raw = raw;
  }

  async *output(): AsyncGenerator<Buffer> {
    const feeding = this.#feed();
    try {
      for await (const chunk of this.#engine) yield chunk as Buffer;
      await feeding;
    } catch (thrown) {
      this.failure ??= thrown;
    } finally {
      this.#engine.destroy();
      await feeding;
    }
  }

  /** Never rejects: the engine's end carries the failure. */
  async #feed(): Promise<void> {
    let fed = 0;
    try {
      for (;;) {
        const chunk = this.#next ?? ((await this.#raw.next()).value as Buffer | undefined);
        this.#next = undefined;
        if (chunk === undefined) {
          this.#engine.end();
          return;
        }
        fed += chunk.length;
        if (!(await this.#write(chunk))) return;
        const left = fed - this.#engine.bytesWritten;
        if (left > 0) {
          this.rest = chunk.subarray(chunk.length - left);
          return;
        }
      }
    } catch (thrown) {
      this.failure = thrown;
      this.#engine.destroy(thrown instanceof Error ? thrown : undefined);
    }
  }

  /** False when the engine has gone. */
  #write(chunk: Buffer): Promise<boolean> {
    return new Promise((resolve) => {
      const closed = () => resolve(false);
      this.#engine.once('close', closed);
      this.#engine.write(chunk, (error) => {
        this.#engine.off('close', closed);
        resolve(error == null);
      });
    });
  }
}
