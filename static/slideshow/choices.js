// The settings of one photo, or of several at once: a dialog that opens over the contact sheet.

import { announce, find, findButton, findInput, findPart, tell } from "../elements.js";
import { floor } from "../format.js";
import { say } from "../language.js";
import { sayPhotos, sayPlace } from "./counts.js";
import { findControl, isBox, isList, isTyped } from "../form/controls.js";
import { FaultNote } from "../form/fault_note.js";
import { FocusPicker } from "./focus_picker.js";
import {
  changeChoice,
  findDifferent,
  findFault,
  focusChoice,
  isChosen,
  shareChoice,
} from "./photo.js";

/** @import { Control } from "../form/controls.js" */
/** @import { Choice, Photo } from "./photo.js" */

const DIFFERENT = "different"; // the option of a list where the photos differ
const DONE = "done"; // what the button that ends the dialog returns

/** @typedef {{field: string, sentence: string}} Refused what the server would refuse of a photo */

export class PhotoChoices {
  /** @type {Photo[]} */
  #photos = [];
  /** @type {Photo[]} all whose settings were shown since the dialog was opened */
  #visited = [];
  /** @type {Photo | undefined} the last one, if the dialog was opened for another */
  #last;
  /** @type {Map<Control, string>} what fields say while they are empty */
  #hints = new Map();

