/** How well a text answers what was typed. */

export interface Match {
  /** The greater the better. */
  readonly score: number;
  /** Indices of the letters that answered. */
  readonly letters: readonly number[];
}

const WHOLE = 100;
const START = 60;
const INSIDE = 30;
const SCATTERED = 8;

const startsWord = (text: string, at: number): boolean =>
  at === 0 || /[\s\-_/.,:(]/.test(text[at - 1] ?? '');

const span = (from: number, length: number): number[] =>
  Array.from({ length }, (_, index) => from + index);

/** One word: as a whole word, at the start of one, within one, or its letters one after the other. */
function matchWord(word: string, text: string, loose: boolean): Match | null {
  let inside: Match | null = null;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const letters = span(at, word.length);
    if (startsWord(text, at)) {
      const end = at + word.length;
      const whole = end === text.length || /[\s\-_/.,:)]/.test(text[end] ?? '');
      return { score: (whole ? WHOLE : START) - Math.min(20, at), letters };
    }
    inside ??= { score: INSIDE - Math.min(20, at), letters };
  }
  return inside ?? (loose ? scattered(word, text) : null);
}

/** `gmc` finds `grant-map on cortex`: letters that start words count most. */
function scattered(word: string, text: string): Match | null {
  const letters: number[] = [];
  let score = 0;
  let from = 0;
  for (const letter of word) {
    let at = text.indexOf(letter, from);
    if (at < 0) return null;
    // A later letter that starts a word is what people mean.
    for (let other = at; other >= 0; other = text.indexOf(letter, other + 1)) {
      if (startsWord(text, other)) {
        at = other;
        break;
      }
    }
    score += startsWord(text, at) ? SCATTERED : at === from && from > 0 ? SCATTERED / 2 : 0;
    letters.push(at);
    from = at + 1;
  }
  // Letters that are strewn over a long text say nothing.
  return score * 2 < word.length * SCATTERED ? null : { score: score / word.length, letters };
}

/**
 * Every word of what was typed must be answered; nothing typed is answered by everything.
 * @param loose lets the letters of a word lie apart
 */
export function match(typed: string, text: string, loose = true): Match | null {
  const lower = text.toLowerCase();
  const letters: number[] = [];
  let score = 0;
  for (const word of typed.toLowerCase().split(/\s+/).filter(Boolean)) {
    const found = matchWord(word, lower, loose);
    if (found === null) return null;
    score += found.score;
    letters.push(...found.letters);
  }
  return { score, letters: [...new Set(letters)].sort((a, b) => a - b) };
}

/** A text in pieces, those that answered marked. */
export function pieces(
  text: string,
  letters: readonly number[],
): readonly { readonly text: string; readonly marked: boolean }[] {
  const marked = new Set(letters);
  const out: { text: string; marked: boolean }[] = [];
  [...text].forEach((letter, index) => {
    const last = out.at(-1);
    if (last !== undefined && last.marked === marked.has(index)) last.text += letter;
    else out.push({ text: letter, marked: marked.has(index) });
  });
  return out;
}
