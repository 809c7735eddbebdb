// Where the pictures and the sound of a preview come from: files of this visit, or the uploads.

/** @import { Slide } from "./timeline.js" */
/** @import { Videos } from "./videos.js" */

/**
 * @typedef {object} StagePhoto
 * @property {string} name
 * @property {string} [id]
 * @property {string} [thumbnail]
 * @property {string | null} [preview]
 * @property {object | null} [video]
 * @property {File | null} [file] until it is uploaded
 */

/**
 * What was ordered, as far as the stage must know it.
 * @typedef {object} StageOrder
 * @property {{id?: string, mute?: boolean}[]} photos
 * @property {string | null} [session_id]
 * @property {{id?: string}[]} [tracks]
 * @property {unknown} [transition]
 * @property {unknown} [motion]
 * @property {number} [volume]
 */

/** @typedef {{photos: StagePhoto[]}} StageUploads those of the form, in their order */
/** @typedef {{findAddress: (id: string) => string | undefined}} StageMusic its files that are here */
/** @typedef {{fps: number, isPlaying: boolean, isLoud: boolean}} Playing */

export class Sources {
  /** @type {StageOrder} */
  order = { photos: [] };
  /** @type {Playing} */
  playing = { fps: 30, isPlaying: false, isLoud: false };
  /** @type {Map<StagePhoto, string>} addresses of the videos that were chosen in this visit */
  #files = new Map();

  /**
   * @param {StageUploads} uploads
   * @param {StageMusic} music
   * @param {Videos} videos
   */
  constructor(uploads, music, videos) {
    this.uploads = uploads;
    this.music = music;
    this.videos = videos;
  }

  /** Keep the files of videos, which play from here as long as they are among the photos. */
  keepFiles() {
    const { photos } = this.uploads;
    for (const photo of photos) {
      if (!photo.video || !photo.file || this.#files.has(photo)) continue;
      this.#files.set(photo, URL.createObjectURL(photo.file));
    }
    for (const [photo, address] of this.#files) {
      if (photos.includes(photo)) continue;
      URL.revokeObjectURL(address);
      this.#files.delete(photo);
    }
  }

  /** @param {number} number in the order */
  findPhoto(number) {
    const { id } = this.order.photos[number] ?? {};
    return this.uploads.photos.find((photo) => photo.id === id);
  }

  /**
   * Return the address of a small picture; an empty one where there is none.
   * @param {number} number in the order
   */
  findThumbnail(number) {
    const photo = this.findPhoto(number);
    return photo?.thumbnail ?? photo?.preview ?? "";
  }

  /** @param {number} number in the order */
  find(number) {
    const address = this.findThumbnail(number);
    return address.startsWith("/thumbnail/") ? `${address}?size=large` : address;
  }

  /**
   * Return a video at its time; null where its still has to stand for it.
   * @param {Slide} slide
   * @param {number} frame
   */
  findVideo(slide, frame) {
    const { id, mute } = this.order.photos[slide.photo] ?? {};
    const photo = this.findPhoto(slide.photo);
    if (!photo || !id) return null;
    const address = this.#files.get(photo) ?? this.#findUpload(id);
    const { fps, isPlaying, isLoud } = this.playing;
    const seconds = (slide.video_start ?? 0) + (frame - slide.start) / fps;
    return this.videos.find(address, seconds, { isPlaying, isHeard: isLoud && !mute });
  }

  /** @param {number} number of the track in the order */
  findTrack(number) {
    const { id } = this.order.tracks?.[number] ?? {};
    return id ? (this.music.findAddress(id) ?? this.#findUpload(id)) : null;
  }

  /** @param {string} id */
  #findUpload(id) {
    return `/media/${this.order.session_id}/${id}`;
  }
}
