// What the server would refuse of a clip, shown where it is chosen, and the way there.

import { find, findInput, reveal } from "../../elements.js";
import { stripPath } from "../../fields.js";
import { say } from "../../language.js";
import { findControl, nameControl } from "../../form/controls.js";
import { FaultNote } from "../../form/fault_note.js";
import { findPlace } from "./places.js";

/** @import { ApiError } from "../../api.js" */
/** @import { Obstacle } from "../../form/sum_line.js" */
/** @import { CaptionList } from "../captions.js" */
/** @import { Parts } from "../parts.js" */
/** @import { Place } from "./places.js" */

/** @typedef {{sentence: string, place: Place | null, name: string, control: HTMLElement | null}} Refused */

export class ClipFaults {
  /** @type {Refused | null} */
  #refused = null;

  /**
   * @param {HTMLFormElement} form
   * @param {Parts} parts
   * @param {CaptionList} captions
   */
  constructor(form, parts, captions) {
    this.form = form;
    this.parts = parts;
    this.captions = captions;
    this.note = new FaultNote("refused-of-clip");
  }

  /**
   * Take why an order would be refused; null when it would not.
   * @param {ApiError | null} error
   */
  take(error) {
    this.#refused = error && this.#read(error);
    const { control = null, sentence = "" } = this.#refused ?? {};
    this.note.show(control, sentence);
  }

  /** @param {ApiError} error */
  #read(error) {
    const path = error.body.field ?? "";
    const place = findPlace(path);
    const control = this.#findControl(place);
    return { sentence: stripPath(error.message, path), place, control, name: this.#name(place) };
  }

  /**
   * What is in the way of the clip, and the way there.
   * @returns {Obstacle | null}
   */
  get obstacle() {
    if (!this.#refused) return null;
    const { sentence, place, name, control } = this.#refused;
    const text = name ? `${name}: ${sentence}` : sentence;
    if (!control) return { sentence: text };
    const go = () => {
      if (place?.part !== undefined) this.parts.edit(place.part);
      reveal(control);
    };
    return { sentence: text, go };
  }

  /** @param {Place | null} place */
  #name(place) {
    if (place?.line !== undefined) return say("Caption");
    if (place?.part !== undefined) return say("Part {number}", { number: place.part + 1 });
    const control = place && findControl(this.form, place.field);
    return control ? nameControl(control) : "";
  }

  /**
   * @param {Place | null} place
   * @returns {HTMLElement | null}
   */
  #findControl(place) {
    if (!place) return null;
    const { line, field } = place;
    if (line !== undefined) return this.#findLine(line, field);
    if (field === "captions") return this.#findCaptions();
    return findControl(this.form, field);
  }

  /**
   * @param {number} line its number in the order
   * @param {string} field
   */
  #findLine(line, field) {
    const row = this.captions.findOrdered(line, this.parts.cuts);
    if (!row) return this.#findCaptions();
    return field === "text" ? find(row, "textarea", HTMLTextAreaElement) : findInput(row, field);
  }

  /** The control that says where the captions come from, or else their first line. */
  #findCaptions() {
    const { speech, track } = this.captions.source;
    const chosen = [speech, track].find((box) => box?.checked);
    return chosen ?? this.captions.list.querySelector("textarea");
  }
}
