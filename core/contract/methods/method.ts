/** What one question to the lab is: the schema of its arguments, and the types of its answer. */
import * as v from 'valibot';

/** A call's arguments schema; `result` and `progress` exist for the compiler only. */
export interface Method<Args extends v.GenericSchema, Out, Progress> {
  readonly args: Args;
  readonly result?: Out;
  readonly progress?: Progress;
}

/** Declares a method; the schema is given in a second call, so that its type is inferred. */
export function method<Out, Progress = never>() {
  return <Args extends v.GenericSchema>(args: Args): Method<Args, Out, Progress> => ({ args });
}

export const id = v.pipe(v.string(), v.minLength(1), v.maxLength(512));
export const tick = v.pipe(v.number(), v.finite());
export const row = v.pipe(v.number(), v.integer(), v.minValue(0));
export const count = (max: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max));
export const nothing = v.strictObject({});
