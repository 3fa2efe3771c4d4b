/** Texts that outlive the piece of the recording that they were read from. */

/** Shorter texts are never slices. */
const MIN_SLICE_CHARS = 13;

/** The same text in memory of its own: a slice keeps all of the text that it is cut from. */
export function owned(text: string): string {
  return text.length < MIN_SLICE_CHARS ? text : (JSON.parse(JSON.stringify(text)) as string);
}
