// What the stage shows while photos are on their way: the first one from its file, until there is a
// plan to play, and how many are here.

import { find, findPart, tell } from "../elements.js";
import { say } from "../language.js";
import { sayChecking } from "../slideshow/counts.js";

/**
 * @typedef {{id?: string, thumbnail?: string, preview?: string | null, state?: string,
 *   video?: unknown}} Arriving */

export class Waiting {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.picture = find(root, ".stage-first", HTMLImageElement);
    this.line = findPart(root, "stage-wait");
    // Not every browser shows every kind of photo, such as HEIC.
    this.picture.addEventListener("error", () => (this.picture.hidden = true));
    this.picture.addEventListener("load", () => (this.picture.hidden = false));
  }

  /**
   * @param {Arriving[]} photos
   * @param {boolean} hasPlan whether there is something to play
   */
  draw(photos, hasPlan) {
    tell(this.line, describeArrival(photos));
    const source = hasPlan ? "" : findFirst(photos);
    if (source === (this.picture.getAttribute("src") ?? "")) return;
    this.picture.hidden = true; // until it is loaded
    if (source) this.picture.src = source;
    else this.picture.removeAttribute("src");
  }
}

/**
 * Return the address of the picture that is seen first; an empty one where there is none.
 * @param {Arriving[]} photos
 */
function findFirst([first]) {
  const { preview, thumbnail } = first ?? {};
  return preview || thumbnail || ""; // the small one, which the sheet has loaded
}

/**
 * Say which photo is on its way, or that all are looked at; an empty sentence when all are here.
 * @param {Arriving[]} photos
 */
export function describeArrival(photos) {
  const missing = photos.filter(({ id }) => !id);
  if (!missing.length) return "";
  const unsent = missing.filter(({ state }) => state !== "checking");
  if (!unsent.length) return sayChecking(photos);
  const isHeldUp = unsent.every(({ state }) => state === "lost");
  const number = photos.length - unsent.length + 1;
  return isHeldUp
    ? say("Waiting to send {number} of {count}", { number, count: photos.length })
    : say("Sending {number} of {count}", { number, count: photos.length });
}
