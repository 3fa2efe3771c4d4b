/**
 * A 64-bit hash over a run's event stream. Two runs with the same fingerprint did the same things at
 * the same times. Two lanes of multiply-and-rotate (the rounds of MurmurHash3, Appleby 2011); not
 * meant to withstand an attacker.
 */
export class Fingerprint {
  #low = 0x6d636f70;
  #high = 0x74726163;

  /** Adds an integer of at most 53 bits. */
  add(value: number): void {
    const low = value | 0;
    const high = (value / 4294967296) | 0;
    let a = Math.imul(low ^ 0x2545f491, 0xcc9e2d51);
    a = (a << 15) | (a >>> 17);
    a = this.#low ^ Math.imul(a, 0x1b873593);
    a = (a << 13) | (a >>> 19);
    this.#low = (Math.imul(a, 5) + 0xe6546b64 + high) | 0;
    let b = Math.imul(low ^ this.#low, 0x239b961b);
    b = (b << 16) | (b >>> 16);
    b = this.#high ^ Math.imul(b, 0x38b34ae5);
    b = (b << 17) | (b >>> 15);
    this.#high = (Math.imul(b, 5) + 0x561ccd1b) | 0;
  }

  /** 16 hexadecimal digits. */
  digest(): string {
    const finish = (value: number) => {
      let h = value;
      h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
      h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
      return ((h ^ (h >>> 16)) >>> 0).toString(16).padStart(8, '0');
    };
    return finish(this.#high ^ this.#low) + finish(this.#low);
  }
}

/** Hash of a document's text, 16 hexadecimal digits: for scenarios and profiles. */
export function hashText(text: string): string {
  const hash = new Fingerprint();
  for (let i = 0; i < text.length; i++) hash.add(text.charCodeAt(i));
  return hash.digest();
}

/** JSON with keys in order at every depth, so that equal documents have equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
