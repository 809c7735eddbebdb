// The caption at the moment that is shown, edited below the screen.

import { findPart } from "../elements.js";
import { say } from "../language.js";
import { readRow } from "./cue_row.js";
import { describeTimes } from "./cut.js";

/** @import { CaptionList } from "./captions.js" */

export class CaptionNow {
  /** @type {Element | null} the line that is shown */
  #row = null;

  /**
   * @param {HTMLElement} root
   * @param {CaptionList} captions
   * @param {() => number} readTime tells where the video stands
   */
  constructor(root, captions, readTime) {
    this.box = findPart(root, "caption-now");
    this.text = /** @type {HTMLTextAreaElement} */ (findPart(root, "caption-now-text"));
    this.times = findPart(root, "caption-now-times");
    this.captions = captions;
    this.readTime = readTime;
    this.text.addEventListener("input", (event) => {
      event.stopPropagation(); // the line tells that it has changed
      this.#row = captions.write(this.#row, this.text.value, readTime());
      this.#drawTimes();
    });
    this.text.addEventListener("blur", () => this.follow());
  }

  /** Show the caption of the moment, unless another one is being edited. */
  follow() {
    this.box.hidden = !this.captions.source.isLines;
    const isEdited = document.activeElement === this.text;
    if (isEdited && this.#row?.isConnected) return;
    this.#row = this.captions.shown.find(this.readTime());
    const { text } = this.#row ? readRow(this.#row) : { text: "" };
    if (this.text.value !== text && !isEdited) this.text.value = text;
    this.#drawTimes();
  }

  #drawTimes() {
    const cue = this.#row && readRow(this.#row);
    const times = cue ? describeTimes(cue) : say("none yet");
    if (this.times.textContent !== times) this.times.textContent = times;
  }
}
