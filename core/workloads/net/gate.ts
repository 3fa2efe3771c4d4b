/** Opens when all that it waits for is ready: nothing is sent while drivers are still starting. */
import { assert } from '../../base/assert.ts';

export class Gate {
  readonly #then: () => void;
  #missing = 1;

  /** @param then called once, when the gate opens */
  constructor(then: () => void) {
    this.#then = then;
  }

  /** Something more to wait for; call what is returned when it is ready. */
  await(): () => void {
    this.#missing++;
    return () => this.#ready();
  }

  /** Nothing more will be added. */
  close(): void {
    this.#ready();
  }

  #ready(): void {
    assert(this.#missing > 0, 'a gate opens once');
    if (--this.#missing === 0) this.#then();
  }
}
