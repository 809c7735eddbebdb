// The photos and videos of a slideshow, from the moment they are dropped: sent, and kept in order.

import { getSession } from "../api.js";
import { findFault } from "../files.js";
import { say } from "../language.js";
import { drawStills } from "../stills.js";
import { countPhotos, findFault as findPartFault } from "./photo.js";
import { PhotoSender } from "./sender.js";
import * as unsent from "../intake/unsent.js";

/** @import { Sorted } from "../intake/kinds.js" */
/** @import { Photo } from "./photo.js" */

const STILL_HEIGHT = 250;
const TELL_MS = 100;

/**
 * A photo as it is stored.
 * @typedef {Pick<Photo, "id" | "name" | "size" | "thumbnail" | "takenAt" | "utcOffset" | "choice"
 *   | "video" | "kept">} SavedPhoto
 */

/**
 * @typedef {object} UploadOptions
 * @property {number} maxBytes of a file
 * @property {number} maxPhotos
 * @property {() => void} onChange
 * @property {(name: string, sentence: string) => void} onRefused
 */

const REEL_FRAMES = 24;

export class PhotoUploads {
  /** @type {Photo[]} */
  photos = [];
  /** The stills of videos, drawn one after another. */
  #drawing = Promise.resolve();
  #sender;
  #telling = 0;

