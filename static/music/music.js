// Music: songs in their order, each sent as soon as it is chosen.

import { getSession, load } from "../api.js";
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
import { floor, formatTime } from "../format.js";
import * as unsent from "../intake/unsent.js";
import { describeFailure, LEFT, sendFiles } from "../intake/send.js";
import { tellSending } from "../intake/telling.js";
import { say } from "../language.js";
import { findFault, isSameTrack, measureTrack, measureTracks, orderTrack } from "./track.js";
import { Waveform } from "./waveform.js";

/** @import { Track } from "./track.js" */

/**
 * Those that are being sent have no id yet.
 * @typedef {Track & {name: string, line?: string, sending?: AbortController | null,
 *   stage?: string, kept?: string | null}} Song `kept` is its key in intake/unsent.js
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
  /** @type {Map<Song, {file: File, address: string}>} those that were chosen in this visit */
  #files = new Map();
  /** @type {Map<Song, Waveform>} */
  #waveforms = new Map();

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
    this.choice = find(root, ".music-choice", HTMLFieldSetElement);
    this.choice.disabled = true; // without music there is nothing to choose
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
    return this.songs.map(orderTrack);
  }

  /**
   * Return the address of a song's file, if that was chosen in this visit.
   * @param {string} id
   */
  findAddress(id) {
    const song = this.songs.find((each) => each.id === id);
    return song && this.#files.get(song)?.address;
  }

  get duration() {
    return measureTracks(this.songs);
  }

  /** @param {File[]} files */
  add(files) {
    for (const file of files) {
      const fault = findFileFault(file, this.maxBytes);
      if (fault) this.onRefused(file.name, fault);
      else this.#addFile(file);
    }
  }

  /** The songs as they can be stored, with what finds the files of those that are not sent. */
  get saved() {
    return this.songs
      .filter(({ id, kept }) => id || kept)
      .map(({ id, name, duration, start, end, kept }) => ({
        ...{ name, duration, start, end },
        ...(id ? { id } : { kept }),
      }));
  }

  /** Whether a song that is not sent would be lost with this page. */
  get isUnsafe() {
    return this.songs.some(({ id, kept }) => !id && !kept);
  }

  /**
   * Show the songs of a draft in the place of these, which stay in their own, and send those that
   * were not sent. What both have stays here, and goes on being sent.
   * @param {Song[]} songs
   */
  restore(songs) {
    const before = this.songs;
    this.songs = songs.map((song) => before.find((other) => isSameTrack(other, song)) ?? song);
    for (const song of before) if (!this.songs.includes(song)) this.#leave(song);
    const added = this.songs.filter((song) => !before.includes(song));
    for (const song of added) if (!song.id) this.#reopen(song);
    this.#draw();
  }

  /** @param {Song} song of a draft that is no longer shown: its file is kept for that */
  #leave(song) {
    song.sending?.abort(song.kept ? LEFT : undefined);
    if (song.kept) unsent.letGo(song.kept);
    this.#release(song);
  }

  /** @param {File} file */
  async #addFile(file) {
    /** @type {Song} */
    const song = { name: file.name, duration: 0, start: 0, end: null };
    this.songs.push(song);
    this.#send(song, file);
    const kept = await unsent.keep(file);
    if (kept && (song.id || !this.songs.includes(song))) unsent.drop(kept);
    else song.kept = kept;
    if (!this.songs.includes(song)) return;
    this.#files.set(song, { file, address: URL.createObjectURL(file) });
    this.#draw();
  }

  /** @param {Song} song of an earlier visit that was not sent */
  async #reopen(song) {
    const kept = song.kept ?? "";
    const file = await unsent.find(kept);
    const answer = kept ? await unsent.claim(kept) : null;
    if (!this.songs.includes(song)) unsent.letGo(kept);
    else if (answer) this.#accept(song, answer);
    else if (file) this.#send(song, file);
    else {
      this.#forget(song);
      this.onRefused(song.name, unsent.NOT_KEPT);
      this.#draw();
    }
  }

  /**
   * @param {Song} song
   * @param {File} file
   */
  async #send(song, file) {
    song.sending = new AbortController();
    const { signal } = song.sending;
    this.#draw();
    const telling = tellSending("music", (line, stage) => {
      Object.assign(song, { line, stage });
      this.#draw();
    });
    try {
      const answer = await sendFiles("audio", [file], { ...telling, signal });
      if (signal.aborted) return;
      this.#accept(song, { id: answer.audio_id, duration: answer.duration });
    } catch (error) {
      if (signal.aborted) return; // it was removed, or its draft was left
      this.onRefused(file.name, describeFailure(error));
      this.#forget(song);
    }
    this.#draw();
  }

  /**
   * @param {Song} song
   * @param {{id: string, duration: number}} facts
   */
  #accept(song, facts) {
    Object.assign(song, facts, { sending: null });
    unsent.forget(song, facts);
    this.#draw();
  }

  /** @param {Song} song */
  #remove(song) {
    song.sending?.abort();
    this.#forget(song);
    announce(say("{name} removed.", { name: song.name }));
    this.#draw();
    this.input.focus();
  }

  /** @param {Song} song */
  async #read(song) {
    const kept = this.#files.get(song);
    if (kept) return kept.file.arrayBuffer();
    return (await load(`/media/${getSession()}/${song.id}`)).arrayBuffer();
  }

  /** @param {Song} song */
  #forget(song) {
    unsent.forget(song);
    this.#release(song);
    this.songs = this.songs.filter((other) => other !== song);
  }

  /** @param {Song} song */
  #release(song) {
    URL.revokeObjectURL(this.#files.get(song)?.address ?? "");
    this.#files.delete(song);
    this.#waveforms.delete(song);
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
    const values = { name: song.name, index, total: this.songs.length };
    announce(say("{name} is now song {index} of {total}.", values));
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
    this.list.hidden = this.choice.hidden = this.choice.disabled = !hasSongs;
    const lead = hasSongs ? say("Add another song") : say("Add music");
    findPart(this.root, "music-lead").textContent = lead;
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
    findPart(item, "line").textContent = song.id ? length : (song.line ?? say("Sending."));
    findButton(item, "earlier").hidden = index === 0;
    find(item, ".song-cut", HTMLElement).hidden = !song.id;
    findInput(item, "start").placeholder = "0";
    findInput(item, "end").placeholder = String(floor(song.duration, 2));
    tell(findPart(item, "fault"), fault);
    this.#waveforms.get(song)?.draw();
  }

  /** @param {Song} song */
  #newItem(song) {
    const item = copyTemplate("song-template");
    const [remove, earlier] = [findButton(item, "remove"), findButton(item, "earlier")];
    const [start, end] = [findInput(item, "start"), findInput(item, "end")];
    const { name } = song;
    findPart(item, "name").textContent = name;
    remove.setAttribute("aria-label", say("Remove {name}", { name }));
    remove.addEventListener("click", () => this.#remove(song));
    earlier.setAttribute("aria-label", say("Play {name} earlier", { name }));
    earlier.addEventListener("click", () => this.#moveEarlier(song, earlier));
    this.#waveforms.set(song, new Waveform(item, song, () => this.#read(song)));
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
