// Playing the parts of a video one after another, as the clip will have them.

/** @import { Cut } from "./cut.js" */

export class Playback {
  /** @type {Cut[]} the one that is played, and those after it */
  #left = [];

  /**
   * @param {HTMLButtonElement} button
   * @param {HTMLVideoElement} video
   * @param {() => {cuts: Cut[], speed: number}} read what is to be played
   */
  constructor(button, video, read) {
    this.video = video;
    this.read = read;
    button.addEventListener("click", () => this.play(this.read()));
    video.addEventListener("pause", () => this.#end());
  }

  /** @param {{cuts: Cut[], speed: number}} playable */
  play({ cuts, speed }) {
    if (!cuts.length) return;
    this.video.currentTime = cuts[0].start;
    this.video.playbackRate = speed;
    this.video.play().then(
      () => (this.#left = cuts),
      () => this.#end(), // this browser cannot play it
    );
  }

  /** Go to the next part where one has ended. */
  follow() {
    const [playing, next] = this.#left;
    if (!playing || this.video.currentTime < playing.end) return;
    this.#left = this.#left.slice(1);
    if (!next) this.video.pause();
    else if (next.start > playing.end) this.video.currentTime = next.start;
  }

  #end() {
    this.#left = [];
    this.video.playbackRate = 1;
  }
}
