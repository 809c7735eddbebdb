// Music: songs in their order, each sent as soon as it is chosen.

import { isTransient, toRefusal, upload } from "../api.js";
import {
  announce,
  copyTemplate,
  find,
  findButton,
  findInput,
  findPart,
  tell,
} from "../elements.js";
import { findFault as findFileFault } from "../files.js";
import { floor, formatSending, formatTime } from "../format.js";
import { findFault, measureTrack, measureTracks } from "./track.js";

/** @import { Track } from "./track.js" */

/**
 * @typedef {Track & {name: string, line?: string, sending?: AbortController | null}} Song those that
 *   are being sent have no id yet
 */

/**
 * @typedef {object} MusicOptions
 * @property {number} maxBytes of a file
 * @property {() => void} onChange
 * @property {(name: string, sentence: string) => void} onRefused
 */

export class Music {
  /** @type {Song[]} */
  songs = [];
  /** @type {Map<Song, HTMLElement>} */
  #items = new Map();

  /**
   * @param {HTMLElement} root
   * @param {MusicOptions} options
   */
  constructor(root, { maxBytes, onChange, onRefused }) {
    this.root = root;
    this.maxBytes = maxBytes;
    this.onChange = onChange;
    this.onRefused = onRefused;
    this.list = find(root, ".songs", HTMLElement);
    this.input = findInput(root, "audio");
    this.input.addEventListener("change", () => {
      this.add([...(this.input.files ?? [])]);
      this.input.value = "";
    });
  }

  get isSending() {
    return this.songs.some((song) => !song.id);
  }

  get isValid() {
    return this.songs.every((song) => !findFault(song));
  }

  /** The tracks as an order has them. */
  get tracks() {
    return this.songs.map(({ id, start, end }) => ({
      id,
      start,
      ...(end === null ? {} : { end }),
    }));
  }

  get duration() {
    return measureTracks(this.songs);
  }

  /** @param {File[]} files */
  add(files) {
    for (const file of files) {
      const fault = findFileFault(file, this.maxBytes);
      if (fault) this.onRefused(file.name, fault);
      else this.#send(file);
    }
  }

  /**
   * Take back songs that an earlier visit of this page has uploaded.
   * @param {Song[]} songs
   */
  restore(songs) {
    this.songs = songs;
    this.#draw();
  }

  /** @param {File} file */
  async #send(file) {
    const sending = new AbortController();
    const { signal } = sending;
    /** @type {Song} */
    const song = { name: file.name, duration: 0, start: 0, end: null, sending };
    this.songs.push(song);
    this.#draw();
    const onProgress = (/** @type {number} */ sent, /** @type {number} */ total) => {
      song.line = sent < total ? formatSending(sent, total) : "Checking the music.";
      this.#draw();
    };
    try {
      const answer = await upload("/upload_audio", "audio", [file], { onProgress, signal });
      Object.assign(song, { id: answer.audio_id, duration: answer.duration, sending: null });
    } catch (error) {
      if (!signal.aborted) this.onRefused(file.name, describeFailure(error));
      this.#forget(song);
    }
    this.#draw();
  }

  /** @param {Song} song */
  #remove(song) {
    song.sending?.abort();
    this.#forget(song);
    announce(`${song.name} removed.`);
    this.#draw();
    this.input.focus();
  }

  /** @param {Song} song */
  #forget(song) {
    this.songs = this.songs.filter((other) => other !== song);
  }

  /**
   * @param {Song} song
   * @param {HTMLButtonElement} button that was pressed
   */
  #moveEarlier(song, button) {
    const index = this.songs.indexOf(song);
    if (!index) return;
    this.songs.splice(index, 1);
    this.songs.splice(index - 1, 0, song);
    announce(`${song.name} is now song ${index} of ${this.songs.length}.`);
    this.#draw();
    button.focus(); // moving an element takes its focus away
  }

  #draw() {
    for (const [song, item] of this.#items) {
      if (this.songs.includes(song)) continue;
      item.remove();
      this.#items.delete(song);
    }
    this.songs.forEach((song, index) => this.#place(song, index));
    const hasSongs = this.songs.length > 0;
    const choice = find(this.root, ".music-choice", HTMLFieldSetElement);
    this.list.hidden = choice.hidden = choice.disabled = !hasSongs;
    findPart(this.root, "music-lead").textContent = hasSongs ? "Add another song" : "Add music";
    this.onChange();
  }

  /**
   * @param {Song} song
   * @param {number} index
   */
  #place(song, index) {
    const item = this.#items.get(song) ?? this.#newItem(song);
    this.#items.set(song, item);
    const there = this.list.children[index];
    if (there !== item) this.list.insertBefore(item, there ?? null);
    const fault = findFault(song);
    const length = fault ? "" : formatTime(measureTrack(song));
    findPart(item, "line").textContent = song.id ? length : (song.line ?? "Sending.");
    findButton(item, "earlier").hidden = index === 0;
    find(item, ".song-cut", HTMLElement).hidden = !song.id;
    findInput(item, "start").placeholder = "0";
    findInput(item, "end").placeholder = String(floor(song.duration, 2));
    tell(findPart(item, "fault"), fault);
  }

  /** @param {Song} song */
  #newItem(song) {
    const item = copyTemplate("song-template");
    const [remove, earlier] = [findButton(item, "remove"), findButton(item, "earlier")];
    const [start, end] = [findInput(item, "start"), findInput(item, "end")];
    findPart(item, "name").textContent = song.name;
    remove.setAttribute("aria-label", `Remove ${song.name}`);
    remove.addEventListener("click", () => this.#remove(song));
    earlier.setAttribute("aria-label", `Play ${song.name} earlier`);
    earlier.addEventListener("click", () => this.#moveEarlier(song, earlier));
    start.value = String(song.start || "");
    end.value = String(song.end ?? "");
    item.addEventListener("input", () => {
      song.start = start.valueAsNumber || 0;
      song.end = Number.isNaN(end.valueAsNumber) ? null : end.valueAsNumber;
      this.#draw();
    });
    return item;
  }
}

/** @param {unknown} error */
function describeFailure(error) {
  if (!isTransient(error)) return toRefusal(error).message;
  return "The connection to the server was lost. Add the song again when it is back.";
}
