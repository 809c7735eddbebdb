// The line beside the button that makes the video: what it comes to, or what is in the way.

import { findButton, findPart } from "../elements.js";

/** @typedef {{sentence: string, go?: () => void}} Obstacle what is in the way, and the way there */

export class SumLine {
  /** @type {(() => void) | undefined} */
  #go;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.sum = findPart(root, "sum");
    this.button = findButton(root, "obstacle");
    this.button.addEventListener("click", () => this.#go?.());
  }

  /**
   * Show a sum, or an obstacle with the way there.
   * @param {string} sum
   * @param {Obstacle | null} obstacle
   */
  draw(sum, obstacle) {
    this.#go = obstacle?.go;
    const sentence = obstacle?.sentence ?? "";
    const text = this.#go ? "" : sentence || sum;
    if (this.sum.textContent !== text) this.sum.textContent = text;
    if (this.button.textContent !== sentence) this.button.textContent = sentence;
    this.button.hidden = !this.#go;
  }
}
