// Carrying a photo over the contact sheet: with the mouse at once, with a finger after a long press,
// so that the page still scrolls. A copy follows the pointer, and the others make room.

import { findAround } from "../../elements.js";
import { findCell, findSeen, locateCell, shiftIndex } from "./grid.js";
import { measure, measureWindow } from "./measure.js";

/** @import { Layout } from "./measure.js" */

const PRESS_MS = 250;
const THRESHOLD = { mouse: 6, touch: 10 }; // pixels; less is no movement
const EDGE = 72; // pixels at which the page begins to scroll
const FASTEST = 1.6; // pixels per millisecond
const LANDING_MS = 140;

/**
 * @typedef {object} Carried
 * @property {HTMLElement} item
 * @property {HTMLElement} ghost
 * @property {number} from index
 * @property {{x: number, y: number}} grip from the corner of the item to the pointer
 * @property {Layout} layout
 * @property {[number, number]} sight the part of the window that no bar covers
 * @property {AbortController} end ends the listening to what carries it
 */

export class Drag {
  /** @type {Carried | null} */
  #carried = null;
  #pointer = { x: 0, y: 0 };
  /** Those that have made room. */
  #shifted = /** @type {Set<HTMLElement>} */ (new Set());
  #isClickOver = false;

  /**
   * @param {HTMLElement} list
   * @param {{onLift: (item: HTMLElement) => number, onDrop: (from: number, to: number) => void}} options
   *   `onLift` returns how many photos are carried
   */
  constructor(list, { onLift, onDrop }) {
    this.list = list;
    this.onLift = onLift;
    this.onDrop = onDrop;
    list.addEventListener("pointerdown", (event) => this.#press(event));
    const hold = (/** @type {Event} */ event) => {
      if (this.#carried && event.cancelable) event.preventDefault(); // else the page would scroll
    };
    list.addEventListener("touchmove", hold, { passive: false });
    const stopClick = (/** @type {Event} */ event) => {
      if (this.#isClickOver) event.stopPropagation(); // it ends the carrying
    };
    list.addEventListener("click", stopClick, { capture: true });
  }

  get isOn() {
    return this.#carried !== null;
  }

  /** @param {PointerEvent} start */
  #press(start) {
    this.#isClickOver = false;
    const item = findAround(start, ".photo");
    if (!item || start.button || !start.isPrimary || this.#carried) return;
    const end = new AbortController();
    const { signal } = end;
    const isTouch = start.pointerType === "touch";
    const lift = () => this.#lift(item, start, end);
    const timer = isTouch ? setTimeout(lift, PRESS_MS) : undefined;
    signal.addEventListener("abort", () => clearTimeout(timer));
    const move = (/** @type {PointerEvent} */ event) => {
      this.#pointer = { x: event.clientX, y: event.clientY };
      if (this.#carried) return;
      const moved = Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY);
      if (moved < THRESHOLD[isTouch ? "touch" : "mouse"]) return;
      if (isTouch) {
        end.abort();
      } // the finger scrolls
      else lift();
    };
    this.#pointer = { x: start.clientX, y: start.clientY };
    addEventListener("pointermove", move, { signal });
    addEventListener("pointerup", () => this.#end(end, true), { signal });
    addEventListener("pointercancel", () => this.#end(end, false), { signal });
    const hold = (/** @type {Event} */ event) => event.preventDefault();
    if (isTouch) addEventListener("contextmenu", hold, { signal });
    else addEventListener("selectstart", hold, { signal });
  }

  /**
   * @param {HTMLElement} item
   * @param {PointerEvent} start
   * @param {AbortController} end
   */
  #lift(item, start, end) {
    const escape = (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      this.#end(end, false);
    };
    addEventListener("keydown", escape, { signal: end.signal });
    addEventListener("resize", () => this.#end(end, false), { signal: end.signal });
    const box = item.getBoundingClientRect();
    const from = [...this.list.children].indexOf(item);
    const grip = { x: start.clientX - box.left, y: start.clientY - box.top };
    const ghost = copyItem(item, this.onLift(item));
    document.body.append(ghost);
    const [layout, sight] = [measure(this.list), measureWindow()];
    this.#carried = { item, ghost, from, grip, layout, sight, end };
    item.classList.add("gap");
    this.list.classList.add("reordering");
    navigator.vibrate?.(10);
    this.#follow(performance.now());
  }

  /**
   * Draw one frame of the movement, and ask for the next.
   * @param {number} before when the last one was drawn, in milliseconds
   */
  #follow(before) {
    if (!this.#carried) return;
    const { ghost, grip, from, layout, sight } = this.#carried;
    const { x, y } = this.#pointer;
    const now = performance.now();
    const speed = findSpeed(y, ...sight);
    if (speed) scrollBy({ top: speed * (now - before), behavior: "instant" });
    const [to, top] = [this.#locate(layout), layout.top - scrollY]; // read before all is changed
    ghost.style.translate = `${x - grip.x}px ${y - grip.y}px`;
    this.#makeRoom(layout, findSeen(layout, -top, innerHeight - top), from, to);
    requestAnimationFrame(() => this.#follow(now));
  }

  /**
   * Return the index of the cell under the pointer.
   * @param {Layout} layout
   */
  #locate(layout) {
    const { x, y } = this.#pointer;
    return findCell(layout, { x: x - layout.left + scrollX, y: y - layout.top + scrollY });
  }

  /**
   * Show those that are seen where they would be.
   * @param {Layout} layout
   * @param {[number, number]} seen the first and the last index
   * @param {number} from
   * @param {number} to
   */
  #makeRoom(layout, [first, last], from, to) {
    const shift = (/** @type {number} */ index) => {
      const item = /** @type {HTMLElement} */ (this.list.children[index]);
      const [here, there] = [index, shiftIndex(index, from, to)].map((cell) =>
        locateCell(layout, cell),
      );
      const translate = `${there.x - here.x}px ${there.y - here.y}px`;
      if ((item.style.translate || "0px 0px") === translate) return;
      item.style.translate = translate;
      this.#shifted.add(item);
    };
    for (let index = first; index <= last; index++) shift(index);
    if (from < first || from > last) shift(from);
  }

  /**
   * Put down what is carried, or put it back.
   * @param {AbortController} end
   * @param {boolean} isDropped
   */
  #end(end, isDropped) {
    end.abort();
    if (!this.#carried) return;
    const { item, ghost, from, layout } = this.#carried;
    const to = isDropped ? this.#locate(layout) : from; // the last frame may be of an earlier place
    this.#carried = null;
    this.#isClickOver = true;
    setTimeout(() => (this.#isClickOver = false)); // a click would come before
    if (from !== to) this.onDrop(from, to);
    this.#clear();
    land(ghost, item);
  }

  /** Put back what is carried, as other photos have changed places meanwhile. */
  cancel() {
    if (this.#carried) this.#end(this.#carried.end, false);
    this.#clear();
  }

  /** Show all photos where they belong. */
  #clear() {
    this.list.classList.remove("reordering");
    this.#shifted.forEach((item) => (item.style.translate = ""));
    this.#shifted.clear();
  }
}

/**
 * Return the pixels per millisecond to scroll by while something is held at the edge of the window.
 * @param {number} y of the pointer
 * @param {number} top of the part that no bar covers
 * @param {number} bottom
 */
export function findSpeed(y, top, bottom) {
  const toShare = (/** @type {number} */ depth) => Math.max(0, Math.min(1, depth / EDGE));
  return FASTEST * (toShare(y - (bottom - EDGE)) ** 2 - toShare(top + EDGE - y) ** 2);
}

/**
 * Copy a frame, to follow the pointer.
 * @param {HTMLElement} item
 * @param {number} count of the photos that come along
 */
function copyItem(item, count) {
  const ghost = /** @type {HTMLElement} */ (item.cloneNode(true));
  ghost.classList.add("ghost");
  ghost.setAttribute("aria-hidden", "true");
  ghost.inert = true;
  ghost.style.width = `${item.offsetWidth}px`;
  if (count > 1) ghost.dataset.count = String(count);
  return ghost;
}

/**
 * Let the copy glide to the photo's place, where people like that, and take it away.
 * @param {HTMLElement} ghost
 * @param {HTMLElement} item
 */
function land(ghost, item) {
  const finish = () => {
    ghost.remove();
    item.classList.remove("gap");
  };
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
    finish();
    return;
  }
  const { left, top } = item.getBoundingClientRect();
  const options = { duration: LANDING_MS, easing: "ease-out" };
  ghost.classList.add("landing");
  ghost.animate([{ translate: `${left}px ${top}px` }], options).finished.then(finish, finish);
}
