// Changes of which photos there are and of their order: done, said, and offered to be undone.

import { announce, findAround } from "../elements.js";
import { say } from "../language.js";
import { describeCount, sortPhotos } from "./photo.js";
import { Undo } from "./undo.js";

/** @import { Toast } from "../toast.js" */
/** @import { Photo } from "./photo.js" */
/** @import { PhotoUploads } from "./uploads.js" */

const TEXT_FIELDS =
  "textarea, [contenteditable], input:not([type=radio], [type=checkbox], [type=range], [type=file])";

export class Arrangement {
  /** @type {Undo<Photo>} */
  #undo = new Undo();

  /**
   * @param {HTMLElement} form
   * @param {PhotoUploads} uploads
   * @param {Toast} toast
   */
  constructor(form, uploads, toast) {
    this.form = form;
    this.uploads = uploads;
    this.toast = toast;
    addEventListener("keydown", (event) => this.#press(event));
  }

  /**
   * @param {Photo[]} photos from now on
   * @param {string} sentence that says what was done
   */
  change(photos, sentence) {
    const before = [...this.uploads.photos];
    this.uploads.arrange(photos);
    this.note(before, sentence);
  }

  /**
   * Offer to undo what was done already.
   * @param {Photo[]} before
   * @param {string} sentence that says what was done
   */
  note(before, sentence) {
    this.#undo.note(before, [...this.uploads.photos], sentence);
    announce(sentence);
    this.toast.show(sentence, say("Undo"), () => this.undo());
  }

  clear() {
    this.change([], say("{name} removed.", { name: describeCount(this.uploads.photos) }));
  }

  /** @param {"name" | "date"} order */
  sort(order) {
    const sentence = order === "name" ? say("Sorted by name.") : say("Sorted by date.");
    this.change(sortPhotos(this.uploads.photos, order), sentence);
  }

  /** Offer no undo of what was done in a draft that is no longer shown. */
  forget() {
    this.#undo = new Undo();
    this.toast.hide();
  }

  /**
   * Undo on Ctrl+Z, unless that is for what is typed.
   * @param {KeyboardEvent} event
   */
  #press(event) {
    const isUndo = event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
    const isSeen = this.form.getClientRects().length > 0;
    if (!isUndo || !isSeen || document.querySelector("dialog[open]")) return;
    if (!findAround(event, TEXT_FIELDS) && this.undo()) event.preventDefault();
  }

  /** Take the last change back; false when there is none. */
  undo() {
    const step = this.#undo.pop(this.uploads.photos);
    if (!step) return false;
    this.uploads.arrange(step.photos);
    const sentence = say("Undone: {sentence}", { sentence: step.sentence });
    announce(sentence);
    this.toast.show(sentence);
    return true;
  }
}
