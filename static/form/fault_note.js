// A sentence under a control that says what is wrong with it.

import { tell } from "../elements.js";

export class FaultNote {
  /** @type {Element | null} */
  #control = null;
  /** What described it before. */
  #before = "";

  /** @param {string} id of the sentence */
  constructor(id) {
    this.note = document.createElement("p");
    Object.assign(this.note, { id, className: "fault", hidden: true });
    this.note.setAttribute("role", "alert");
  }

  /**
   * Show a sentence at a control; without one, take the last away.
   * @param {Element | null} control
   * @param {string} sentence
   */
  show(control, sentence) {
    if (control !== this.#control) this.#move(control);
    tell(this.note, control ? sentence : "");
  }

  /** @param {Element | null} control */
  #move(control) {
    this.#control?.removeAttribute("aria-invalid");
    if (this.#before) this.#control?.setAttribute("aria-describedby", this.#before);
    else this.#control?.removeAttribute("aria-describedby");
    this.note.remove();
    this.#control = control;
    if (!control) return;
    control.setAttribute("aria-invalid", "true");
    this.#before = control.getAttribute("aria-describedby") ?? "";
    control.setAttribute("aria-describedby", `${this.#before} ${this.note.id}`.trim());
    (control.closest("label.field, fieldset") ?? control).after(this.note);
  }
}
