// The music of a slideshow: one file, sent as soon as it is chosen.

import { isPassing, upload } from "./api.js";
import { act, part, tell } from "./elements.js";
import { formatBytes, formatSending, formatTime } from "./format.js";

export class Music {
  song = null; // {id, name, duration} once it is on the server
  #sending = null; // an AbortController

  constructor(root, { maxBytes, onChange }) {
    Object.assign(this, { root, maxBytes, onChange });
    const input = root.querySelector("input");
    input.addEventListener("change", () => {
      if (input.files.length) this.add(input.files[0]);
      input.value = "";
    });
    act(root, "remove-music").addEventListener("click", () => this.remove());
  }

  get isSending() {
    return this.#sending !== null;
  }

  async add(file) {
    this.remove();
    if (!file.size) {
      this.#complain(file, "This file is empty.");
      return;
    }
    if (file.size > this.maxBytes) {
      this.#complain(file, `This file is too large: up to ${formatBytes(this.maxBytes)} are taken.`);
      return;
    }
    const end = (this.#sending = new AbortController());
    this.#draw(file.name, "Sending.");
    try {
      await this.#send(file, end.signal);
    } catch (error) {
      if (end.signal.aborted) return;
      const again = isPassing(error) ? " Add it again when the connection is back." : "";
      this.#complain(file, error.message + again);
    }
    if (end.signal.aborted) return;
    this.#sending = null;
    this.show(this.song);
  }

  async #send(file, signal) {
    const onProgress = (sent, total) => {
      const line = sent < total ? formatSending(sent, total) : "Checking the music.";
      if (!signal.aborted) this.#draw(file.name, line);
    };
    const answer = await upload("/upload_audio", "audio", [file], { onProgress, signal });
    if (!signal.aborted) this.song = { id: answer.audio_id, name: file.name, duration: answer.duration };
  }

  remove() {
    this.#sending?.abort();
    this.#sending = null;
    tell(part(this.root, "music-error"), "");
    this.show(null);
  }

  /** Take a song that is on the server already, or none. */
  show(song) {
    this.song = song;
    this.#draw(song?.name ?? "", song ? formatTime(song.duration) : "");
  }

  #complain(file, sentence) {
    tell(part(this.root, "music-error"), `${file.name}: ${sentence}`);
  }

  #draw(name, line) {
    this.root.querySelector(".music-pick").hidden = Boolean(name);
    this.root.querySelector(".music-chosen").hidden = !name;
    part(this.root, "music-name").textContent = name;
    part(this.root, "music-line").textContent = line;
    this.onChange();
  }
}
