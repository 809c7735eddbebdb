// The time of a preview: which frame is shown, and that it goes on while it plays.

export class Player {
  frame = 0;
  isPlaying = false;
  #began = 0; // milliseconds, when the first frame would have been shown
  #request = 0;
  #until = Infinity; // the frame at which it pauses

  /** @param {() => void} onFrame called for each new frame, and when playing begins or ends */
  constructor(onFrame) {
    this.onFrame = onFrame;
    this.frames = 1;
    this.fps = 30;
  }

  /**
   * Take another slideshow, and stay where the time is, if it has that.
   * @param {{frames: number, fps: number}} plan
   */
  load({ frames, fps }) {
    const seconds = this.frame / this.fps;
    Object.assign(this, { frames, fps });
    this.seek(Math.round(seconds * fps));
  }

  get seconds() {
    return this.frame / this.fps;
  }

  /** @param {number} until the frame to pause at */
  play(until = Infinity) {
    this.#until = until;
    if (this.isPlaying) return;
    if (this.frame >= this.frames - 1) this.frame = 0;
    this.isPlaying = true;
    this.#restart();
    this.onFrame();
  }

  pause() {
    if (!this.isPlaying) return;
    this.isPlaying = false;
    cancelAnimationFrame(this.#request);
    this.onFrame();
  }

  toggle() {
    if (this.isPlaying) this.pause();
    else this.play();
  }

  /** @param {number} frame the nearest that there is, is taken */
  seek(frame) {
    this.frame = Math.min(Math.max(Math.round(frame), 0), this.frames - 1);
    if (this.isPlaying) this.#restart();
    this.onFrame();
  }

  #restart() {
    cancelAnimationFrame(this.#request);
    this.#began = performance.now() - (1000 * this.frame) / this.fps;
    this.#request = requestAnimationFrame((now) => this.#tick(now));
  }

  /** @param {number} now milliseconds */
  #tick(now) {
    const frame = Math.floor(((now - this.#began) * this.fps) / 1000);
    if (frame >= Math.min(this.frames, this.#until)) {
      this.frame = Math.min(Math.ceil(this.#until), this.frames - 1); // a tick may come late
      this.pause();
      return;
    }
    this.#request = requestAnimationFrame((later) => this.#tick(later));
    if (frame <= this.frame) return;
    this.frame = frame;
    this.onFrame();
  }
}
