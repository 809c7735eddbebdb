// The layer of the screen on which captions are drawn, at their time and in their style.

import { drawWords, whenLettersLoad } from "../../stage/words.js";
import { findFrame, listWords } from "./captions.js";

/** @import { Plan } from "./captions.js" */

const MOST_PIXELS = 1280; // of the longer side
const MOST_DENSE = 2;

export class CaptionLayer {
  /** @type {Plan | null} */
  #plan = null;
  #drawn = "";

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => number} readTime tells where the video stands
   */
  constructor(canvas, readTime) {
    this.canvas = canvas;
    this.readTime = readTime;
    new ResizeObserver(() => this.draw()).observe(canvas);
    whenLettersLoad(() => {
      this.#drawn = "";
      this.draw();
    });
  }

  /** Whether there is a plan of what is written. */
  get isPlanned() {
    return this.#plan !== null;
  }

  /**
   * Show the captions of a plan from now on; without one, none.
   * @param {Plan | null} plan
   */
  show(plan) {
    this.#plan = plan;
    this.draw();
  }

  /** Draw what is seen now, unless it is there. */
  draw() {
    const { canvas } = this;
    const plan = this.#plan;
    const words = plan ? listWords(plan, findFrame(plan, this.readTime())) : [];
    const { clientWidth, clientHeight } = canvas;
    const drawn = `${clientWidth} ${clientHeight} ${JSON.stringify(words)}`;
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const density = Math.min(devicePixelRatio, MOST_DENSE);
    const scale = Math.min(density, MOST_PIXELS / Math.max(clientWidth, clientHeight, 1));
    canvas.width = Math.round(clientWidth * scale); // which also clears it
    canvas.height = Math.round(clientHeight * scale);
    const context = canvas.getContext("2d");
    if (context && canvas.width && canvas.height) drawWords(context, words, 1);
  }
}
