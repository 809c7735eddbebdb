// A note at the foot of the page that goes by itself, with something to do about it.

import { findButton, findPart } from "./elements.js";

const SHOWN_MS = 8000;

export class Toast {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {(() => void) | null} */
  #act = null;

  /**
   * @param {HTMLElement} root
   * @param {() => void} onLeave takes the focus when the note goes with it
   */
  constructor(root, onLeave) {
    this.root = root;
    this.onLeave = onLeave;
    this.button = findButton(root, "toast");
    this.button.addEventListener("click", () => {
      this.hide();
      this.#act?.();
    });
    findButton(root, "dismiss").addEventListener("click", () => this.hide());
    // It stays while the pointer or the focus is on it.
    for (const name of ["pointerenter", "focusin"]) {
      root.addEventListener(name, () => clearTimeout(this.#timer));
    }
    for (const name of ["pointerleave", "focusout"]) {
      root.addEventListener(name, () => this.#wait());
    }
  }

  /**
   * @param {string} sentence
   * @param {string} [label] of the button, which does `act`
   * @param {() => void} [act]
   */
  show(sentence, label = "", act) {
    findPart(this.root, "sentence").textContent = sentence;
    this.#act = act ?? null;
    this.button.textContent = label;
    this.button.hidden = !act;
    this.root.hidden = false;
    this.#wait();
  }

  hide() {
    clearTimeout(this.#timer);
    const hadFocus = this.root.contains(document.activeElement);
    this.root.hidden = true;
    if (hadFocus) this.onLeave();
  }

  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.hide(), SHOWN_MS);
  }
}
