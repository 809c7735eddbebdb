// The sound of a clip: what becomes of the video's own, and the music under it.

import { find, findInput, findPart } from "../elements.js";
import { readNumber, readText } from "../fields.js";
import { RefusedFiles } from "../intake/refusals.js";
import { say } from "../language.js";
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
    ...(isMuted ? { mute: true } : readOwn(data)),
    ...(data.has("loudness") && isHeard ? { loudness: LOUDNESS } : {}),
    ...(isHeard ? readFades(data) : {}),
  };
  return {
    ...(Object.keys(audio).length ? { audio } : {}),
    ...(tracks.length ? { tracks } : {}),
    ...(tracks.length && volume !== null ? { music_volume: volume } : {}),
    ...(tracks.length && !isMuted && !data.has("duck") ? { duck: false } : {}),
  };
}

/**
 * Return which sound of the video is heard, and how loud.
 * @param {FormData} data
 */
function readOwn(data) {
  const volume = readNumber(data, "own_volume", 1);
  const track = Number(readText(data, "sound_track"));
  return { ...(volume === 1 ? {} : { volume }), ...(track ? { track } : {}) };
}

/** @param {FormData} data */
function readFades(data) {
  const names = ["fade_in", "fade_out"];
  const fades = names.map((name) => [name, readNumber(data, `sound_${name}`, 0)]);
  return Object.fromEntries(fades.filter(([, seconds]) => seconds));
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
      onRefused: new RefusedFiles(refused).add,
    });
    this.volume.addEventListener("input", () => (this.#isVolumeChosen = true));
  }

  /** Whether the music is there, and the chosen parts of its songs are right. */
  get isReady() {
    return !this.music.isSending && this.music.isValid;
  }

  /** What has to be waited for, in words; an empty text when that is nothing. */
  get wait() {
    const unsent = this.music.songs.filter(({ id }) => !id);
    if (!unsent.length) return "";
    const areSent = unsent.every(({ stage }) => stage === "checking");
    return areSent ? say("Checking the music") : say("Sending the music");
  }

  /** Whether the volume of the music is the user's own choice. */
  get isVolumeChosen() {
    return this.#isVolumeChosen;
  }

  set isVolumeChosen(isChosen) {
    this.#isVolumeChosen = isChosen;
  }

  get order() {
    const volume = this.#isVolumeChosen ? this.volume.valueAsNumber : null;
    return readSound(new FormData(this.form), this.music.tracks, volume);
  }

  /**
   * Go with another video from now on.
   * @param {{has_audio: boolean, sound_tracks: number}} video as the server describes it
   */
  open({ has_audio: hasOwn, sound_tracks: count }) {
    this.#hasOwn = hasOwn;
    const select = find(this.form, "[name=sound_track]", HTMLSelectElement);
    select.length = 1; // the first option leaves the choice to the file
    for (let number = 1; number <= count; number += 1) select.add(new Option(String(number)));
    findPart(this.form, "sound-track").hidden = count < 2;
  }

  /** Bring the choices for music in line with what is heard beside it. */
  draw() {
    const isAlone = !this.#hasOwn || findInput(this.form, "mute").checked;
    if (!this.#isVolumeChosen) this.volume.value = String(isAlone ? ALONE : BESIDE_SPEECH);
    findInput(this.form, "duck").disabled = isAlone;
  }
}
