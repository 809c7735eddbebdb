// The music of a preview, which follows its time.

/** @import { MusicPart } from "./timeline.js" */

const MOST_APART = 0.25; // seconds between the sound and the pictures

export class Sound {
  /** Two, as one part of the music fades into the next; each belongs to a part by its number. */
  #elements = [new Audio(), new Audio()];

  /** @param {{find: (track: number) => string | null}} sources the address of each track */
  constructor(sources) {
    this.sources = sources;
  }

  /**
   * Let the music be heard from a time on.
   * @param {MusicPart[]} parts
   * @param {number} seconds
   * @param {{duration: number, fadeOut: number, volume: number}} whole
   */
  follow(parts, seconds, whole) {
    const heard = listHeard(parts, seconds, whole);
    this.#elements.forEach((element, number) => {
      const part = heard.find(({ index }) => index % 2 === number);
      const source = part && this.sources.find(part.track);
      if (!part || !source) element.pause();
      else this.#play(element, source, part.at, Math.min(part.gain * whole.volume, 1));
    });
  }

  stop() {
    for (const element of this.#elements) element.pause();
  }

  /**
   * @param {HTMLAudioElement} element
   * @param {string} source
   * @param {number} at seconds of the file
   * @param {number} volume
   */
  #play(element, source, at, volume) {
    if (element.getAttribute("src") !== source) element.src = source;
    if (Math.abs(element.currentTime - at) > MOST_APART && !element.seeking) {
      element.currentTime = at;
    }
    element.volume = volume;
    if (element.paused) element.play().catch(() => {}); // the pictures go on without sound
  }
}

/**
 * Return what is heard at a time, and how loud, from 0 to 1: parts fade at constant power.
 * @param {MusicPart[]} parts
 * @param {number} seconds
 * @param {{duration: number, fadeOut: number}} whole of the video, in seconds
 */
export function listHeard(parts, seconds, { duration, fadeOut }) {
  const ending = fadeOut ? limit((duration - seconds) / fadeOut) : 1;
  return parts.flatMap((part, index) => {
    const into = seconds - part.at;
    const left = part.duration - into;
    if (into < 0 || left <= 0) return [];
    const rise = part.fade_in ? limit(into / part.fade_in) : 1;
    const fall = part.fade_out ? limit(left / part.fade_out) : 1;
    const gain = Math.sin((Math.min(rise, fall) * Math.PI) / 2) * ending;
    return [{ index, track: part.track, at: part.start + into, gain }];
  });
}

/** @param {number} share */
function limit(share) {
  return Math.min(Math.max(share, 0), 1);
}
