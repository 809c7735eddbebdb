// The photos of a slideshow, from the moment they are dropped: sent in small batches, kept in order.

import { isTransient, toRefusal, upload } from "../api.js";
import { findFault } from "../files.js";
import { chooseBatch, matchAnswers, shareBytes } from "./batch.js";
import { countPhotos, movePhoto, sortPhotos } from "./photo.js";

/** @import { Refusal } from "../api.js" */
/** @import { Accepted } from "./batch.js" */
/** @import { Photo } from "./photo.js" */

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

  get totals() {
    return countPhotos(this.photos);
  }

  /** @param {File} file */
  #findFault(file) {
    if (this.photos.length < this.maxPhotos) return findFault(file, this.maxBytes);
    return `A slideshow takes up to ${this.maxPhotos} photos; this one is too many.`;
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
    return chooseBatch(waiting, this.maxBytes);
  }

  /** @param {Photo[]} batch */
  async #sendBatch(batch) {
    batch.forEach((photo) => (photo.state = "sending"));
    try {
      const files = batch.flatMap(({ file }) => file ?? []);
      const onProgress = (/** @type {number} */ sent, /** @type {number} */ total) =>
        this.#showProgress(batch, sent, total);
      this.#settle(batch, await upload("/upload_images", "images", files, { onProgress }));
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

/** @param {Photo} photo */
function dropPreview(photo) {
  if (photo.preview) URL.revokeObjectURL(photo.preview);
  photo.preview = null;
}
