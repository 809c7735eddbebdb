// Sends the photos and videos of a slideshow: two streams at a time, small photos in batches.

import { ConnectionError, toRefusal } from "../api.js";
import { sendAgain } from "../intake/retry.js";
import { isLarge, LEFT, sendFiles, UnreadableError } from "../intake/send.js";
import { say } from "../language.js";
import { chooseBatch, matchAnswers, shareBytes } from "./batch.js";

/** @import { Refusal } from "../api.js" */
/** @import { Pause } from "../intake/retry.js" */
/** @import { Accepted } from "./batch.js" */
/** @import { Photo } from "./photo.js" */

/**
 * @typedef {object} SenderOptions
 * @property {number} maxBytes of a file
 * @property {() => Photo[]} list all photos, in their order
 * @property {() => void} onChange
 * @property {(photo: Photo, facts: Partial<Photo>) => void} onSent
 * @property {(photo: Photo, sentence: string) => void} onRefused
 */

const STREAMS = 2;

/** @param {Photo} photo */
const toKind = ({ video }) => (video ? "video" : "photo");

export class PhotoSender {
  #streams = 0;
  /** @type {Map<Photo[], AbortController>} */
  #underway = new Map();
  /** Why what is lost was not sent. */
  reason = "";

  /** @param {SenderOptions} options */
  constructor(options) {
    this.options = options;
  }

  /** Send all photos that wait. */
  start() {
    while (this.#streams < STREAMS && this.#next().length) this.#stream();
  }

  /** Send again at once what did not get through. */
  retry() {
    sendAgain();
    this.start();
  }

  /** Stop sending what is no longer among the photos. */
  prune() {
    const photos = this.options.list();
    for (const [batch, stop] of this.#underway) {
      if (batch.some((photo) => photos.includes(photo))) continue;
      stop.abort(batch.some(({ kept }) => kept) ? LEFT : undefined); // its draft is kept
    }
  }

  /**
   * Take a photo that was sent elsewhere, such as by another tab.
   * @param {Photo} photo
   * @param {Partial<Photo>} facts
   */
  accept(photo, facts) {
    this.#accept(photo, facts);
    this.options.onChange();
  }

  async #stream() {
    this.#streams += 1;
    for (let batch = this.#next(); batch.length; batch = this.#next()) await this.#send(batch);
    this.#streams -= 1;
  }

  /** Return the photos to send next: a large one, or several small ones. */
  #next() {
    const waiting = this.options.list().filter(({ state, file }) => state === "waiting" && file);
    const index = waiting.findIndex((photo) => isLarge(toKind(photo), photo));
    if (index === 0) return waiting.slice(0, 1);
    return chooseBatch(index < 0 ? waiting : waiting.slice(0, index), this.options.maxBytes);
  }

  /** @param {Photo[]} batch */
  async #send(batch) {
    const stop = new AbortController();
    this.#underway.set(batch, stop);
    this.#mark(batch, "sending");
    const isAlone = isLarge(toKind(batch[0]), batch[0]);
    const onProgress = (/** @type {number} */ sent, /** @type {number} */ total) =>
      this.#showProgress(batch, sent, total, isAlone);
    const onPause = (/** @type {Pause} */ pause) => this.#pause(batch, pause);
    const files = batch.flatMap(({ file }) => file ?? []);
    try {
      const options = { onProgress, onPause, signal: stop.signal };
      const answer = await sendFiles(toKind(batch[0]), files, options);
      if (batch[0].video) this.#accept(batch[0], readVideo(answer));
      else this.#settle(batch, answer);
    } catch (error) {
      this.#stumble(batch, error, stop.signal);
    }
    this.#underway.delete(batch);
    this.options.onChange();
  }

  /**
   * @param {Photo[]} batch
   * @param {unknown} error
   * @param {AbortSignal} signal
   */
  #stumble(batch, error, signal) {
    if (error instanceof UnreadableError) {
      this.#mark(batch, "waiting"); // the others are sent
      for (const photo of batch) {
        if (photo.file && error.files.includes(photo.file)) this.#refuse(photo, error.message);
      }
    } else if (signal.aborted && error instanceof ConnectionError) this.#mark(batch, "waiting");
    else {
      const { body, message } = toRefusal(error);
      this.#settle(batch, { images: [], rejected: body.rejected ?? [] }, message);
    }
  }

  /**
   * @param {Photo[]} batch
   * @param {Pause} pause
   */
  #pause(batch, { sentence }) {
    this.reason = sentence;
    this.#mark(batch, "lost");
    this.options.onChange();
  }

  /**
   * @param {Photo[]} batch
   * @param {Photo["state"]} state
   */
  #mark(batch, state) {
    const isAlone = isLarge(toKind(batch[0]), batch[0]); // what has arrived of it stays there
    for (const photo of batch) Object.assign(photo, { state, ...(isAlone ? {} : { sent: 0 }) });
  }

  /**
   * @param {Photo[]} batch
   * @param {number} sent bytes of the file, or of the form
   * @param {number} total bytes of the file, or of the form
   * @param {boolean} isAlone whether this is a file and no form
   */
  #showProgress(batch, sent, total, isAlone) {
    const sizes = batch.map((photo) => photo.size);
    const shares = isAlone ? [sent] : shareBytes(sizes, sent, total);
    shares.forEach((bytes, index) => {
      const isSent = bytes === sizes[index];
      Object.assign(batch[index], { sent: bytes, state: isSent ? "checking" : "sending" });
    });
    this.options.onChange();
  }

  /**
   * Give each photo of a batch its answer; a sentence to those that have none.
   * @param {Photo[]} batch
   * @param {{images: Accepted[], rejected: Refusal[]}} answer
   * @param {string} [sentence]
   */
  #settle(batch, answer, sentence = say("This file was not taken.")) {
    const names = batch.map((photo) => photo.name);
    matchAnswers(names, answer).forEach((item, index) => {
      if (item && "id" in item) this.#accept(batch[index], readPhoto(item));
      else this.#refuse(batch[index], item?.error ?? sentence);
    });
  }

  /**
   * @param {Photo} photo
   * @param {Partial<Photo>} facts
   */
  #accept(photo, facts) {
    Object.assign(photo, facts, { state: "ready", sent: photo.size, file: null });
    this.options.onSent(photo, facts);
  }

  /**
   * @param {Photo} photo
   * @param {string} sentence
   */
  #refuse(photo, sentence) {
    if (this.options.list().includes(photo)) this.options.onRefused(photo, sentence);
  }
}

/**
 * @param {Accepted} accepted
 * @returns {Partial<Photo>}
 */
function readPhoto({ id, thumbnail_url: thumbnail, taken_at: takenAt, utc_offset: utcOffset }) {
  return { id, thumbnail, takenAt, utcOffset };
}

/**
 * @param {{source_id: string, duration: number, has_audio: boolean}} answer
 * @returns {Partial<Photo>}
 */
function readVideo({ source_id: id, duration, has_audio: hasSound }) {
  return { id, video: { duration, hasSound } };
}
