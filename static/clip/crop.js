// What a crop keeps: the same in all parts of the clip, or something of its own in the part that the
// player shows.

import { find, findInput, findPart } from "../elements.js";
import { round } from "../format.js";
import { say } from "../language.js";
import { CENTRE } from "./frame.js";

/** @import { Cut } from "./cut.js" */
/** @import { Frame, Point } from "./frame.js" */
/** @import { Parts } from "./parts.js" */

export class Crop {
  /** @type {Cut | null} the part that was drawn last */
  #drawn = null;
  /** @type {Frame["focus"]} of all parts that have none of their own */
  #common;

  /**
   * @param {HTMLFormElement} form
   * @param {Parts} parts
   */
  constructor(form, parts) {
    this.form = form;
    this.parts = parts;
    this.common = find(form, "[name=focus]", HTMLSelectElement);
    this.field = findPart(form, "part-crop");
    this.own = find(this.field, "select", HTMLSelectElement);
    this.own.addEventListener("input", () => this.#choose());
  }

  /** Whether another part is shown than when this was drawn. */
  get isBehind() {
    return this.#drawn !== this.parts.shown;
  }

  /**
   * Keep a point: in the part that is shown if that has a crop of its own, else in all parts.
   * @param {Point} point
   */
  move(point) {
    const { shown } = this.parts;
    if (shown.focus) shown.focus = point;
    else this.#share(point);
  }

  /** Leave to the form what counts; the only part has no crop of its own. */
  settle() {
    const [only, ...others] = this.parts.cuts;
    if (!others.length && only.focus) {
      this.#share(only.focus);
      delete only.focus;
    }
    const point = find(this.form, ".focus-point", HTMLFieldSetElement);
    point.hidden = point.disabled = this.common.value !== "point";
  }

  /**
   * Return the frame of the clip in the part that is shown.
   * @param {Frame} frame
   * @returns {Frame}
   */
  read(frame) {
    const { focus } = this.parts.shown;
    return frame.fit === "crop" && focus ? { ...frame, focus } : frame;
  }

  /**
   * @param {Frame} frame of all parts that have no crop of their own
   * @param {boolean} isMovable whether a crop leaves anything out
   */
  draw({ focus }, isMovable) {
    const { shown, cuts } = this.parts;
    this.#drawn = shown;
    this.#common = focus;
    this.field.hidden = !isMovable || cuts.length === 1;
    const number = cuts.indexOf(shown) + 1;
    findPart(this.field, "part-crop-name").textContent = say("Crop of part {number}", { number });
    this.own.value = typeof shown.focus === "object" ? "own" : (shown.focus ?? "");
  }

  #choose() {
    const { shown } = this.parts;
    const common = typeof this.#common === "object" ? this.#common : CENTRE;
    if (this.own.value === "own") shown.focus = common;
    else if (this.own.value === "auto") shown.focus = "auto";
    else delete shown.focus;
  }

  /** @param {"auto" | Point} focus of all parts */
  #share(focus) {
    const isPoint = typeof focus === "object";
    this.common.value = isPoint ? "point" : focus;
    if (!isPoint) return;
    findInput(this.form, "focus_x").value = String(round(100 * focus.x, 1));
    findInput(this.form, "focus_y").value = String(round(100 * focus.y, 1));
  }
}
