// What the apps of places cover of an upright clip: their names, buttons and texts.

import { find, findPart, tell } from "../../elements.js";
import { say } from "../../language.js";

/** @import { Box } from "./layout.js" */

/**
 * What covers a part of the clip. What is only there in advertisements is `rare`.
 * @typedef {{name: string, box: Box, rare?: boolean}} Cover
 */

const UPRIGHT = 1.5; // times as high as wide: what these apps show from edge to edge
const [TOP, BOTTOM, SIDE, RAIL] = [0.14, 0.2, 0.06, 120 / 1080];
const ADS_BOTTOM = 0.35; // of Meta's advertisements
const LOWER_HALF = 0.5;
const NARROW = 0.2; // of the clip: a name has no room in it from side to side
const ONLY_UPRIGHT = say("These apps cover only tall clips: choose the shape 9:16.");

/**
 * Return what covers a clip.
 * @param {string} place
 * @returns {Cover[]}
 */
function listCovers(place) {
  if (!["tiktok", "instagram", "youtube"].includes(place)) return [];
  const rail = 1 - BOTTOM - LOWER_HALF;
  /** @type {Cover[]} */
  const covers = [
    { name: say("Search and tabs"), box: [0, 0, 1, TOP] },
    { name: say("Name and text"), box: [0, 1 - BOTTOM, 1, BOTTOM] },
    { name: "", box: [0, TOP, SIDE, 1 - TOP - BOTTOM] },
    { name: "", box: [1 - SIDE, TOP, SIDE, LOWER_HALF - TOP] },
    { name: say("Buttons"), box: [1 - RAIL, LOWER_HALF, RAIL, rail] },
  ];
  if (place !== "instagram") return covers;
  /** @type {Box} */
  const ads = [SIDE, 1 - ADS_BOTTOM, 1 - SIDE - RAIL, ADS_BOTTOM - BOTTOM];
  return [...covers, { name: say("In ads"), box: ads, rare: true }];
}

export class SafeAreas {
  #isUpright = false;
  /** The app that is shown because the clip goes there. */
  #followed = "";
  /** The place that is followed once the clip is upright. */
  #awaited = "";

  /**
   * @param {HTMLFormElement} form
   */
  constructor(form) {
    this.layer = findPart(form, "safe-areas");
    this.line = findPart(form, "safe-line");
    this.select = find(form, "[name=safe_areas]", HTMLSelectElement);
    const place = find(form, "[name=place]", HTMLSelectElement);
    place.addEventListener("input", () => this.#follow(place.value));
    this.select.addEventListener("input", () => this.stay());
  }

  /** Stay with the app that is chosen, also when the clip becomes upright. */
  stay() {
    this.#awaited = "";
  }

  /**
   * Show what the app covers that the clip goes to, unless another one was chosen.
   * @param {string} place
   */
  #follow(place) {
    if (this.select.value && this.select.value !== this.#followed) return;
    this.#awaited = this.#isUpright ? "" : place;
    this.#followed = this.#isUpright && listCovers(place).length ? place : "";
    this.select.value = this.#followed;
  }

  /** @param {number} ratio of the clip's width and height */
  show(ratio) {
    this.#isUpright = 1 / ratio > UPRIGHT;
    if (this.#isUpright && this.#awaited) this.#follow(this.#awaited);
    const covers = listCovers(this.select.value);
    this.layer.replaceChildren(...(this.#isUpright ? covers.map(drawCover) : []));
    tell(this.line, covers.length && !this.#isUpright ? ONLY_UPRIGHT : "");
  }
}

/** @param {Cover} cover */
function drawCover({ name, box, rare = false }) {
  const part = document.createElement("span");
  part.textContent = name;
  part.classList.toggle("rare", rare);
  part.classList.toggle("narrow", box[2] < NARROW);
  ["left", "top", "width", "height"].forEach((side, index) => {
    part.style.setProperty(side, `${100 * box[index]}%`);
  });
  return part;
}
