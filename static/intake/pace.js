// How fast files are sent, and how long the rest takes.

import { formatBytes, formatSpan } from "../format.js";
import { say } from "../language.js";

const WINDOW_MS = 8000;
const SHORTEST_MS = 1500; // before that, a pace would only be a guess

export class Pace {
  /** @type {{at: number, sent: number}[]} the last seconds */
  #notes = [];

  /**
   * Note how many bytes have been sent by now.
   * @param {number} sent
   * @param {number} [at] milliseconds
   */
  note(sent, at = Date.now()) {
    if (sent < (this.#notes.at(-1)?.sent ?? 0)) this.#notes = []; // something was taken away
    this.#notes.push({ at, sent });
    while (this.#notes.length > 2 && at - this.#notes[0].at > WINDOW_MS) this.#notes.shift();
  }

  /** Bytes a second; 0 while that is not known. */
  get rate() {
    const [first, last] = [this.#notes[0], this.#notes.at(-1)];
    if (!first || !last || last.at - first.at < SHORTEST_MS) return 0;
    return (1000 * (last.sent - first.sent)) / (last.at - first.at);
  }

  /**
   * Say the pace and the time left, to go on after other words; an empty text while unknown.
   * @param {number} sent bytes
   * @param {number} total bytes
   */
  describe(sent, total) {
    this.note(sent);
    const { rate } = this;
    if (!rate) return "";
    const left = formatSpan((total - sent) / rate);
    return say(", {amount}/s, {left} left", { amount: formatBytes(rate), left });
  }
}
