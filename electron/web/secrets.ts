import { createHash, randomBytes } from 'node:crypto';

const SESSIONS_MAX = 64;

/**
 * Who may talk to the lab. The address that the host prints carries a token; whoever opens it first
 * trades the token for a session secret, and the token is worth nothing from then on. The page
 * keeps the secret for as long as its tab lives, so that a reload works.
 *
 * Only hashes are kept, and they are what is compared: the time of a look-up says nothing of a
 * secret.
 */
export class Secrets {
  readonly #tokens = new Set<string>();
  readonly #sessions = new Set<string>();

  /** A new token, good for one claim. */
  issueToken(): string {
    const token = randomBytes(32).toString('hex');
    this.#tokens.add(hash(token));
    return token;
  }

  /**
   * Admits the bearer of a token or of a session.
   * @returns the session secret, a new one for a token; undefined when the secret is not known
   */
  admit(secret: string): string | undefined {
    if (this.isSession(secret)) return secret;
    if (!this.#tokens.delete(hash(secret))) return undefined;
    const session = randomBytes(32).toString('hex');
    this.#sessions.add(hash(session));
    for (const oldest of this.#sessions) {
      if (this.#sessions.size <= SESSIONS_MAX) break;
      this.#sessions.delete(oldest);
    }
    return session;
  }

  isSession(secret: string): boolean {
    return this.#sessions.has(hash(secret));
  }
}

function hash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
