/** The bytes of a recording, decompressed where needed, in bounded memory. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { LabError } from '../../core/contract/errors.ts';
import { refuseLive, unreadable } from '../files.ts';

const CHUNK_BYTES = 256 * 1024;

/** A recording on disk. */
export class Source {
  readonly path: string;
  readonly bytesTotal: number;
  /** Bytes of the file, as it lies on disk, that have been read. */
  bytesDone = 0;
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
   * All bytes, decompressed if the file is a gzip file.
   *
   * @throws LabError FILE_NOT_FOUND, CORRUPT_FILE when the compression is damaged
   */
  async *chunks(): AsyncGenerator<Buffer> {
    const raw = this.#raw();
    if (!(await this.#isGzip())) {
      yield* raw;
      return;
    }
    let failure: unknown;
    const plain = pipeline(
      Readable.from(raw),
      createGunzip({ chunkSize: CHUNK_BYTES }),
      (error) => {
        failure = error ?? undefined;
      },
    );
    try {
      for await (const chunk of plain) yield chunk as Buffer;
    } catch (thrown) {
      if (thrown instanceof LabError || failure instanceof LabError) throw failure ?? thrown;
      throw new LabError(
        'CORRUPT_FILE',
        'the compressed file is cut off or damaged',
        this.path,
        'take another copy of it',
      );
    } finally {
      plain.destroy();
    }
  }

  async #isGzip(): Promise<boolean> {
    try {
      const file = await open(this.path, 'r');
      try {
        const head = Buffer.alloc(2);
        await file.read(head, 0, 2, 0);
        return head.readUInt16BE(0) === 0x1f8b;
      } finally {
        await file.close();
      }
    } catch (thrown) {
      throw unreadable(this.path, thrown);
    }
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
