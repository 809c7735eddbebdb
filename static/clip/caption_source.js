// Where the captions of a clip come from: the lines on the page, the speech, or the video's track.

import { find, findInput, findPart } from "../elements.js";
import { say } from "../language.js";
import { isHeard } from "./cues.js";

/** @import { Earlier } from "./cues.js" */

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

  /** Whether the captions are those that are heard. */
  get isHeard() {
    return Boolean(this.speech?.checked);
  }

  /** Whether the captions are the lines on the page. */
  get isLines() {
    return !this.isHeard && !this.track.checked;
  }

  /** What the captions are, in a word or two; only where they are no lines. */
  get name() {
    return this.isHeard ? say("automatic") : say("those of the video");
  }

  /** The captions as an order has them; only where they are no lines. */
  get order() {
    if (!this.isHeard) return "track";
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

  /** What a draft has of captions that are heard: its next page may have no field for them. */
  get heard() {
    return this.isHeard ? { heard: this.order } : {};
  }

  /**
   * Return what a draft has of captions, without those that are heard if there is a field for them.
   * It is filled in where the last page had none.
   * @param {Earlier} earlier
   * @param {Earlier["whole"]} heard those that are heard, where the last page had a field for them
   * @param {boolean} hasLines
   */
  takeOver(earlier, heard, hasLines) {
    if (!this.speech) return heard ? { ...earlier, whole: heard } : earlier;
    const { whole, ...others } = earlier;
    const wish = heard ?? (isHeard(whole) ? whole : null);
    if (wish && this.isLines && !hasLines) this.#hear(this.speech, wish);
    return isHeard(whole) ? others : earlier;
  }

  /**
   * @param {HTMLInputElement} box
   * @param {any} captions as the API has them
   */
  #hear(box, { speech = {} }) {
    box.checked = true;
    find(this.root, "[name=speech_language]", HTMLSelectElement).value = speech.language ?? "";
    findInput(this.root, "vocabulary").value = joinTerms(speech.vocabulary ?? []);
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

const TERM = /\s*(?:"(?<quoted>(?:[^"]|"")*)"|(?<plain>[^,]*?))\s*(?:,|$)/gy;

/**
 * Return the names and terms of a text with commas between them; one with commas is in quotes.
 * @param {string} text
 */
export function splitTerms(text) {
  const terms = [...text.matchAll(TERM)].map(
    ({ groups: { quoted, plain } = {} }) => quoted?.replaceAll('""', '"').trim() ?? plain,
  );
  return terms.filter(Boolean);
}

/**
 * Return the text of terms.
 * @param {string[]} terms
 */
export function joinTerms(terms) {
  const quote = (/** @type {string} */ term) => `"${term.replaceAll('"', '""')}"`;
  return terms.map((term) => (/,|^"/.test(term) ? quote(term) : term)).join(", ");
}