  /** @param {UploadOptions} options */
  constructor({ maxBytes, maxPhotos, onChange, onRefused }) {
    this.maxBytes = maxBytes;
    this.maxPhotos = maxPhotos;
    this.onChange = onChange;
    this.onRefused = onRefused;
    this.#sender = new PhotoSender({
      maxBytes,
      list: () => this.photos,
      onChange: () => this.onChange(),
      onSent: unsent.forget,
      onRefused: (photo, sentence) => {
        this.remove(photo);
        this.onRefused(photo.name, sentence);
      },
    });
  }

  /** Pictures for the strip that develops as progress. */
  get reel() {
    const step = Math.ceil(this.photos.length / REEL_FRAMES);
    return this.photos.filter((_, index) => index % step === 0).map(({ thumbnail }) => thumbnail);
  }

  /** @param {Sorted[]} sorted photos and videos */
  add(sorted) {
    for (const { file, kind } of sorted) {
      const fault = this.#findFault(file);
      if (fault) this.onRefused(file.name, fault);
      else this.#addFile(newPhoto(file, kind === "video"), file);
    }
    this.onChange();
    this.#sender.start();
  }

  /**
   * Show the photos of a draft in the place of these, which stay in their own, and send those that
   * were not sent. What both have stays here, and goes on being sent.
   * @param {SavedPhoto[]} saved
   */
  open(saved) {
    const before = this.photos;
    this.photos = [];
    for (const each of saved) this.#take(before, each);
    for (const photo of before) if (!this.photos.includes(photo)) this.#leave(photo);
    this.#sender.prune();
    this.onChange();
  }

  /**
   * @param {Photo[]} before
   * @param {SavedPhoto} saved
   */
  #take(before, saved) {
    const isSame = (/** @type {Photo} */ { id, kept }) =>
      saved.id ? id === saved.id : kept && kept === saved.kept;
    const same = before.find((photo) => isSame(photo) && !this.photos.includes(photo));
    if (same) {
      same.choice = saved.choice;
      this.photos.push(same);
      return;
    }
    const { id, size } = saved;
    /** @type {Photo} */
    const photo = { ...saved, sent: id ? size : 0, state: id ? "ready" : "waiting" };
    this.photos.push(photo);
    if (!id) this.#reopen(photo);
    else if (photo.video && !photo.thumbnail) {
      this.#drawStill(photo, `/media/${getSession()}/${id}`);
    }
  }

  /** @param {Photo} photo of a draft that is no longer shown */
  #leave({ preview, kept }) {
    URL.revokeObjectURL(preview ?? "");
    if (kept) unsent.letGo(kept);
  }

  /**
   * The photos as they can be stored, with what finds the files of those that are not sent.
   * @returns {SavedPhoto[]}
   */
  get saved() {
    return this.photos
      .filter(({ state, kept }) => state === "ready" || kept)
      .map(({ id, name, size, thumbnail, takenAt, utcOffset, choice, video, kept }) => ({
        ...{ id, name, size, thumbnail, takenAt, utcOffset, choice, video },
        ...(id ? {} : { kept }),
      }));
  }

  /** Whether a file that is not sent would be lost with this page. */
  get isUnsafe() {
    return this.photos.some(({ state, kept }) => state !== "ready" && !kept);
  }

  /**
   * Have these photos in this order; those that come back are sent where that is left to do.
   * @param {Photo[]} photos
   */
  arrange(photos) {
    this.#dropAll(this.photos.filter((photo) => !photos.includes(photo)));
    const back = photos.filter((photo) => !this.photos.includes(photo));
    this.photos = photos;
    for (const photo of back) if (photo.file && !photo.kept) this.#keep(photo, photo.file);
    this.#sender.prune();
    this.#sender.start();
    this.onChange();
  }

  /** @param {Photo} photo */
  remove(photo) {
    this.arrange(this.photos.filter((other) => other !== photo));
  }

  /** Send at once what waits. */
  retry() {
    this.#sender.retry();
    this.onChange();
  }

  /** Why photos are lost, as a sentence. */
  get reason() {
    return this.#sender.reason;
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
    return say("Over the limit: a slideshow takes up to {count} photos.", {
      count: this.maxPhotos,
    });
  }

  /**
   * @param {Photo} photo
   * @param {File} file
   */
  #addFile(photo, file) {
    this.photos.push(photo);
    this.#keep(photo, file);
    this.#show(photo, file);
  }

  /**
   * @param {Photo} photo
   * @param {File} file
   */
  #show(photo, file) {
    if (photo.video) this.#drawStill(photo, URL.createObjectURL(file));
    else photo.preview = URL.createObjectURL(file);
  }

  /**
   * @param {Photo} photo
   * @param {File} file
   */
  async #keep(photo, file) {
    const kept = await unsent.keep(file);
    const isWanted = this.photos.includes(photo) && photo.state !== "ready";
    if (kept && isWanted && !photo.kept) photo.kept = kept;
    else if (kept) unsent.drop(kept);
    clearTimeout(this.#telling); // once for all photos that come together
    this.#telling = setTimeout(() => this.onChange(), TELL_MS);
  }

  /** @param {Photo} photo of an earlier visit that was not sent */
  async #reopen(photo) {
    const { kept } = photo;
    const file = await unsent.find(kept ?? "");
    if (file && this.photos.includes(photo)) this.#show(photo, file);
    this.onChange();
    const answer = kept ? await unsent.claim(kept) : null;
    photo.file = file;
    if (!this.photos.includes(photo)) unsent.letGo(kept ?? "");
    else if (answer) this.#sender.accept(photo, answer);
    else if (file) this.#sender.start();
    else {
      this.remove(photo);
      this.onRefused(photo.name, unsent.NOT_KEPT);
    }
  }

  /**
   * @param {Photo} photo a video
   * @param {string} url
   */
  #drawStill(photo, url) {
    this.#drawing = this.#drawing.then(() => this.#drawNext(photo, url));
  }

  /**
   * @param {Photo} photo a video
   * @param {string} url
   */
  async #drawNext(photo, url) {
    const [still] = await drawStills(url, { count: 1, height: STILL_HEIGHT });
    URL.revokeObjectURL(url);
    photo.thumbnail ??= still;
    this.onChange();
  }

  /** @param {Photo[]} photos */
  #dropAll(photos) {
    for (const photo of photos) {
      if (photo.preview && !photo.file) {
        URL.revokeObjectURL(photo.preview);
        photo.preview = null;
      }
      unsent.forget(photo);
    }
  }
}

/**
 * @param {File} file
 * @param {boolean} isVideo
 * @returns {Photo}
 */
function newPhoto(file, isVideo) {
  const { name, size } = file;
  const video = isVideo ? { duration: 0, hasSound: false } : null;
  return { name, size, sent: 0, state: "waiting", choice: {}, file, ...(video && { video }) };
}
