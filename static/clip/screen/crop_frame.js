// The frame of a crop on the screen, dragged by mouse, finger or keys along the side that it leaves.

import { say } from "../../language.js";
import { moveFocus } from "./layout.js";

/** @import { Point } from "../frame.js" */
/** @import { Layout } from "./layout.js" */

const STEP = 0.01; // of the screen, that an arrow goes; with Shift it goes ten times as far
const FOLLOWS = say("It follows faces, or what moves");
/** @type {Record<string, [number, number]>} */
const ARROWS = {
  ArrowLeft: [-1, -1],
  ArrowRight: [1, 1],
  ArrowUp: [-1, -1],
  ArrowDown: [1, 1],
};

export class CropFrame {
  /** @type {Layout | null} */
  #layout = null;

  /**
   * @param {HTMLElement} handle the frame, a slider
   * @param {HTMLElement} screen that it lies on
   * @param {(focus: Point) => void} onMove
   */
  constructor(handle, screen, onMove) {
    this.handle = handle;
    this.screen = screen;
    this.onMove = onMove;
    handle.addEventListener("pointerdown", (event) => this.#grab(event));
    handle.addEventListener("keydown", (event) => this.#key(event));
  }

  /**
   * @param {Layout} layout
   * @param {boolean} follows whether the crop follows what is seen
   */
  show(layout, follows) {
    this.#layout = layout;
    const { handle } = this;
    const [left, top, width, height] = layout.frame;
    handle.hidden = !layout.axis;
    handle.dataset.axis = layout.axis ?? "";
    handle.classList.toggle("follows", follows);
    const isAcross = layout.axis === "horizontal";
    const [centre, side] = isAcross ? [left + width / 2, width] : [top + height / 2, height];
    const toPercent = (/** @type {number} */ share) => Math.round(100 * share);
    handle.setAttribute("aria-orientation", layout.axis ?? "horizontal");
    handle.setAttribute("aria-valuemin", String(toPercent(side / 2)));
    handle.setAttribute("aria-valuemax", String(toPercent(1 - side / 2)));
    handle.setAttribute("aria-valuenow", String(toPercent(centre)));
    const from = isAcross
      ? say("{percent} % from the left", { percent: toPercent(centre) })
      : say("{percent} % from the top", { percent: toPercent(centre) });
    handle.setAttribute("aria-valuetext", follows ? FOLLOWS : from);
  }

  /** @param {PointerEvent} event */
  #grab(event) {
    const layout = this.#layout;
    if (!layout?.axis || event.button !== 0) return;
    const { width, height } = this.screen.getBoundingClientRect();
    const drag = new AbortController();
    const { signal } = drag;
    this.handle.setPointerCapture(event.pointerId);
    this.handle.classList.add("held");
    /** @param {PointerEvent} moved */
    const move = (moved) => {
      const across = (moved.clientX - event.clientX) / width;
      const down = (moved.clientY - event.clientY) / height;
      const isDragged = Math.hypot(across * width, down * height) > 3;
      if (isDragged) this.handle.dataset.dragged = "";
      if ("dragged" in this.handle.dataset) this.onMove(moveFocus(layout, across, down));
    };
    const end = () => {
      drag.abort();
      this.handle.classList.remove("held");
      setTimeout(() => delete this.handle.dataset.dragged); // once the click that follows is over
    };
    this.handle.addEventListener("pointermove", move, { signal });
    this.handle.addEventListener("pointerup", end, { signal });
    this.handle.addEventListener("pointercancel", end, { signal });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const layout = this.#layout;
    if (!layout?.axis) return;
    const step = STEP * (event.shiftKey ? 10 : 1);
    /** @type {Record<string, [number, number]>} */
    const far = { Home: [-1, -1], End: [1, 1] };
    const [across, down] = far[event.key] ?? (ARROWS[event.key] ?? []).map((way) => way * step);
    if (across === undefined) return;
    event.preventDefault();
    this.onMove(moveFocus(layout, across, down));
  }
}
