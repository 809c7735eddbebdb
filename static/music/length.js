// How long the music lasts beside the pictures, and what becomes of it: one sentence, and a way out.

import { findButton, findInput, findPart, tell } from "../elements.js";
import { formatTime } from "../format.js";
import { say } from "../language.js";

/** @import { Plan } from "../stage/timeline.js" */

/**
 * @typedef {object} LengthOrder an order, as far as the sentence must know it
 * @property {unknown[]} [tracks]
 * @property {{narration?: string}[]} photos
 * @property {boolean} [fit_to_music]
 */

// As the render has them, in seconds.
const LONGEST_SILENCE = 0.5; // at the end, for which the music does not start again
const TOLERANCE = 0.05; // of what files say of their lengths

/**
 * Return how often the music starts, and whether the pictures end before it does.
 * @param {number} music seconds of all songs, played once
 * @param {number} pictures seconds
 * @param {number} [again] seconds after which the music starts again, if it does
 */
export function countPlays(music, pictures, again) {
  const more = again ? Math.ceil((pictures - LONGEST_SILENCE - music) / again) : 0;
  const end = music + more * (again ?? 0);
  return { plays: 1 + more, isCut: end > pictures + TOLERANCE };
}

/**
 * @param {number} music seconds of all songs, played once
 * @param {number} pictures seconds
 * @param {number} [again] seconds after which the music starts again, if it does
 */
export function describeLength(music, pictures, again) {
  const { plays: count, isCut } = countPlays(music, pictures, again);
  const values = { music: formatTime(music), pictures: formatTime(pictures), count };
  if (count > 2) {
    return isCut
      ? say(
          "Music {music}, pictures {pictures}: it plays {count} times, the last time in part.",
          values,
        )
      : say("Music {music}, pictures {pictures}: it plays {count} times.", values);
  }
  if (count === 2) {
    return isCut
      ? say("Music {music}, pictures {pictures}: it plays twice, the second time in part.", values)
      : say("Music {music}, pictures {pictures}: it plays twice.", values);
  }
  return isCut
    ? say("Music {music}, pictures {pictures}: it fades out before its end.", values)
    : say("Music {music}, pictures {pictures}: both end together.", values);
}

export class MusicLength {
  /**
   * @param {HTMLElement} root
   * @param {{duration: number}} music
   */
  constructor(root, music) {
    this.music = music;
    this.line = findPart(root, "music-length");
    this.fit = findButton(root, "fit-music");
    const box = findInput(root, "fit_to_music");
    this.fit.addEventListener("click", () => {
      if (!box.checked) box.click();
      box.focus(); // the button goes, as there is nothing more for it to do
      this.fit.hidden = true;
    });
  }

  /**
   * @param {Plan} plan of an order
   * @param {LengthOrder} order
   */
  show({ frames, fps, timeline }, { tracks = [], photos, fit_to_music: isFit }) {
    const [music, pictures] = [this.music.duration, frames / fps];
    const again = timeline.music[tracks.length]?.at;
    tell(this.line, tracks.length ? describeLength(music, pictures, again) : "");
    const { plays, isCut } = countPlays(music, pictures, again);
    const canFit = timeline.slides.some(
      ({ kind, photo }) => kind === "photo" && !photos[photo]?.narration,
    );
    this.fit.hidden = !tracks.length || isFit || !canFit || (plays === 1 && !isCut);
  }

  /** Say nothing, as there is no plan. */
  clear() {
    tell(this.line, "");
    this.fit.hidden = true;
  }
}
