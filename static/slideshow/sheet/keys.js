// The contact sheet on the keyboard: one stop of Tab for all photos, arrows within.

import { announce } from "../../elements.js";
import { say } from "../../language.js";
import { findIndex, movePhotos } from "../photo.js";
import { takeBack } from "../undo.js";
import { followKey } from "./grid.js";
import { measure, measureWindow } from "./measure.js";

/** @import { Photo } from "../photo.js" */
/** @import { Sheet } from "../sheet.js" */

export class Keys {
  /** The photos as they were before some were lifted. @type {Photo[] | null} */
  #before = null;
  /** @type {Photo[]} */
  #lifted = [];

  /** @param {Sheet} sheet */
  constructor(sheet) {
    this.sheet = sheet;
    const { list } = sheet;
    list.addEventListener("keydown", (event) => this.#press(event));
    list.addEventListener("keyup", (event) => {
      if (event.key === " ") event.preventDefault(); // else it would press the photo as a button
    });
    list.addEventListener("focusout", ({ relatedTarget }) => {
      const isInside = relatedTarget instanceof Node && list.contains(relatedTarget);
      if (this.#before && !isInside && !sheet.isArranging) this.#drop();
    });
  }

  /** @param {Photo} photo */
  isLifted(photo) {
    return this.#lifted.includes(photo);
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const photo = this.sheet.findPhoto(event);
    if (!photo || this.sheet.drag.isOn) return;
    const isDone = this.#before ? this.#carry(photo, event) : this.#walk(photo, event);
    if (isDone) event.preventDefault();
  }

  /**
   * @param {Photo} photo
   * @param {KeyboardEvent} event
   */
  #walk(photo, event) {
    const { key } = event;
    if (key === "Delete" || key === "Backspace") this.sheet.remove(photo);
    else if (key === " ") this.#lift(photo);
    else if (key === "a" && (event.ctrlKey || event.metaKey)) this.sheet.pickAll();
    else if (key === "Escape") return this.sheet.pickNone();
    else {
      const index = this.#follow(photo, event);
      if (index === null) return false;
      const target = this.sheet.photos[index];
      if (event.shiftKey) this.sheet.pickTo(photo, target);
      this.sheet.focus(target);
    }
    return true;
  }

  /**
   * @param {Photo} photo that is lifted
   * @param {KeyboardEvent} event
   */
  #carry(photo, event) {
    if (event.key === "Escape") this.#putBack();
    else if ([" ", "Enter"].includes(event.key)) this.#drop();
    else {
      const index = this.#follow(photo, event);
      if (index === null) return false;
      const { photos } = this.sheet;
      const target = findIndex(photos, this.#lifted, photo, index);
      this.sheet.uploads.arrange(movePhotos(photos, this.#lifted, target));
      announce(this.sheet.describeMove(this.#lifted));
    }
    return true;
  }

  /**
   * @param {Photo} photo
   * @param {KeyboardEvent} event
   */
  #follow(photo, { key, ctrlKey, metaKey, altKey }) {
    if (ctrlKey || metaKey || altKey) return null;
    const layout = measure(this.sheet.list);
    const [top, bottom] = measureWindow();
    const rows = Math.max(1, Math.floor((bottom - top) / layout.height));
    return followKey(layout, this.sheet.photos.indexOf(photo), key, rows);
  }

  /** @param {Photo} photo */
  #lift(photo) {
    this.#before = [...this.sheet.photos];
    this.#lifted = this.sheet.findCompany(photo);
    this.sheet.draw();
    const names = this.sheet.nameAll(this.#lifted);
    announce(
      say("{names} lifted. Arrow keys move it, Space puts it down, Escape puts it back.", {
        names,
      }),
    );
  }

  #drop() {
    const before = this.#before ?? [];
    const lifted = this.#lifted;
    this.#before = null;
    this.#lifted = [];
    this.sheet.draw();
    const isMoved = this.sheet.photos.some((photo, index) => before[index] !== photo);
    if (isMoved) this.sheet.arrangement.note(before, this.sheet.describeMove(lifted));
    else announce(say("{names} put down.", { names: this.sheet.nameAll(lifted) }));
  }

  #putBack() {
    const before = this.#before ?? [];
    const lifted = this.#lifted;
    this.#before = null;
    this.#lifted = [];
    this.sheet.uploads.arrange(takeBack(before, before, this.sheet.photos));
    announce(say("{names} put back.", { names: this.sheet.nameAll(lifted) }));
  }
}
