/**
 * What can go wrong in use. Every error says what happened, where, and how to mend it; the command
 * line prints `error: CODE: what, where, how` and the interface shows the three parts.
 */

export const ERROR_CODES = [
  'BAD_USAGE',
  'BAD_ARGUMENT',
  'BAD_SCENARIO',
  'BAD_PROFILE',
  'BAD_PLAN',
  'BAD_CHART',
  'UNKNOWN_ID',
  'NOT_IN_THIS_VERSION',
  'REFUSED_PAIR',
  'FILE_NOT_FOUND',
  'NOT_A_TRACE',
  'NEWER_FORMAT',
  'CORRUPT_FILE',
  'NOT_A_SWEEP',
  'OTHER_SWEEP',
  'RESULTS_DIFFER',
  'BUSY_FILE',
  'UNWRITABLE',
  'UNKNOWN_FORMAT',
  'UNSUPPORTED_FORMAT',
  'NO_EVENTS',
  'NOT_FOUND',
  'RUNS_FAILED',
  'CANCELLED',
  'HOST_LOST',
  'INTERNAL',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** The shape of an error on the wire and in `--json` output. */
export interface LabErrorData {
  readonly code: ErrorCode;
  /** What happened, a clause without a full stop. */
  readonly what: string;
  /** File, line, field or option concerned; empty where there is none. */
  readonly where: string;
  /** What the user can do about it. */
  readonly remedy: string;
}

/** An expected failure, for users to read. Programming errors are `InvariantError`s instead. */
export class LabError extends Error {
  override name = 'LabError';
  readonly data: LabErrorData;

  constructor(code: ErrorCode, what: string, where: string, remedy: string) {
    super([what, where, remedy].filter((part) => part !== '').join(', '));
    this.data = { code, what, where, remedy };
  }

  /** Rebuilds an error that crossed a process boundary. */
  static from(data: LabErrorData): LabError {
    return new LabError(data.code, data.what, data.where, data.remedy);
  }

  /** The line the command line prints. */
  get line(): string {
    return `error: ${this.data.code}: ${this.message}`;
  }
}

/** Errors that are the caller's to mend: exit status 2. Everything else ends with 1. */
export function exitStatusOf(code: ErrorCode): 1 | 2 {
  return ['RUNS_FAILED', 'CANCELLED', 'HOST_LOST', 'INTERNAL'].includes(code) ? 1 : 2;
}

/** Codes by which a file system, or SQLite for it, refuses to write, in words. */
const UNWRITABLE: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'your share of the disk is used up',
  EROFS: 'the disk can only be read',
  SQLITE_FULL: 'the disk is full',
  SQLITE_READONLY: 'the disk can only be read',
  EACCES: 'the file or its folder may not be written',
  EPERM: 'the file or its folder may not be written',
};

/** A write that the file system refused, wherever it was tried; null for any other error. */
function writeRefusal(thrown: Error): LabErrorData | null {
  const { code, path, syscall } = thrown as { code?: unknown; path?: unknown; syscall?: unknown };
  // A folder on a disk that can only be read is not made for all sorts of reasons.
  const what =
    typeof code === 'string' && syscall !== 'mkdir'
      ? UNWRITABLE[code]
      : syscall === 'mkdir'
        ? 'the folder cannot be made'
        : undefined;
  if (what === undefined) return null;
  return {
    code: 'UNWRITABLE',
    what: `${what} (${String(code)})`,
    where: typeof path === 'string' ? path : '',
    remedy: 'make room, or see that you may write there, and try again',
  };
}

/**
 * Turns anything thrown into error data. A write that the file system refused is UNWRITABLE; what
 * was not expected becomes INTERNAL.
 */
export function toErrorData(thrown: unknown): LabErrorData {
  if (thrown instanceof LabError) return thrown.data;
  const refusal = thrown instanceof Error ? writeRefusal(thrown) : null;
  if (refusal !== null) return refusal;
  const what = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return {
    code: 'INTERNAL',
    what,
    where: '',
    remedy: 'this is a fault of the lab: please report it with what you did',
  };
}
