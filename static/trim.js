// The cut on its strip of film: two sliders, two numbers and the player, kept in step.

import { act, fillStrip } from "./elements.js";

const SHORTEST_CUT = 0.1;
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
    start.addEventListener("change", () => this.#setStart(Number(start.value)));
    end.addEventListener("change", () => this.#setEnd(Number(end.value)));
    const here = () => this.video.currentTime;
    act(form, "start-here").addEventListener("click", () => this.#setStart(here(), false));
    act(form, "end-here").addEventListener("click", () => this.#setEnd(here(), false));
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

  /** Set the video's length: once the browser knows it, and again once the server does. */
  setDuration(duration) {
    const wasWhole = !this.#duration || this.range[1] >= this.#duration;
    this.#duration = Math.floor(duration * 100) / 100;
    const inputs = [this.start, this.end, this.startSlider, this.endSlider];
    for (const input of inputs) input.max = this.#duration;
    this.#show(this.range[0], wasWhole ? this.#duration : this.range[1]);
  }

  reset() {
    this.#duration = 0;
    this.start.value = this.end.value = 0;
  }

  #setStart(seconds, seek = true) {
    const last = Math.max(0, this.#duration - SHORTEST_CUT);
    const start = Math.min(Math.max(0, seconds), last);
    this.#show(start, Math.max(this.range[1], start + SHORTEST_CUT));
    if (seek) this.video.currentTime = start;
  }

  #setEnd(seconds, seek = true) {
    const end = Math.max(Math.min(seconds, this.#duration), SHORTEST_CUT);
    this.#show(Math.min(this.range[0], end - SHORTEST_CUT), end);
    if (seek) this.video.currentTime = end;
  }

  #show(from, to) {
    const start = Math.round(from * 100) / 100;
    const end = Math.round(Math.min(to, this.#duration) * 100) / 100;
    this.start.value = this.startSlider.value = start;
    this.end.value = this.endSlider.value = end;
    this.box.style.setProperty("--from", start / this.#duration || 0);
    this.box.style.setProperty("--to", end / this.#duration || 1);
    this.onChange();
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