  /**
   * @param {HTMLDialogElement} dialog
   * @param {object} options
   * @param {() => void} options.onChange
   * @param {(photos: Photo[]) => void} options.onType hears of each letter, instead
   * @param {(photos: Photo[], last?: Photo) => void} options.onDone `last` was gone on to
   * @param {() => void} options.onGone hears that there is none left of those that were shown
   * @param {(photo: Photo) => Refused | null} options.findRefused
   * @param {() => Photo[]} options.list all photos, in their order
   * @param {HTMLFormElement} options.common has the settings of all photos
   */
  constructor(dialog, { onChange, onType, onDone, onGone, findRefused, list, common }) {
    this.dialog = dialog;
    this.onChange = onChange;
    this.onType = onType;
    this.onDone = onDone;
    this.onGone = onGone;
    this.findRefused = findRefused;
    this.list = list;
    this.common = common;
    this.note = new FaultNote("refused-choice");
    this.form = find(dialog, "form", HTMLFormElement);
    this.picker = new FocusPicker(dialog, (focus) =>
      this.#change((choice) => focusChoice(choice, focus)),
    );
    this.next = findButton(dialog, "next-photo");
    for (const control of this.#controls) this.#hints.set(control, readHint(control));
    this.form.addEventListener("input", (event) => this.#read(event));
    findButton(dialog, "reset").addEventListener("click", () => this.#change(() => ({})));
    this.next.addEventListener("click", () => this.#goOn());
    dialog.addEventListener("close", () => this.#close());
  }

  /**
   * @param {Photo[]} photos
   * @param {string} [field] to go to
   */
  open(photos, field = "") {
    this.#visited = [];
    this.#last = undefined;
    this.#take(photos);
    this.dialog.returnValue = "";
    this.dialog.showModal();
    this.draw();
    findControl(this.form, field)?.focus();
  }

  /** Show the next photo, with its caption ready to be written, unless something here is wrong. */
  #goOn() {
    const following = this.#following;
    if (!following || !this.form.reportValidity()) return;
    this.#last = following;
    this.#take([following]);
    this.draw();
    this.dialog.scrollTop = 0;
    findControl(this.form, "caption")?.focus();
  }

  /** @param {Photo[]} photos whose settings are to be shown */
  #take(photos) {
    this.#photos = photos;
    this.#visited.push(...photos);
    this.picker.clear();
  }

  /** Show the settings that a photo has, or those of a video, as far as it is known by now. */
  draw() {
    if (!this.#photo) return;
    const all = this.list();
    this.#photos = this.#photos.filter((photo) => all.includes(photo)); // some may be refused
    if (!this.#photo) {
      this.dialog.close();
      return;
    }
    tell(findPart(this.dialog, "title"), this.#name);
    const { video, thumbnail, preview } = this.#photo;
    this.picker.show(this.#photos.length === 1 ? (thumbnail ?? preview) : null);
    for (const field of this.dialog.querySelectorAll("[data-for]")) {
      const kind = field.getAttribute("data-for");
      const isFit = this.#photos.every((photo) => kind === (photo.video ? "video" : "photo"));
      if (field instanceof HTMLElement) field.hidden = !isFit;
    }
    const isOne = this.#photos.length === 1;
    findPart(this.dialog, "duration-label").textContent = isOne
      ? say("Seconds of this photo")
      : say("Seconds of each photo");
    findPart(this.dialog, "mute-label").textContent = isOne
      ? say("Without its sound")
      : say("Without their sound");
    const length = isOne ? floor(video?.duration ?? 0, 2) : 0;
    this.#hints.set(findInput(this.dialog, "end"), String(length || ""));
    findInput(this.dialog, "mute").disabled = !video?.hasSound;
    findPart(this.dialog, "choice-fit-limits").hidden = !this.#isMoving;
    this.#drawPlace();
    this.#drawChoice();
  }

  /** Say which photo this is, and offer the next one. */
  #drawPlace() {
    const [all, [photo, ...others]] = [this.list(), this.#photos];
    const place = others.length ? "" : sayPlace(photo, all.indexOf(photo) + 1, all.length);
    tell(findPart(this.dialog, "place"), place);
    const following = this.#following;
    this.next.hidden = !following;
    this.next.textContent = following?.video ? say("Next video") : say("Next photo");
  }

  /** What the dialog is named after. */
  get #name() {
    const [first, ...others] = this.#photos;
    return others.length ? sayPhotos(this.#photos.length) : first.name;
  }

  /** What can be shown next: what follows a single photo. */
  get #following() {
    const [first, ...others] = this.#photos;
    const photos = this.list();
    return others.length ? undefined : photos[photos.indexOf(first) + 1];
  }

  /** The one whose picture is shown. */
  get #photo() {
    return this.#photos.at(0);
  }

  /** Whether there are photos that fill the frame, as they move. */
  get #isMoving() {
    const { value } = find(this.common, "[name=motion]", HTMLSelectElement);
    return this.#photos.some(({ video, choice }) => !video && (choice.motion ?? value) !== "none");
  }

  /** What all have in common. */
  get #choice() {
    return shareChoice(this.#photos.map(({ choice }) => choice));
  }

  /** @returns {NodeListOf<Control>} */
  get #controls() {
    return this.form.querySelectorAll("input, select, textarea");
  }

  #close() {
    if (!this.#photo) {
      this.onGone();
      return;
    }
    const name = this.#name;
    const isOwn = this.#photos.some(({ choice }) => isChosen(choice));
    announce(
      isOwn
        ? say("{name}: with own settings.", { name })
        : say("{name}: with the common settings.", { name }),
    );
    this.#photos = [];
    if (this.dialog.returnValue === DONE) this.onDone(this.#visited, this.#last);
  }

  /**
   * Take what was typed; not a number outside its limits, of which the form speaks.
   * @param {Event} event
   */
  #read(event) {
    const control = /** @type {Control} */ (event.target);
    if (!control.validity.valid) return;
    const isOff = isBox(control) && !control.checked;
    const text = isOff ? "" : control.value;
    this.#set((choice) => changeChoice(choice, control.name, text));
    if (!isTyped(event)) this.onChange();
    else {
      this.#drawChoice();
      this.onType(this.#photos);
    }
  }

  /** @param {(choice: Choice) => Choice} change */
  #change(change) {
    this.#set(change);
    this.onChange(); // this draws the choice, too
  }

  /** @param {(choice: Choice) => Choice} change */
  #set(change) {
    for (const photo of this.#photos) photo.choice = change(photo.choice);
  }

  #drawChoice() {
    /** @type {Record<string, unknown>} */
    const choice = { ...this.#choice };
    const different = findDifferent(this.#photos.map((photo) => photo.choice));
    for (const control of this.#controls) {
      const isTyping = control === document.activeElement && control.name in choice;
      const isDifferent = different.has(control.name);
      const value = isDifferent && isList(control) ? DIFFERENT : String(choice[control.name] ?? "");
      if (isBox(control)) control.checked = control.name in choice;
      else if (!isTyping && control.value !== value) control.value = value;
      this.#drawDifference(control, isDifferent);
    }
    tell(findPart(this.dialog, "part-fault"), this.#photos.map(findFault).find(Boolean) ?? "");
    this.#drawRefused();
    this.picker.draw(this.#choice);
  }

  /**
   * Say of an empty field that the photos differ in what it is for.
   * @param {Control} control
   * @param {boolean} isDifferent
   */
  #drawDifference(control, isDifferent) {
    if (isList(control)) return; // it has an option for that
    if (isBox(control)) {
      control.indeterminate = isDifferent;
      return;
    }
    const said = control.name === "caption" ? say("different captions") : say("different");
    const hint = isDifferent ? said : (this.#hints.get(control) ?? "");
    if (control.placeholder !== hint) control.placeholder = hint;
  }

  #drawRefused() {
    const refused = this.#photos.length === 1 ? this.findRefused(this.#photos[0]) : null;
    const control = refused && findControl(this.form, refused.field);
    this.note.show(control ?? (refused && this.picker.button), refused?.sentence ?? "");
  }
}

/** @param {Control} control */
function readHint(control) {
  return isList(control) ? "" : control.placeholder;
}
