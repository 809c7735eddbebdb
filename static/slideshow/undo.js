// Changes of which photos there are and of their order, each of which can be taken back.

const MOST_STEPS = 50;

/**
 * Return the photos of before, without those that are gone for another reason, and with those that
 * came since.
 * @template P
 * @param {P[]} before
 * @param {P[]} after the change that is taken back
 * @param {P[]} now
 */
export function takeBack(before, after, now) {
  const there = new Set(now);
  const changed = new Set(after);
  const known = new Set(before);
  const kept = before.filter((photo) => there.has(photo) || !changed.has(photo));
  return [...kept, ...now.filter((photo) => !known.has(photo))];
}

/**
 * Holds what was changed, the last change last.
 * @template P
 */
export class Undo {
  /** @type {{before: P[], after: P[], sentence: string}[]} */
  #steps = [];

  /**
   * @param {P[]} before
   * @param {P[]} after
   * @param {string} sentence that says what was done
   */
  note(before, after, sentence) {
    this.#steps = [...this.#steps, { before, after, sentence }].slice(-MOST_STEPS);
  }

  /**
   * Return the photos without the last change, and what that was; null when none is left.
   * @param {P[]} now
   */
  pop(now) {
    const step = this.#steps.pop();
    return step
      ? { photos: takeBack(step.before, step.after, now), sentence: step.sentence }
      : null;
  }
}
