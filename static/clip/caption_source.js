// Where the captions of a clip come from: the lines on the page, the speech, or the video's track.

import { find, findInput, findPart } from "../elements.js";
import { say } from "../language.js";

export class CaptionSource {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.track = findInput(root, "track_captions");
    const speech = root.querySelector("[name=auto_captions]");
    this.speech = speech instanceof HTMLInputElement ? speech : null; // none without the extra
    this.speech?.addEventListener("change", () => this.#choose(this.speech, this.track));
    this.track.addEventListener("change", () => this.#choose(this.track, this.speech));
  }

  /** Whether the captions are the lines on the page. */
  get isLines() {
    return !this.speech?.checked && !this.track.checked;
  }

  /** What the captions are, in a word or two; only where they are no lines. */
  get name() {
    return this.speech?.checked ? say("automatic") : say("those of the video");
  }

  /** The captions as an order has them; only where they are no lines. */
  get order() {
    if (!this.speech?.checked) return "track";
    const speech = this.speechWish;
    return speech ? { speech } : "auto";
  }

  /** What is known of the speech; null if that is nothing. */
  get speechWish() {
    if (!this.speech) return null;
    const language = find(this.root, "[name=speech_language]", HTMLSelectElement).value;
    const vocabulary = splitTerms(findInput(this.root, "vocabulary").value);
    if (!language && !vocabulary.length) return null;
    return { ...(language ? { language } : {}), ...(vocabulary.length ? { vocabulary } : {}) };
  }

  /**
   * Offer the subtitles that a video has as a track, if it has any.
   * @param {{count: number, problem?: string} | undefined} subtitles
   */
  offerTrack(subtitles) {
    const isThere = Boolean(subtitles?.count) && !subtitles?.problem;
    findPart(this.root, "own-track").hidden = !isThere;
    if (!isThere) this.track.checked = false;
  }

  /** Show the lines on the page. */
  useLines() {
    this.track.checked = false;
    this.#choose(null, this.speech);
  }

  /**
   * Take one source, and leave the other.
   * @param {HTMLInputElement | null} box
   * @param {HTMLInputElement | null} other
   */
  #choose(box, other) {
    if (other && (!box || box.checked)) other.checked = false;
  }
}

/**
 * Return the names and terms of a text with commas between them.
 * @param {string} text
 */
export function splitTerms(text) {
  const terms = text.split(",").map((term) => term.trim());
  return terms.filter(Boolean);
}
