// What folds the screen of the stage away, so that more of the photos is in sight.

import { findButton } from "../elements.js";
import { say } from "../language.js";

// A phone on its side: with the screen unfolded, no photo would be in sight.
const LOW = "(min-width: 32.5em) and (max-width: 56.24em) and (max-height: 30em)";

export class Fold {
  #low = matchMedia(LOW);
  #width = innerWidth;

  /**
   * @param {HTMLElement} root
   * @param {() => void} onFold called when the screen has been folded
   */
  constructor(root, onFold) {
    this.root = root;
    this.onFold = onFold;
    this.button = findButton(root, "stage-fold");
    this.button.addEventListener("click", () => {
      removeEventListener("resize", this.#follow); // from now on it is as the user wants it
      this.#set(!this.#isFolded);
    });
    addEventListener("resize", this.#follow);
    this.#set(this.#low.matches);
  }

  /**
   * Fold when the window is low and its width has changed, as when a phone is turned. A keyboard
   * changes the height alone, which `orientation` in media queries would take for a turn.
   */
  #follow = () => {
    const { matches } = this.#low;
    if (!matches || innerWidth !== this.#width) this.#set(matches);
    this.#width = innerWidth;
  };

  get #isFolded() {
    return this.root.classList.contains("folded");
  }

  /** @param {boolean} isFolded */
  #set(isFolded) {
    if (isFolded === this.#isFolded) return;
    this.root.classList.toggle("folded", isFolded);
    this.button.setAttribute("aria-expanded", String(!isFolded));
    this.button.textContent = isFolded ? say("Show") : say("Hide");
    if (isFolded) this.onFold();
  }
}
