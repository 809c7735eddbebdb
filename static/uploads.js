// The photos of a slideshow, from the moment they are dropped: sent in small batches, kept in order.

import { isPassing, upload } from "./api.js";

const BATCH_FILES = 4;
const BATCH_BYTES = 24e6;
const NEVER = "9999";

const byName = (one, other) => one.name.localeCompare(other.name, undefined, { numeric: true });
const byDate = (one, other) => (one.takenAt ?? NEVER).localeCompare(other.takenAt ?? NEVER);

/**
 * A list of photos `{name, size, sent, state, id, thumbnail, takenAt, choice, file, preview}`, where
 * choice is what one has otherwise than the others, in the API's words, and
 * state is one of waiting, sending, checking, lost, ready.
 */
export class PhotoUploads {
  #sending = false;

  constructor({ maxBytes, maxPhotos, onChange, onRefused }) {
    Object.assign(this, { maxBytes, maxPhotos, onChange, onRefused });
    this.photos = [];
  }

  add(files) {
    for (const file of files) {
      const complaint = this.#complaintAbout(file);
      if (complaint) this.onRefused(file.name, complaint);
      else this.photos.push(this.#newPhoto(file));
    }
    this.onChange();
    this.#send();
  }

  /** Take back photos that an earlier visit of this page has uploaded. */
  restore(saved) {
    for (const photo of saved) {
      this.photos.push({ choice: {}, ...photo, sent: photo.size, state: "ready" });
    }
    this.onChange();
  }

  remove(photo) {
    this.photos = this.photos.filter((other) => other !== photo);
    this.#forgetPreview(photo);
    this.onChange();
  }

  clear() {
    this.photos.forEach((photo) => this.#forgetPreview(photo));
    this.photos = [];
    this.onChange();
  }

  move(photo, index) {
    const others = this.photos.filter((other) => other !== photo);
    others.splice(Math.max(0, Math.min(index, others.length)), 0, photo);
    this.photos = others;
    this.onChange();
  }

  /** Sort by name, as people do, or by when photos were taken; those without a date come last. */
  sort(order) {
    const compare = order === "name" ? byName : byDate;
    this.photos = [...this.photos].sort(compare);
    this.onChange();
  }

  retry() {
    this.photos.filter((photo) => photo.state === "lost").forEach((photo) => (photo.state = "waiting"));
    this.onChange();
    this.#send();
  }

  get totals() {
    const sum = (key) => this.photos.reduce((total, photo) => total + photo[key], 0);
    const count = (...states) => this.photos.filter((photo) => states.includes(photo.state)).length;
    return {
      sent: sum("sent"),
      size: sum("size"),
      ready: count("ready"),
      lost: count("lost"),
      underway: count("waiting", "sending", "checking"),
    };
  }

  #complaintAbout(file) {
    if (this.photos.length >= this.maxPhotos) {
      return `A slideshow takes up to ${this.maxPhotos} photos; this one is too many.`;
    }
    if (file.size > this.maxBytes) {
      return `This file is too large: up to ${Math.floor(this.maxBytes / 1e6)} MB are taken.`;
    }
    return file.size ? "" : "This file is empty.";
  }

  #newPhoto(file) {
    return {
      file,
      name: file.name,
      size: file.size,
      sent: 0,
      state: "waiting",
      choice: {},
      preview: URL.createObjectURL(file),
    };
  }

  #forgetPreview(photo) {
    if (photo.preview) URL.revokeObjectURL(photo.preview);
    photo.preview = null;
  }

  #nextBatch() {
    const batch = [];
    let bytes = 0;
    const most = Math.min(BATCH_BYTES, this.maxBytes * 0.95); // the form itself takes room too
    for (const photo of this.photos.filter((photo) => photo.state === "waiting")) {
      if (batch.length === BATCH_FILES || (batch.length && bytes + photo.size > most)) break;
      batch.push(photo);
      bytes += photo.size;
    }
    return batch;
  }

  async #send() {
    if (this.#sending) return;
    this.#sending = true;
    for (let batch = this.#nextBatch(); batch.length; batch = this.#nextBatch()) {
      await this.#sendBatch(batch);
    }
    this.#sending = false;
  }

  async #sendBatch(batch) {
    batch.forEach((photo) => (photo.state = "sending"));
    try {
      const files = batch.map((photo) => photo.file);
      const onProgress = (sent, total) => this.#spread(batch, sent, total);
      this.#settle(batch, await upload("/upload_images", "images", files, { onProgress }));
    } catch (error) {
      if (isPassing(error)) batch.forEach((photo) => Object.assign(photo, { state: "lost", sent: 0 }));
      else this.#settle(batch, { images: [], rejected: error.body?.rejected ?? [] }, error.message);
    }
    this.onChange();
  }

  /** Share the bytes of a form, which leave in order, among its photos. */
  #spread(batch, sent, total) {
    const size = batch.reduce((sum, photo) => sum + photo.size, 0);
    let left = sent - (total - size);
    for (const photo of batch) {
      photo.sent = Math.max(0, Math.min(photo.size, left));
      left -= photo.size;
      photo.state = photo.sent === photo.size ? "checking" : "sending";
    }
    this.onChange();
  }

  /** Give each photo of a batch its answer: the accepted come in order, the refused by name. */
  #settle(batch, { images, rejected }, sentence = "This file was not taken.") {
    const accepted = [...images];
    const refused = [...rejected];
    for (const photo of batch) {
      const index = refused.findIndex((file) => file.filename === photo.name);
      const isRefused = accepted[0]?.filename !== photo.name && (index >= 0 || !accepted.length);
      const [refusal] = isRefused && index >= 0 ? refused.splice(index, 1) : [];
      if (isRefused) this.#refuse(photo, refusal?.error ?? sentence);
      else this.#accept(photo, accepted.shift());
    }
  }

  #accept(photo, { id, thumbnail_url: thumbnail, taken_at: takenAt }) {
    Object.assign(photo, { id, thumbnail, takenAt, state: "ready", sent: photo.size, file: null });
  }

  #refuse(photo, sentence) {
    if (!this.photos.includes(photo)) return; // removed while it was sent
    this.remove(photo);
    this.onRefused(photo.name, sentence);
  }
}
