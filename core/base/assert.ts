/**
 * Assertions state what must never be false. A failed one is a fault of the program, not of its
 * user: it throws, in tests and in production alike. For what can go wrong in use, see `result.ts`.
 */

/** Thrown when the program has broken one of its own rules. */
export class InvariantError extends Error {
  override name = 'InvariantError';
}

/** Throws `InvariantError` unless `condition` holds. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Returns `value`, which the caller knows to be there. */
export function exists<T>(value: T | null | undefined, message: string): T {
  if (value === null || value === undefined) throw new InvariantError(message);
  return value;
}

/** Marks a branch that the types say cannot be reached. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable: ${String(value)}`);
}
