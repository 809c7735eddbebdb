// Work that waits until what calls for it has settled: each letter calls for it that is typed.

export class Settling {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #latest = 0;

  /**
   * @param {() => void} act
   * @param {number} rest milliseconds without a call after which it is done
   * @param {number} [most] milliseconds after the first call: then it is done all the same
   */
  constructor(act, rest, most = Infinity) {
    this.act = act;
    this.rest = rest;
    this.most = most;
  }

  /** Whether it waits to be done. */
  get isDue() {
    return this.#timer !== undefined;
  }

  /** Call for it. */
  ask() {
    const now = performance.now();
    if (!this.isDue) this.#latest = now + this.most;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.finish(), Math.min(this.rest, this.#latest - now));
  }

  /** Do it now, if it waits. */
  finish() {
    if (!this.isDue) return;
    this.drop();
    this.act();
  }

  /** Do not do it any more. */
  drop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
