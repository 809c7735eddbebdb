// The photos and videos of a slideshow, from the moment they are dropped: sent in small batches,
// kept in order.

import { isTransient, toRefusal, upload } from "../api.js";
import { findFault, isVideo } from "../files.js";
import { drawStills } from "../stills.js";
import { chooseBatch, matchAnswers, shareBytes } from "./batch.js";
import { countPhotos, findFault as findPartFault, movePhoto, sortPhotos } from "./photo.js";

/** @import { Refusal } from "../api.js" */
/** @import { Accepted } from "./batch.js" */
/** @import { Photo } from "./photo.js" */

const STILL_HEIGHT = 250;

/**
 * @typedef {object} UploadOptions
 * @property {number} maxBytes of a file
 * @property {number} maxPhotos
 * @property {() => void} onChange
 * @property {(name: string, sentence: string) => void} onRefused
 */

export class PhotoUploads {
  /** @type {Photo[]} */
  photos = [];
  #isSending = false;
  /** The stills of videos, drawn one after another. */
  #drawing = Promise.resolve();

  /** @param {UploadOptions} options */
  constructor({ maxBytes, maxPhotos, onChange, onRefused }) {
    this.maxBytes = maxBytes;
    this.maxPhotos = maxPhotos;
    this.onChange = onChange;
    this.onRefused = onRefused;
  }

  /** @param {File[]} files */
  add(files) {
    for (const file of files) {
      const fault = this.#findFault(file);
      if (fault) this.onRefused(file.name, fault);
      else if (isVideo(file)) this.#addVideo(file);
      else this.photos.push(newPhoto(file));
    }
    this.onChange();
    this.#send();
  }

  /**
   * Take back photos that an earlier visit of this page has uploaded.
   * @param {Photo[]} saved
   */
  restore(saved) {
    for (const photo of saved) {
      this.photos.push({ ...photo, sent: photo.size, state: "ready" });
    }
    this.onChange();
  }

  /** @param {Photo} photo */
  remove(photo) {
    this.photos = this.photos.filter((other) => other !== photo);
    dropPreview(photo);
    this.onChange();
  }

  clear() {
    this.photos.forEach(dropPreview);
    this.photos = [];
    this.onChange();
  }

  /**
   * @param {Photo} photo
   * @param {number} index
   */
  move(photo, index) {
    this.photos = movePhoto(this.photos, photo, index);
    this.onChange();
  }

  /** @param {string} order `name` or `date` */
  sort(order) {
    this.photos = sortPhotos(this.photos, order);
    this.onChange();
  }

  retry() {
    for (const photo of this.photos) {
      if (photo.state === "lost") photo.state = "waiting";
    }
    this.onChange();
    this.#send();
  }

  /** The first video of which a part is to play that it does not have. */
  get wrong() {
    return this.photos.find((photo) => findPartFault(photo));
  }

  get totals() {
    return countPhotos(this.photos);
  }

