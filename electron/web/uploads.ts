import { randomBytes } from 'node:crypto';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Greatest file that a page may send. */
export const UPLOAD_BYTES_MAX = 8 * 1024 ** 3;
const AT_ONCE_MAX = 4;

/** Why an upload was not taken, as an HTTP status. */
export class UploadRefused extends Error {
  override name = 'UploadRefused';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Files on their way from a page to the lab. Each is alone in a folder named by its id; the lab
 * removes it when it has imported it, and the host removes all when it ends.
 */
export class Uploads {
  readonly folder: string;
  readonly #bytesMax: number;
  #running = 0;

  constructor(bytesMax = UPLOAD_BYTES_MAX) {
    this.#bytesMax = bytesMax;
    this.folder = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-uploads-'));
  }

  /**
   * Streams the body of a request into a file.
   * @returns the id by which the lab finds it
   * @throws UploadRefused
   */
  async receive(request: IncomingMessage, name: string): Promise<string> {
    if (Number(request.headers['content-length'] ?? 0) > this.#bytesMax) throw tooLarge();
    if (this.#running >= AT_ONCE_MAX) throw new UploadRefused(429, 'too many uploads at once');
    this.#running++;
    const id = randomBytes(16).toString('hex');
    const folder = path.join(this.folder, id);
    try {
      await mkdir(folder, { mode: 0o700 });
      const file = createWriteStream(path.join(folder, safeName(name)), { mode: 0o600 });
      await pipeline(request, limit(this.#bytesMax), file);
      return id;
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      if (error instanceof UploadRefused) throw error;
      throw new UploadRefused(507, 'the file could not be stored');
    } finally {
      this.#running--;
    }
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function tooLarge(): UploadRefused {
  return new UploadRefused(413, 'the file is too large: import it with the command line');
}

function limit(bytesMax: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > bytesMax) done(tooLarge());
      else done(null, chunk);
    },
  });
}

/** The last part of a name, without what a file system might not like. */
export function safeName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  const plain = last.replace(/[\u0000-\u001f<>:"|?*]/g, '_').slice(-150);
  return /^\.*$/.test(plain) ? 'upload' : plain;
}
