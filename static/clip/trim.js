// The cut on its strip of film: two sliders, two numbers and the player, kept in step.

import { fillStrip, find, findButton, findInput } from "../elements.js";
import { floor, formatTime, round } from "../format.js";
import { say } from "../language.js";
import { drawStills } from "../stills.js";
import { clamp, dragEnd, dragStart } from "./cut.js";

/** @import { Cut } from "./cut.js" */

const STRIP_FRAMES = 12;
const STRIP_HEIGHT = 72;

export class Trim {
  #duration = 0;
  /** Tells the room that the cut has. */
  readRoom = () => ({ start: 0, end: this.#duration });

  /**
   * @param {HTMLFormElement} form
   * @param {() => void} onChange
   */
  constructor(form, onChange) {
    this.onChange = onChange;
    this.box = find(form, ".trim", HTMLElement);
    this.video = find(form, "video", HTMLVideoElement);
    this.start = findInput(form, "start");
    this.end = findInput(form, "end");
    this.startSlider = findInput(form, "start_slider");
    this.endSlider = findInput(form, "end_slider");
    this.#listen(form);
  }

  /** @param {HTMLFormElement} form */
  #listen(form) {
    const { start, end, startSlider, endSlider } = this;
    startSlider.addEventListener("input", () => this.drag("start", startSlider.valueAsNumber));
    endSlider.addEventListener("input", () => this.drag("end", endSlider.valueAsNumber));
    for (const input of [start, end]) {
      input.addEventListener("input", () => this.#drawCut());
      input.addEventListener("change", () => this.seek(Number(input.value)));
    }
    findButton(form, "start-here").addEventListener("click", () => this.#useCurrentTime(start));
    findButton(form, "end-here").addEventListener("click", () => this.#useCurrentTime(end));
  }

  get duration() {
    return this.#duration;
  }

  /** Where the player stands, in seconds. */
  get time() {
    return this.video.currentTime;
  }

  /** The cut as it is typed; 0 for a time that is empty. */
  get cut() {
    return { start: Number(this.start.value), end: Number(this.end.value) };
  }

  /** The cut as it is typed; NaN for a time that is empty. */
  get typed() {
    return { start: this.start.valueAsNumber, end: this.end.valueAsNumber };
  }

  /**
   * Set the video's length: once the browser knows it, and again once the server does.
   * @param {number} duration
   */
  setDuration(duration) {
    const wasWhole = this.cut.end === this.#duration;
    this.#duration = floor(duration, 2);
    const inputs = [this.start, this.end, this.startSlider, this.endSlider];
    for (const input of inputs) input.max = String(this.#duration);
    if (wasWhole) this.end.value = String(this.#duration);
    this.#drawCut();
  }

  reset() {
    this.#duration = 0;
    this.start.value = this.end.value = "0";
    this.#drawCut();
  }

  /** @param {Cut} cut NaN for a time that is left empty */
  choose({ start, end }) {
    this.#show({ start, end: Math.min(end, this.#duration) });
    this.seek(start || 0);
  }

  /**
   * Move an end of the cut, and show that moment.
   * @param {"start" | "end"} edge
   * @param {number} seconds
   */
  drag(edge, seconds) {
    const drag = edge === "start" ? dragStart : dragEnd;
    const cut = drag(this.cut, seconds, this.readRoom());
    this.#show({ start: round(cut.start, 2), end: round(cut.end, 2) });
    this.seek(cut[edge]);
  }

  /** @param {HTMLInputElement} input */
  #useCurrentTime(input) {
    input.value = String(round(Math.min(this.video.currentTime, this.#duration), 2));
    this.#drawCut();
  }

  /** @param {Cut} cut */
  #show({ start, end }) {
    this.start.value = Number.isNaN(start) ? "" : String(start);
    this.end.value = Number.isNaN(end) ? "" : String(end);
    this.#drawCut();
  }

  /** Bring the handles in line with the numbers, which stay as they were typed. */
  #drawCut() {
    const { start, end } = this.cut;
    const toShare = (/** @type {number} */ seconds) => clamp(seconds / this.#duration, 0, 1);
    this.startSlider.value = String(start);
    this.endSlider.value = String(end);
    this.startSlider.setAttribute("aria-valuetext", formatTime(start));
    this.endSlider.setAttribute("aria-valuetext", formatTime(end));
    this.box.style.setProperty("--from", String(toShare(start) || 0));
    this.box.style.setProperty("--to", String(this.#duration ? toShare(end) : 1));
    this.onChange();
  }

  /** @param {number} seconds */
  seek(seconds) {
    this.video.currentTime = clamp(seconds, 0, this.#duration);
  }

  /**
   * Mark on the strip the parts that are not edited, and say which one is.
   * @param {Cut[]} cuts in the order of the video
   * @param {Cut} current
   */
  markParts(cuts, current) {
    const part = cuts.indexOf(current) + 1;
    const [start, end] =
      cuts.length > 1
        ? [
            say("Start of part {part}, in seconds", { part }),
            say("End of part {part}, in seconds", { part }),
          ]
        : [say("Start of the clip, in seconds"), say("End of the clip, in seconds")];
    this.startSlider.setAttribute("aria-label", start);
    this.endSlider.setAttribute("aria-label", end);
    const marks = cuts.flatMap((cut, index) => {
      if (cut === current || !(cut.end > cut.start)) return [];
      const mark = document.createElement("span");
      mark.style.setProperty("--from", String(cut.start / this.#duration || 0));
      mark.style.setProperty("--to", String(cut.end / this.#duration || 0));
      mark.textContent = String(index + 1);
      return [mark];
    });
    find(this.box, ".trim-parts", HTMLElement).replaceChildren(...marks);
  }

  /**
   * Mark on the strip where scenes begin.
   * @param {Cut[]} scenes
   */
  markScenes(scenes) {
    const marks = scenes.slice(1).map(({ start }) => {
      const mark = document.createElement("span");
      mark.style.setProperty("--at", String(start / this.#duration || 0));
      return mark;
    });
    find(this.box, ".trim-scenes", HTMLElement).replaceChildren(...marks);
  }

  /** Show on the strip where the video stands. */
  follow() {
    const at = this.video.currentTime / this.#duration || 0;
    this.box.style.setProperty("--at", String(at));
  }
}

/**
 * Draw some frames of a video onto a strip and return them as pictures; none where it cannot play.
 * @param {HTMLElement} strip
 * @param {string} url
 * @param {AbortSignal} signal
 */
export async function drawStrip(strip, url, signal) {
  fillStrip(strip, []);
  const pictures = await drawStills(url, { count: STRIP_FRAMES, height: STRIP_HEIGHT, signal });
  if (pictures.length && !signal.aborted) fillStrip(strip, pictures);
  return pictures;
}
