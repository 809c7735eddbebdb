// The strip of film under a mouse or a finger: ends of parts are dragged, parts chosen, time sought.

/** @import { Cut } from "./cut.js" */
/** @import { Trim } from "./trim.js" */

/**
 * @typedef {object} GripOptions
 * @property {(time: number, reach: number) => {cut: Cut | null, edge: "start" | "end" | null}} find
 *   what lies at a time; an end of a part counts within reach, in seconds
 * @property {(cut: Cut) => void} choose has the strip edit a part
 */

const REACH = 22; // pixels to each side: a finger needs 44

export class Grips {
  /**
   * @param {Trim} trim
   * @param {GripOptions} options
   */
  constructor(trim, options) {
    this.trim = trim;
    this.box = trim.box;
    this.options = options;
    this.box.addEventListener("pointerdown", (event) => this.#grab(event));
    this.box.addEventListener("pointermove", (event) => {
      if (!event.buttons) this.box.classList.toggle("on-edge", Boolean(this.#find(event).edge));
    });
  }

  /** @param {PointerEvent} event */
  #find(event) {
    const { width } = this.box.getBoundingClientRect();
    return this.options.find(this.#readTime(event), (REACH / width) * this.trim.duration);
  }

  /** @param {PointerEvent} event */
  #readTime({ clientX }) {
    const { left, width } = this.box.getBoundingClientRect();
    return ((clientX - left) / width) * this.trim.duration;
  }

  /** @param {PointerEvent} event */
  #grab(event) {
    if (event.button !== 0 || !this.trim.duration) return;
    const { cut, edge } = this.#find(event);
    const time = this.#readTime(event);
    if (cut) this.options.choose(cut);
    const offset = cut && edge ? cut[edge] - time : 0;
    const move = (/** @type {PointerEvent} */ moved) => {
      const to = this.#readTime(moved);
      if (edge) this.trim.drag(edge, to + offset);
      else this.trim.seek(to);
    };
    if (!edge) this.trim.seek(time);
    else if (edge === "start") this.trim.startSlider.focus({ preventScroll: true });
    else this.trim.endSlider.focus({ preventScroll: true });
    event.preventDefault(); // the focus is where it belongs
    const drag = new AbortController();
    this.box.setPointerCapture(event.pointerId);
    const { signal } = drag;
    this.box.addEventListener("pointermove", move, { signal });
    for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) {
      this.box.addEventListener(name, () => drag.abort(), { signal });
    }
  }
}
