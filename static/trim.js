// The cut on its strip of film: two sliders, two numbers and the player, kept in step.

import { act, fillStrip } from "./elements.js";
import { formatNumber } from "./format.js";

const SHORTEST_CUT = 0.1;
const HANDLE_GAP = 0.11; // a little more, or rounding could make a cut too short
const STRIP_FRAMES = 12;
const SEEK_MS = 3000;

export class Trim {
  #duration = 0;
  #playingCut = false;

  constructor(form, onChange) {
    this.onChange = onChange;
    this.box = form.querySelector(".trim");
    this.video = form.querySelector("video");
    const { start, end, start_slider: startSlider, end_slider: endSlider } = form.elements;
    Object.assign(this, { start, end, startSlider, endSlider });
    startSlider.addEventListener("input", () => this.#setStart(Number(startSlider.value)));
    endSlider.addEventListener("input", () => this.#setEnd(Number(endSlider.value)));
    for (const input of [start, end]) {
      input.addEventListener("input", () => this.#drawRange());
      input.addEventListener("change", () => this.#seek(Number(input.value)));
    }
    act(form, "start-here").addEventListener("click", () => this.#useCurrentTime(start));
    act(form, "end-here").addEventListener("click", () => this.#useCurrentTime(end));
    act(form, "play-cut").addEventListener("click", () => this.#play());
    this.video.addEventListener("timeupdate", () => this.#follow());
    this.video.addEventListener("pause", () => (this.#playingCut = false));
  }

  get duration() {
    return this.#duration;
  }

  get range() {
    return [Number(this.start.value), Number(this.end.value)];
  }

  /** What is wrong with the times as they stand: a sentence, or nothing. */
  get complaint() {
    const [start, end] = [this.start.valueAsNumber, this.end.valueAsNumber];
    if (!this.#duration) return "";
    if (Number.isNaN(start) || Number.isNaN(end)) return "Type a start and an end, in seconds.";
    if (start < 0) return "The start must be 0 or later.";
    if (Math.max(start, end) > this.#duration) return `The video ends at ${formatNumber(this.#duration)} s.`;
    if (end <= start) return "The end must be after the start.";
    return end - start < SHORTEST_CUT ? `A clip lasts at least ${SHORTEST_CUT} s.` : "";
  }

  /** Set the video's length: once the browser knows it, and again once the server does. */
  setDuration(duration) {
    const wasWhole = this.range[1] === this.#duration;
    this.#duration = Math.floor(duration * 100) / 100;
    const inputs = [this.start, this.end, this.startSlider, this.endSlider];
    for (const input of inputs) input.max = this.#duration;
    if (wasWhole) this.end.value = this.#duration;
    this.#drawRange();
  }

  reset() {
    this.#duration = 0;
    this.start.value = this.end.value = 0;
    this.#drawRange();
  }

  /** A handle was dragged: it pushes the other along. */
  #setStart(seconds) {
    const last = Math.max(0, this.#duration - HANDLE_GAP);
    const start = Math.min(Math.max(0, seconds), last);
    this.#show(start, Math.max(this.range[1], start + HANDLE_GAP));
    this.#seek(start);
  }

  #setEnd(seconds) {
    const end = Math.max(Math.min(seconds, this.#duration), HANDLE_GAP);
    this.#show(Math.min(this.range[0], end - HANDLE_GAP), end);
    this.#seek(end);
  }

  #useCurrentTime(input) {
    input.value = this.#round(this.video.currentTime);
    this.#drawRange();
  }

  #show(from, to) {
    this.start.value = this.#round(Math.max(0, from));
    this.end.value = this.#round(to);
    this.#drawRange();
  }

  /** Bring the handles in line with the numbers, which stay as they were typed. */
  #drawRange() {
    const [start, end] = this.range;
    const share = (seconds) => Math.min(1, Math.max(0, seconds / this.#duration));
    this.startSlider.value = start;
    this.endSlider.value = end;
    this.box.style.setProperty("--from", share(start) || 0);
    this.box.style.setProperty("--to", this.#duration ? share(end) : 1);
    this.onChange();
  }

  #round(seconds) {
    return Math.round(Math.min(seconds, this.#duration) * 100) / 100;
  }

  #seek(seconds) {
    this.video.currentTime = Math.min(Math.max(0, seconds), this.#duration);
  }

  #play() {
    this.video.currentTime = this.range[0];
    this.video.play().then(
      () => (this.#playingCut = true),
      () => {}, // nothing that this browser can play
    );
  }

  #follow() {
    this.box.style.setProperty("--at", this.video.currentTime / this.#duration || 0);
    if (this.#playingCut && this.video.currentTime >= this.range[1]) this.video.pause();
  }
}

/** Draw some frames of a video onto a strip; answers them as pictures. Empty where it cannot play. */
export async function drawStrip(strip, url, signal) {
  fillStrip(strip, []);
  const video = document.createElement("video");
  Object.assign(video, { muted: true, preload: "auto", src: url });
  const canvas = document.createElement("canvas");
  const pictures = [];
  try {
    await happening(video, "loadeddata");
    canvas.height = 72;
    canvas.width = Math.round((72 * video.videoWidth) / video.videoHeight);
    for (let index = 0; index < STRIP_FRAMES && !signal.aborted; index++) {
      video.currentTime = (video.duration * (index + 0.5)) / STRIP_FRAMES;
      await happening(video, "seeked");
      canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
      pictures.push(canvas.toDataURL("image/jpeg", 0.7));
    }
  } catch {
    return []; // plain frames will do
  } finally {
    video.removeAttribute("src");
    video.load();
  }
  if (!signal.aborted) fillStrip(strip, pictures);
  return pictures;
}

function happening(video, name) {
  return new Promise((resolve, reject) => {
    video.addEventListener(name, resolve, { once: true });
    video.addEventListener("error", reject, { once: true });
    setTimeout(reject, SEEK_MS);
  });
}
