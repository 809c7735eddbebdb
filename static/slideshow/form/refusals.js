// What the server would refuse, shown where it is chosen: at a field, or at a photo.

import { reveal } from "../../elements.js";
import { stripPath } from "../../fields.js";
import { say } from "../../language.js";
import { FaultNote } from "../../form/fault_note.js";
import { findPlace } from "./places.js";
import { findControl, nameControl } from "../../form/controls.js";

/** @import { ApiError } from "../../api.js" */
/** @import { Obstacle } from "../../form/sum_line.js" */
/** @import { Photo } from "../photo.js" */

/** @typedef {{photo: Photo | null, number: number, field: string, sentence: string}} Refused */

export class Refusals {
  /** @type {Refused | null} */
  #refused = null;

  /**
   * @param {HTMLFormElement} form
   * @param {(photo: Photo, field: string) => void} openPhoto
   */
  constructor(form, openPhoto) {
    this.form = form;
    this.openPhoto = openPhoto;
    this.note = new FaultNote("refused-field");
  }

  /**
   * Take why an order would be refused; null when it would not.
   * @param {ApiError | null} error
   * @param {Photo[]} photos of that order
   */
  take(error, photos) {
    const path = error?.body.field ?? "";
    const place = findPlace(path);
    const photo = error && (photos[place?.photo ?? -1] ?? findNamed(error.message, photos));
    this.#refused = error && {
      photo,
      number: photo ? photos.indexOf(photo) + 1 : 0,
      field: place?.field ?? "",
      sentence: stripPath(error.message, path),
    };
    this.note.show(this.#control, this.#refused?.sentence ?? "");
  }

  /**
   * Return what is wrong with a photo, and with which of its settings.
   * @param {Photo} photo
   */
  findFor(photo) {
    return this.#refused?.photo === photo ? this.#refused : null;
  }

  /** @returns {Obstacle | null} */
  get obstacle() {
    if (!this.#refused) return null;
    const { photo, number, field, sentence } = this.#refused;
    if (photo) {
      return {
        sentence: say("Photo {number}: {sentence}", { number, sentence }),
        go: () => this.openPhoto(photo, field),
      };
    }
    const control = this.#control;
    if (!control) return { sentence };
    return { sentence: `${nameControl(control)}: ${sentence}`, go: () => reveal(control) };
  }

  /** The field of the form that is refused. */
  get #control() {
    return this.#refused && !this.#refused.photo
      ? findControl(this.form, this.#refused.field)
      : null;
  }
}

/**
 * Return the photo of whose id a sentence speaks: the server has it no longer.
 * @param {string} sentence
 * @param {Photo[]} photos
 */
function findNamed(sentence, photos) {
  return photos.find(({ id }) => id && sentence.includes(id)) ?? null;
}
