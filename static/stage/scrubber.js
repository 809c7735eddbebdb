// The film strip of a preview, along which its time is dragged.

import { fillStrip, find } from "../elements.js";
import { formatTime } from "../format.js";
import { say } from "../language.js";
import { findSeen } from "./timeline.js";

/** @import { Plan } from "./timeline.js" */

const CELL_WIDTH = 60; // pixels, about
const [FEWEST, MOST] = [6, 24];

export class Scrubber {
  #strip = "";

  /**
   * @param {HTMLElement} root
   * @param {(frame: number) => void} onSeek
   */
  constructor(root, onSeek) {
    this.root = root;
    this.strip = find(root, ".strip", HTMLElement);
    this.range = find(root, "input", HTMLInputElement);
    this.range.addEventListener("input", (event) => {
      event.stopPropagation(); // it is no choice of the form around it
      onSeek(this.range.valueAsNumber);
    });
  }

  /**
   * Show the pictures of a slideshow at equal distances.
   * @param {Plan} plan
   * @param {(photo: number) => string} findPicture
   */
  load({ frames, timeline: { slides } }, findPicture) {
    this.range.max = String(frames - 1);
    const fit = Math.round(this.strip.clientWidth / CELL_WIDTH);
    const count = Math.min(Math.max(fit, FEWEST), MOST);
    const pictures = Array.from({ length: count }, (_, index) => {
      const frame = Math.floor(((index + 0.5) * frames) / count);
      return findPicture(findSeen(slides, frame).photo);
    });
    const strip = pictures.join(" ");
    if (strip === this.#strip) return;
    this.#strip = strip;
    fillStrip(this.strip, pictures);
  }

  /**
   * @param {number} frame
   * @param {{frames: number, fps: number}} plan
   * @param {string} description of the frame
   */
  show(frame, { frames, fps }, description) {
    this.range.value = String(frame);
    this.root.style.setProperty("--at", String(frame / Math.max(frames - 1, 1)));
    const [time, end] = [Math.floor(frame / fps), frames / fps].map(formatTime);
    const text = say("{time} of {end}. {description}", { time, end, description });
    this.range.setAttribute("aria-valuetext", text);
  }
}
