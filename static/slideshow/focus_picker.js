// The picture in the settings of a photo, on which is chosen what a crop keeps in the middle.

import { find, findButton, findPart } from "../elements.js";

/** @import { Choice, Point } from "./photo.js" */

const KEY_STEP = 0.05;
/** @type {Record<string, [number, number]>} */
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const MIDDLE = { x: 0.5, y: 0.5 };

export class FocusPicker {
  /** @type {Point | undefined} */
  #focus;

  /**
   * @param {HTMLElement} root
   * @param {(focus: Point) => void} onPick
   */
  constructor(root, onPick) {
    this.onPick = onPick;
    this.button = findButton(root, "focus");
    this.hint = findPart(root, "focus-hint");
    this.mark = findPart(root, "focus-mark");
    this.image = find(root, "img", HTMLImageElement);
    this.image.addEventListener("load", () => this.#drawMark());
    this.button.addEventListener("click", (event) => this.#point(event));
    this.button.addEventListener("keydown", (event) => this.#nudge(event));
  }

  /** Show no picture until there is one of another photo. */
  clear() {
    this.image.removeAttribute("src");
  }

  /** @param {string | null | undefined} picture its address; none hides all of this */
  show(picture) {
    this.button.hidden = this.hint.hidden = !picture;
    if (picture && this.image.getAttribute("src") !== picture) this.image.src = picture;
  }

  /** @param {Choice} choice */
  draw({ focus, rotate = 0 }) {
    this.#focus = focus;
    this.button.style.setProperty("--turn", `${rotate}deg`);
    this.#drawMark();
  }

  #drawMark() {
    const { mark } = this;
    mark.hidden = !this.#focus;
    if (!this.#focus) return;
    const shown = this.image.getBoundingClientRect();
    const around = this.button.getBoundingClientRect();
    mark.style.left = `${shown.left - around.left + this.#focus.x * shown.width}px`;
    mark.style.top = `${shown.top - around.top + this.#focus.y * shown.height}px`;
  }

  /** @param {MouseEvent} event */
  #point({ clientX, clientY, detail }) {
    if (!detail) return this.onPick(this.#focus ?? MIDDLE); // pressed by a key
    const shown = this.image.getBoundingClientRect();
    const x = (clientX - shown.left) / shown.width;
    return this.onPick({ x, y: (clientY - shown.top) / shown.height });
  }

  /** @param {KeyboardEvent} event */
  #nudge(event) {
    if (!(event.key in KEYS)) return;
    event.preventDefault();
    const { x, y } = this.#focus ?? MIDDLE;
    const [right, down] = KEYS[event.key];
    this.onPick({ x: x + right * KEY_STEP, y: y + down * KEY_STEP });
  }
}
