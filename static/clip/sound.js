// The sound of a clip: what becomes of the video's own, and the music under it.

import { find, findInput, listRefused } from "../elements.js";
import { Music } from "../music/music.js";

/** @typedef {{id?: string, start: number, end?: number}} Track as the API has it */

const LOUDNESS = -14; // LUFS
const BESIDE_SPEECH = 0.5; // the server's volume of music, unless another is chosen
const ALONE = 1;

/**
 * Return what the fields of the form say, as the API has it; what is left as it was is left out.
 * @param {FormData} data
 * @param {Track[]} tracks of music
 * @param {number | null} volume of the music; null for the server's choice
 */
export function readSound(data, tracks, volume) {
  const isMuted = data.has("mute");
  const isHeard = !isMuted || tracks.length > 0;
  const audio = {
    ...(isMuted ? { mute: true } : {}),
    ...(data.has("loudness") && isHeard ? { loudness: LOUDNESS } : {}),
  };
  return {
    ...(Object.keys(audio).length ? { audio } : {}),
    ...(tracks.length ? { tracks } : {}),
    ...(tracks.length && volume !== null ? { music_volume: volume } : {}),
    ...(tracks.length && !isMuted && !data.has("duck") ? { duck: false } : {}),
  };
}

export class Sound {
  /** Whether the video has sound of its own. */
  #hasOwn = true;
  /** Whether the volume of the music was chosen; until then it is the server's. */
  #isVolumeChosen = false;

  /**
   * @param {HTMLFormElement} form
   * @param {number} maxBytes of a file
   * @param {() => void} onChange
   */
  constructor(form, maxBytes, onChange) {
    this.form = form;
    this.volume = findInput(form, "music_volume");
    const box = find(form, ".music", HTMLElement);
    const refused = find(box, ".refused", HTMLElement);
    this.music = new Music(box, {
      maxBytes,
      onChange,
      onRefused: (name, sentence) => listRefused(refused, name, sentence),
    });
    this.volume.addEventListener("input", () => (this.#isVolumeChosen = true));
  }

  /** Whether the music is there, and the chosen parts of its songs are right. */
  get isReady() {
    return !this.music.isSending && this.music.isValid;
  }

  get order() {
    const volume = this.#isVolumeChosen ? this.volume.valueAsNumber : null;
    return readSound(new FormData(this.form), this.music.tracks, volume);
  }

  /**
   * Go with another video from now on.
   * @param {boolean} hasOwn whether it has sound
   */
  open(hasOwn) {
    this.#hasOwn = hasOwn;
  }

  /** Bring the choices for music in line with what is heard beside it. */
  draw() {
    const isAlone = !this.#hasOwn || findInput(this.form, "mute").checked;
    if (!this.#isVolumeChosen) this.volume.value = String(isAlone ? ALONE : BESIDE_SPEECH);
    findInput(this.form, "duck").disabled = isAlone;
  }
}
