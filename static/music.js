// The music of a slideshow: songs in their order, each sent as soon as it is chosen.

import { isPassing, upload } from "./api.js";
import { act, announce, fromTemplate, part, tell } from "./elements.js";
import { formatBytes, formatSending, formatTime } from "./format.js";

const SHORTEST_CUT = 0.1;
const CROSSFADE = 2;

/** A list of songs `{id, name, duration, start, end}`; those that are being sent have no id yet. */
export class Music {
  songs = [];
  #items = new Map();

  constructor(root, { maxBytes, onChange, onRefused }) {
    Object.assign(this, { root, maxBytes, onChange, onRefused });
    this.list = root.querySelector(".songs");
    const input = root.querySelector("[name=audio]");
    input.addEventListener("change", () => {
      this.add([...input.files]);
      input.value = "";
    });
  }

  get isSending() {
    return this.songs.some((song) => !song.id);
  }

  get isValid() {
    return this.songs.every((song) => !complaintAbout(song));
  }

  /** What the order of a slideshow says of the music. */
  get tracks() {
    return this.songs.map(({ id, start, end }) => ({ id, start, ...(end === null ? {} : { end }) }));
  }

  /** How long all songs last, each faded into the next. */
  get duration() {
    const lengths = this.songs.map(({ duration, start, end }) => (end ?? duration) - start);
    const overlaps = lengths.slice(1).map((length, index) => Math.min(CROSSFADE, length / 2, lengths[index] / 2));
    const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
    return sum(lengths) - sum(overlaps);
  }

  add(files) {
    for (const file of files) {
      if (!file.size) this.onRefused(file.name, "This file is empty.");
      else if (file.size > this.maxBytes) {
        const limit = formatBytes(this.maxBytes);
        this.onRefused(file.name, `This file is too large: up to ${limit} are taken.`);
      } else this.#send(file);
    }
  }

  /** Take back songs that an earlier visit of this page has uploaded. */
  restore(songs) {
    this.songs = songs;
    this.#draw();
  }

  async #send(file) {
    const sending = new AbortController();
    const song = { name: file.name, duration: 0, start: 0, end: null, sending };
    this.songs.push(song);
    this.#draw();
    const onProgress = (sent, total) => {
      song.line = sent < total ? formatSending(sent, total) : "Checking the music.";
      this.#draw();
    };
    try {
      const { signal } = sending;
      const answer = await upload("/upload_audio", "audio", [file], { onProgress, signal });
      Object.assign(song, { id: answer.audio_id, duration: answer.duration, sending: null });
    } catch (error) {
      const again = isPassing(error) ? " Add it again when the connection is back." : "";
      if (this.songs.includes(song)) this.onRefused(file.name, error.message + again);
      this.#forget(song);
    }
    this.#draw();
  }

  #remove(song) {
    song.sending?.abort();
    this.#forget(song);
    announce(`${song.name} removed.`);
    this.#draw();
    this.root.querySelector("[name=audio]").focus();
  }

  #forget(song) {
    this.songs = this.songs.filter((other) => other !== song);
  }

  #moveEarlier(song) {
    const index = this.songs.indexOf(song);
    if (!index) return;
    this.songs.splice(index, 1);
    this.songs.splice(index - 1, 0, song);
    announce(`${song.name} is now song ${index} of ${this.songs.length}.`);
    this.#draw();
    act(this.#items.get(song), "earlier").focus(); // moving an element takes its focus away
  }

  #draw() {
    for (const [song, item] of this.#items) {
      if (this.songs.includes(song)) continue;
      item.remove();
      this.#items.delete(song);
    }
    this.songs.forEach((song, index) => {
      if (!this.#items.has(song)) this.#items.set(song, this.#newItem(song));
      const item = this.#items.get(song);
      if (this.list.children[index] !== item) this.list.insertBefore(item, this.list.children[index] ?? null);
      this.#update(song, item, index);
    });
    this.list.hidden = !this.songs.length;
    const choice = this.root.querySelector(".music-choice");
    choice.hidden = choice.disabled = !this.songs.length;
    part(this.root, "music-lead").textContent = this.songs.length ? "Add another song" : "Add music";
    this.onChange();
  }

  #newItem(song) {
    const item = fromTemplate("song-template");
    part(item, "name").textContent = song.name;
    act(item, "remove").setAttribute("aria-label", `Remove ${song.name}`);
    act(item, "remove").addEventListener("click", () => this.#remove(song));
    act(item, "earlier").setAttribute("aria-label", `Play ${song.name} earlier`);
    act(item, "earlier").addEventListener("click", () => this.#moveEarlier(song));
    const [start, end] = [part(item, "start"), part(item, "end")];
    start.value = song.start || "";
    end.value = song.end ?? "";
    item.addEventListener("input", () => {
      song.start = start.valueAsNumber || 0;
      song.end = Number.isNaN(end.valueAsNumber) ? null : end.valueAsNumber;
      this.#draw();
    });
    return item;
  }

  #update(song, item, index) {
    const length = formatTime((song.end ?? song.duration) - song.start);
    part(item, "line").textContent = song.id ? length : (song.line ?? "Sending.");
    act(item, "earlier").hidden = index === 0;
    item.querySelector(".song-cut").hidden = !song.id;
    part(item, "start").placeholder = "0";
    part(item, "end").placeholder = String(Math.floor(song.duration * 100) / 100);
    tell(part(item, "fault"), complaintAbout(song));
  }
}

/** What is wrong with a song's cut: a sentence, or nothing. */
function complaintAbout({ id, duration, start, end }) {
  if (!id) return "";
  const last = Math.floor(duration * 100) / 100;
  if (start < 0 || (end ?? 0) > duration || start > duration) return `This song lasts from 0 to ${last} seconds.`;
  if ((end ?? duration) - start < SHORTEST_CUT) return `The end must be ${SHORTEST_CUT} s or more after the start.`;
  return "";
}
