// Which photos are selected.

/** @template P */
export class Selection {
  /** @type {Set<P>} */
  #chosen = new Set();
  /** @type {P | null} The one that was selected last: a range begins there. */
  #anchor = null;

  get size() {
    return this.#chosen.size;
  }

  /** @param {P} photo */
  has(photo) {
    return this.#chosen.has(photo);
  }

  /**
   * Return the selected ones in their order.
   * @param {P[]} photos all
   */
  list(photos) {
    return photos.filter((photo) => this.#chosen.has(photo));
  }

  /** @param {P} photo */
  toggle(photo) {
    this.#anchor = photo;
    if (!this.#chosen.delete(photo)) this.#chosen.add(photo);
  }

  /**
   * Select all from the last selected photo to this one.
   * @param {P[]} photos all
   * @param {P} photo
   */
  extend(photos, photo) {
    const from = this.#anchor === null ? -1 : photos.indexOf(this.#anchor);
    const to = photos.indexOf(photo);
    const first = from < 0 ? to : Math.min(from, to);
    for (const each of photos.slice(first, Math.max(from, to) + 1)) this.#chosen.add(each);
    this.#anchor = photo;
  }

  /** @param {P[]} photos */
  set(photos) {
    this.#chosen = new Set(photos);
  }

  /**
   * Forget what is gone.
   * @param {P[]} photos all that there are
   */
  keep(photos) {
    this.set(this.list(photos));
  }
}
