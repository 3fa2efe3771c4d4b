/** A file that is there whole or not at all. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { unwritable } from '../write/part.ts';

/** Characters that wait before they are written. */
const BUFFER_CHARS = 1024 * 1024;

export interface OutputJob {
  readonly input: string;
  readonly output: string;
  /** May a file that is there be replaced? */
  readonly force: boolean;
}

/**
 * Refuses a place that may not be written.
 *
 * @throws LabError UNWRITABLE
 */
export function checkOutput({ input, output, force }: OutputJob): void {
  const folder = dirname(output);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw unwritable(output, 'its folder does not exist', 'create the folder or choose another');
  }
  if (!existsSync(output)) return;
  if (realpathSync(output) === realpathSync(input)) {
    throw unwritable(output, 'that is the trace itself', 'choose another name');
  }
  if (!statSync(output).isFile()) {
    throw unwritable(output, 'that is no file', 'choose another name');
  }
  if (!force) throw unwritable(output, 'the file is there already', 'add --force to replace it');
}

/** Text or bytes into a temporary file beside `output`. One of `finish` and `discard` ends it. */
export class Output {
  readonly #job: OutputJob;
  readonly #part: string;
  readonly #file: number;
  #waiting: string[] = [];
  #chars = 0;
  #open = true;

  /** @throws LabError UNWRITABLE */
  constructor(job: OutputJob) {
    checkOutput(job);
    this.#job = job;
    this.#part = `${job.output}.${process.pid}.part`;
    this.#file = this.#try(() => openSync(this.#part, 'wx'));
  }

  write(text: string): void {
    this.#waiting.push(text);
    this.#chars += text.length;
    if (this.#chars >= BUFFER_CHARS) this.#flush();
  }

  /** Not buffered: bytes come in pieces that are large enough. */
  writeBytes(bytes: Uint8Array): void {
    this.#try(() => {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#file, bytes, at);
    });
  }

  /** Puts the file in its place. */
  finish(): void {
    this.#flush();
    this.#try(() => {
      fsyncSync(this.#file);
      this.#close();
      // Somebody may have put a file there in the meantime.
      checkOutput(this.#job);
      renameSync(this.#part, this.#job.output);
    });
  }

  /** Leaves nothing behind; does nothing after `finish`. */
  discard(): void {
    this.#close();
    rmSync(this.#part, { force: true });
  }

  #flush(): void {
    const bytes = Buffer.from(this.#waiting.join(''));
    this.#waiting = [];
    this.#chars = 0;
    this.writeBytes(bytes);
  }

  #close(): void {
    if (this.#open) closeSync(this.#file);
    this.#open = false;
  }

  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      throw diskError(this.#job.output, thrown);
    }
  }
}

function diskError(path: string, thrown: unknown): unknown {
  const { code } = thrown as NodeJS.ErrnoException;
  if (code === undefined) return thrown;
  return code === 'ENOSPC'
    ? unwritable(path, 'the disk is full', 'free some space or choose another folder')
    : unwritable(
        path,
        `the file cannot be written (${code})`,
        'check the folder and its permissions',
      );
}
