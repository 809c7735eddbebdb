// The places of the page: one is seen at a time, and the address says which.

import { readAddress } from "./address.js";
import { find, findId } from "./elements.js";

/** @import { Address } from "./address.js" */

/** @typedef {"make" | "cut" | "videos" | "video"} PlaceName of the sections `place-…` */

/** @type {PlaceName[]} */
const NAMES = ["make", "cut", "videos", "video"];

export class Places {
  /** @type {PlaceName | null} */
  #shown = null;

  /** @param {(address: Address) => void} open is told where the address leads */
  constructor(open) {
    this.open = open;
    addEventListener("hashchange", () => open(readAddress(location.hash)));
  }

  /** The place that is seen; null until the first is shown. */
  get shown() {
    return this.#shown;
  }

  /**
   * Go to an address; the browser's Back leads back.
   * @param {string} hash
   */
  go(hash) {
    if (location.hash === hash) this.open(readAddress(hash));
    else location.hash = hash;
  }

  /**
   * Give the place that is seen another address.
   * @param {string} hash
   */
  rename(hash) {
    if (location.hash !== hash) history.replaceState(null, "", hash);
  }

  /** @param {PlaceName} name */
  show(name) {
    const isLeft = this.#shown !== null && name !== this.#shown;
    this.#shown = name;
    for (const other of NAMES) {
      findId(`place-${other}`).hidden = other !== name;
    }
    this.#mark(name);
    if (!isLeft) return; // the first place takes no focus: one begins at the head of the page
    for (const video of document.querySelectorAll("video")) video.pause();
    scrollTo({ top: 0 });
    find(findId(`place-${name}`), "h1", HTMLElement).focus({ preventScroll: true });
  }

  /** @param {PlaceName} name */
  #mark(name) {
    for (const link of document.querySelectorAll(".places a")) link.removeAttribute("aria-current");
    const isWithin = name === "video"; // one of My videos
    const link = document.querySelector(`.places [data-place="${isWithin ? "videos" : name}"]`);
    link?.setAttribute("aria-current", isWithin ? "true" : "page");
  }

  /**
   * Have the link of a place lead to what is open there.
   * @param {PlaceName} name
   * @param {string} hash
   */
  point(name, hash) {
    find(document, `.places [data-place="${name}"]`, HTMLAnchorElement).href = hash;
  }
}
