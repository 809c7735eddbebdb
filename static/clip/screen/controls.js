// The controls below the screen: play, sound, and the time, which is also a way through the video.

import { find, findButton, findInput, findPart } from "../../elements.js";
import { formatTime, round } from "../../format.js";
import { say } from "../../language.js";

const STEP = 5; // seconds that Page Up and Page Down go

export class Controls {
  /**
   * @param {HTMLElement} root
   * @param {HTMLVideoElement} video
   */
  constructor(root, video) {
    this.root = root;
    this.video = video;
    this.play = findButton(root, "play");
    this.sound = findButton(root, "sound");
    this.range = findInput(root, "time");
    this.line = findPart(root, "time-line");
    this.play.addEventListener("click", () => this.toggle());
    this.sound.addEventListener("click", () => {
      video.muted = !video.muted;
    });
    this.range.addEventListener("input", (event) => {
      event.stopPropagation(); // it is no choice of the form around it
      this.seek(this.range.valueAsNumber);
    });
    this.range.addEventListener("keydown", (event) => this.#key(event));
    for (const name of ["play", "pause", "volumechange", "durationchange", "emptied"]) {
      video.addEventListener(name, () => this.draw());
    }
  }

  toggle() {
    // Some videos cannot be played.
    if (this.video.paused) this.video.play().catch(() => this.draw());
    else this.video.pause();
  }

  /** @param {number} seconds */
  seek(seconds) {
    this.video.currentTime = Math.max(0, Math.min(seconds, this.video.duration || 0));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === " ") this.toggle();
    else if (event.key === "PageUp") this.seek(this.video.currentTime + STEP);
    else if (event.key === "PageDown") this.seek(this.video.currentTime - STEP);
    else return;
    event.preventDefault();
  }

  draw() {
    const { paused, muted, currentTime } = this.video;
    const duration = Number.isFinite(this.video.duration) ? this.video.duration : 0;
    const sign = find(this.play, "use", SVGUseElement);
    sign.setAttribute("href", paused ? "#icon-play" : "#icon-pause");
    this.play.setAttribute("aria-label", paused ? say("Play the video") : say("Pause the video"));
    this.sound.setAttribute("aria-pressed", String(!muted));
    this.range.max = String(round(duration, 2));
    this.range.value = String(round(currentTime, 2));
    const times = [currentTime, duration].map((time) => formatTime(Math.floor(time)));
    const [time, end] = times;
    this.range.setAttribute("aria-valuetext", say("{time} of {end}", { time, end }));
    const line = times.join(" / ");
    if (this.line.textContent !== line) this.line.textContent = line;
  }
}