  /** @param {File} file */
  #findFault(file) {
    if (this.photos.length < this.maxPhotos) return findFault(file, this.maxBytes);
    return `A slideshow takes up to ${this.maxPhotos} photos; this one is too many.`;
  }

  /** @param {File} file */
  #addVideo(file) {
    const { name, size } = file;
    /** @type {Photo} */
    const photo = { name, size, sent: 0, state: "waiting", choice: {}, file };
    photo.video = { duration: 0, hasSound: false };
    this.photos.push(photo);
    this.#drawing = this.#drawing.then(() => this.#drawStill(photo, file));
  }

  /**
   * @param {Photo} photo a video
   * @param {File} file
   */
  async #drawStill(photo, file) {
    const url = URL.createObjectURL(file);
    const [still] = await drawStills(url, { count: 1, height: STILL_HEIGHT });
    URL.revokeObjectURL(url);
    photo.thumbnail ??= still;
    this.onChange();
  }

  async #send() {
    if (this.#isSending) return;
    this.#isSending = true;
    for (let batch = this.#nextBatch(); batch.length; batch = this.#nextBatch()) {
      await this.#sendBatch(batch);
    }
    this.#isSending = false;
  }

  #nextBatch() {
    const waiting = this.photos.filter((photo) => photo.state === "waiting");
    const index = waiting.findIndex(({ video }) => video); // a video is sent alone
    if (index === 0) return waiting.slice(0, 1);
    return chooseBatch(index < 0 ? waiting : waiting.slice(0, index), this.maxBytes);
  }

  /** @param {Photo[]} batch */
  async #sendBatch(batch) {
    batch.forEach((photo) => (photo.state = "sending"));
    try {
      const files = batch.flatMap(({ file }) => file ?? []);
      const onProgress = (/** @type {number} */ sent, /** @type {number} */ total) =>
        this.#showProgress(batch, sent, total);
      if (batch[0].video) {
        acceptVideo(batch[0], await upload("/upload_video", "video", files, { onProgress }));
      } else this.#settle(batch, await upload("/upload_images", "images", files, { onProgress }));
    } catch (error) {
      if (isTransient(error)) {
        batch.forEach((photo) => Object.assign(photo, { state: "lost", sent: 0 }));
      } else {
        const { body, message } = toRefusal(error);
        this.#settle(batch, { images: [], rejected: body.rejected ?? [] }, message);
      }
    }
    this.onChange();
  }

  /**
   * @param {Photo[]} batch
   * @param {number} sent bytes of the form
   * @param {number} total bytes of the form
   */
  #showProgress(batch, sent, total) {
    const sizes = batch.map((photo) => photo.size);
    shareBytes(sizes, sent, total).forEach((bytes, index) => {
      const isSent = bytes === sizes[index];
      Object.assign(batch[index], { sent: bytes, state: isSent ? "checking" : "sending" });
    });
    this.onChange();
  }

  /**
   * Give each photo of a batch its answer; a sentence to those that have none.
   * @param {Photo[]} batch
   * @param {{images: Accepted[], rejected: Refusal[]}} answer
   * @param {string} [sentence]
   */
  #settle(batch, answer, sentence = "This file was not taken.") {
    const names = batch.map((photo) => photo.name);
    matchAnswers(names, answer).forEach((item, index) => {
      if (item && "id" in item) accept(batch[index], item);
      else this.#refuse(batch[index], item?.error ?? sentence);
    });
  }

  /**
   * @param {Photo} photo
   * @param {string} sentence
   */
  #refuse(photo, sentence) {
    if (!this.photos.includes(photo)) return; // removed while it was sent
    this.remove(photo);
    this.onRefused(photo.name, sentence);
  }
}

/**
 * @param {File} file
 * @returns {Photo}
 */
function newPhoto(file) {
  const { name, size } = file;
  const preview = URL.createObjectURL(file);
  return { name, size, sent: 0, state: "waiting", choice: {}, file, preview };
}

/**
 * @param {Photo} photo
 * @param {Accepted} accepted
 */
function accept(photo, accepted) {
  const { id, thumbnail_url: thumbnail, taken_at: takenAt, utc_offset: utcOffset } = accepted;
  Object.assign(photo, { id, thumbnail, takenAt, utcOffset });
  Object.assign(photo, { state: "ready", sent: photo.size, file: null });
}

/**
 * @param {Photo} photo
 * @param {{source_id: string, duration: number, has_audio: boolean}} answer
 */
function acceptVideo(photo, { source_id: id, duration, has_audio: hasSound }) {
  Object.assign(photo, { id, video: { duration, hasSound } });
  Object.assign(photo, { state: "ready", sent: photo.size, file: null });
}

/** @param {Photo} photo */
function dropPreview(photo) {
  if (photo.preview) URL.revokeObjectURL(photo.preview);
  photo.preview = null;
}
