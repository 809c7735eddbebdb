// The waveform of a song, with a handle at each end of the part that is heard.

import { find, findInput } from "../elements.js";
import { round } from "../format.js";
import { say } from "../language.js";
import { findPeaks } from "./peaks.js";

/** @import { Track } from "./track.js" */

const RATE = 8000; // samples a second: enough to see, and little to keep
const BARS = 150;
const [BAR_WIDTH, HEIGHT] = [4, 96]; // pixels of the canvas

export class Waveform {
  #isAsked = false;

  /**
   * @param {HTMLElement} item of the song, in which its part is chosen
   * @param {Track} song
   * @param {() => Promise<ArrayBuffer>} read the song's file
   */
  constructor(item, song, read) {
    this.item = item;
    this.song = song;
    this.read = read;
    this.root = find(item, ".wave", HTMLElement);
    this.sliders = ["start", "end"].map((name) => findInput(item, `${name}-slider`));
    this.fields = ["start", "end"].map((name) => findInput(item, name));
    this.sliders.forEach((slider, side) => {
      slider.addEventListener("input", (event) => {
        event.stopPropagation(); // the field beside it says it to all others
        this.#write(side);
      });
    });
    find(item, ".song-cut", HTMLDetailsElement).addEventListener("toggle", () => this.#load());
  }

  /** Bring the handles in line with the part that is chosen. */
  draw() {
    const { duration, start, end } = this.song;
    const ends = [start, end ?? duration];
    this.sliders.forEach((slider, side) => {
      slider.max = String(duration);
      slider.value = String(ends[side]);
      slider.setAttribute(
        "aria-valuetext",
        say("{seconds} seconds", { seconds: round(ends[side], 1) }),
      );
    });
    const [from, to] = ends.map((at) => (duration ? at / duration : 0));
    this.root.style.setProperty("--from", String(from));
    this.root.style.setProperty("--to", String(to));
  }

  /**
   * Write into the field of a side what its handle says; an end stays behind the start.
   * @param {number} side 0 for the start, 1 for the end
   */
  #write(side) {
    const [start, end] = this.sliders.map((slider) => slider.valueAsNumber);
    const isWhole = side ? end >= this.song.duration - 0.05 : start <= 0;
    const at = side ? Math.max(end, this.song.start + 0.1) : Math.min(start, end - 0.1);
    this.fields[side].value = isWhole ? "" : String(round(Math.max(at, 0), 1));
    this.fields[side].dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** Draw the sound, once it is asked for; where the browser cannot read it, the handles remain. */
  async #load() {
    if (this.#isAsked) return;
    this.#isAsked = true;
    try {
      const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await this.read());
      this.#drawPeaks(findPeaks(sound.getChannelData(0), BARS));
    } catch {
      this.#isAsked = false; // it may come when it is opened again
    }
  }

  /** @param {number[]} peaks */
  #drawPeaks(peaks) {
    const canvas = find(this.root, "canvas", HTMLCanvasElement);
    Object.assign(canvas, { width: BARS * BAR_WIDTH, height: HEIGHT });
    const context = canvas.getContext("2d");
    if (!context) return;
    context.fillStyle = "#ffb81f";
    peaks.forEach((peak, index) => {
      const height = Math.max(2, peak * HEIGHT);
      context.fillRect(index * BAR_WIDTH, (HEIGHT - height) / 2, BAR_WIDTH - 1, height);
    });
    this.root.dataset.drawn = "";
  }
}
