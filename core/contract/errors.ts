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

/** Turns anything thrown into error data; what was not expected becomes `INTERNAL`. */
export function toErrorData(thrown: unknown): LabErrorData {
  if (thrown instanceof LabError) return thrown.data;
  const what = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return {
    code: 'INTERNAL',
    what,
    where: '',
    remedy: 'this is a fault of the lab: please report it with what you did',
  };
}
