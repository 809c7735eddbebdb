// One frame of the contact sheet.

import { copyTemplate, find, findPart } from "../../elements.js";
import { formatTime } from "../../format.js";
import { say } from "../../language.js";
import { sayPlace } from "../counts.js";
import { findFault, isChosen, measureVideo } from "../photo.js";

/** @import { Photo } from "../photo.js" */

/**
 * What a frame shows beside its photo.
 * @typedef {object} Place
 * @property {number} index
 * @property {number} count of all photos
 * @property {boolean} isPicked whether it is selected
 * @property {string} fault a sentence; empty when nothing is wrong
 */

export class Frame {
  /** What is drawn, to draw only what changes: a sheet may have hundreds of frames. */
  #drawn = "";

  /** @param {Photo} photo */
  constructor(photo) {
    this.photo = photo;
    this.root = copyTemplate("photo-template");
    this.button = find(this.root, ".frame", HTMLButtonElement);
    this.image = find(this.root, "img", HTMLImageElement);
    findPart(this.root, "name").textContent = photo.name;
    const { image } = this;
    image.addEventListener("error", () => (image.hidden = true)); // HEIC, until its thumbnail is here
    image.addEventListener("load", () => (image.hidden = false));
  }

  /** @param {Place} place */
  draw(place) {
    this.#drawImage();
    const { photo } = this;
    const { state, choice, size, sent } = photo;
    const length = describeLength(photo);
    const { rotate = 0 } = choice;
    const share = size ? sent / size : 1;
    const own = isChosen(choice);
    const drawn = [...Object.values(place), state, length, rotate, share, own].join("|");
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const { root } = this;
    root.dataset.state = state;
    root.classList.toggle("picked", place.isPicked);
    root.classList.toggle("faulty", Boolean(place.fault));
    root.classList.toggle("chosen", own);
    root.classList.toggle("sideways", rotate % 180 !== 0);
    root.style.setProperty("--turn", `${rotate}deg`);
    root.style.setProperty("--sent", String(share));
    find(root, ".video-mark", HTMLElement).hidden = !photo.video;
    findPart(root, "length").textContent = length;
    findPart(root, "number").textContent = String(place.index + 1);
    this.button.setAttribute("aria-pressed", String(place.isPicked));
    this.button.setAttribute("aria-label", describePlace(photo, place, length));
  }

  #drawImage() {
    const source = this.photo.thumbnail ?? this.photo.preview;
    if (!source || this.image.getAttribute("src") === source) return;
    this.image.src = source;
    this.image.title = this.photo.name;
  }
}

/** @param {Photo} photo */
function describeLength(photo) {
  const { video, choice } = photo;
  return video?.duration && !findFault(photo) ? formatTime(measureVideo(video, choice)) : "";
}

/**
 * @param {Photo} photo
 * @param {Place} place
 * @param {string} length
 */
function describePlace(photo, { index, count, fault }, length) {
  const { name, choice } = photo;
  const parts = [sayPlace(photo, index + 1, count), name];
  if (length) parts.push(length);
  if (isChosen(choice)) parts.push(say("with its own settings"));
  if (fault) parts.push(say("needs a change: {fault}", { fault }));
  return parts.join(", ");
}
