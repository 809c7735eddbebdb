// The seconds of photos, transitions and titles: which of them count, and their limits.

import { findInput, findPart, tell } from "../../elements.js";
import { say } from "../../language.js";

/** @import { Choice } from "../photo.js" */

const LONGEST_TRANSITION = 10;

/**
 * What the form says of the things that these numbers are for.
 * @typedef {object} Uses
 * @property {unknown} transition
 * @property {boolean} fit_to_music
 * @property {object} [title]
 * @property {object} [end_title]
 */

export class Numbers {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.each = findInput(form, "duration");
    this.overlap = findInput(form, "transition_duration");
    this.card = findInput(form, "card_duration");
  }

  /** Whether photos and titles have seconds that can be added up. */
  get areValid() {
    return this.each.validity.valid && this.card.validity.valid;
  }

  /**
   * Disable the numbers that count for nothing now, and show the limits of those that break them.
   * @param {Uses} uses
   * @param {Choice[]} choices of the photos
   */
  draw({ transition, fit_to_music: fits, title, end_title: endTitle }, choices) {
    const transitions = choices.map((choice) => choice.transition ?? transition);
    const { each, overlap, card } = this;
    overlap.disabled = [transition, ...transitions].every((name) => name === "none");
    each.disabled = fits;
    const longest = !fits && each.validity.valid ? each.valueAsNumber : LONGEST_TRANSITION;
    overlap.max = String(Math.min(LONGEST_TRANSITION, longest));
    card.disabled = !title && !endTitle;
    for (const input of [each, overlap, card]) this.#drawLimit(input);
  }

  /** @param {HTMLInputElement} input */
  #drawLimit(input) {
    const isWrong = !input.disabled && !input.validity.valid;
    const limit = isWrong
      ? say("{least} to {most} seconds", { least: Number(input.min), most: Number(input.max) })
      : "";
    tell(findPart(this.form, `${input.name}-limit`), limit);
  }
}
