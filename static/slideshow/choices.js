// The settings of one photo, or of several at once: a dialog that opens over the contact sheet.

import { announce, find, findButton, findInput, findPart, tell } from "../elements.js";
import { floor } from "../format.js";
import { say } from "../language.js";
import { sayPhotos, sayPlace } from "./counts.js";
import { findControl, isBox, isList, isTyped } from "../form/controls.js";
import { FaultNote } from "../form/fault_note.js";
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

const KEY_STEP = 0.05;
/** @type {Record<string, [number, number]>} */
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const MIDDLE = { x: 0.5, y: 0.5 };
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
   * @param {(photo: Photo) => Refused | null} options.findRefused
   * @param {() => Photo[]} options.list all photos, in their order
   * @param {HTMLFormElement} options.common has the settings of all photos
   */
  constructor(dialog, { onChange, onType, onDone, findRefused, list, common }) {
    this.dialog = dialog;
    this.onChange = onChange;
    this.onType = onType;
    this.onDone = onDone;
    this.findRefused = findRefused;
    this.list = list;
    this.common = common;
    this.note = new FaultNote("refused-choice");
    this.form = find(dialog, "form", HTMLFormElement);
    this.picture = findButton(dialog, "focus");
    this.next = findButton(dialog, "next-photo");
    this.image = find(dialog, "img", HTMLImageElement);
    for (const control of this.#controls) this.#hints.set(control, readHint(control));
    this.form.addEventListener("input", (event) => this.#read(event));
    findButton(dialog, "reset").addEventListener("click", () => this.#change(() => ({})));
    this.next.addEventListener("click", () => this.#goOn());
    this.image.addEventListener("load", () => this.#drawFocus());
    this.picture.addEventListener("click", (event) => this.#point(event));
    this.picture.addEventListener("keydown", (event) => this.#nudge(event));
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
    findPart(this.dialog, "title").textContent = this.#name;
    this.image.removeAttribute("src"); // that of another photo
  }

  /** Show the settings that a photo has, or those of a video, as far as it is known by now. */
  draw() {
    if (!this.#photo) return;
    const { video, thumbnail, preview } = this.#photo;
    const picture = this.#photos.length === 1 ? (thumbnail ?? preview) : null;
    this.picture.hidden = findPart(this.dialog, "focus-hint").hidden = !picture;
    if (picture && this.image.getAttribute("src") !== picture) this.image.src = picture;
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
    this.picture.style.setProperty("--turn", `${choice.rotate ?? 0}deg`);
    this.#drawFocus();
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
    this.note.show(control ?? (refused && this.picture), refused?.sentence ?? "");
  }

  #drawFocus() {
    const mark = findPart(this.dialog, "focus-mark");
    const { focus } = this.#choice;
    mark.hidden = !focus;
    if (!focus) return;
    const shown = this.image.getBoundingClientRect();
    const around = this.picture.getBoundingClientRect();
    mark.style.left = `${shown.left - around.left + focus.x * shown.width}px`;
    mark.style.top = `${shown.top - around.top + focus.y * shown.height}px`;
  }

  get #focus() {
    return this.#choice.focus ?? MIDDLE;
  }

  /** @param {MouseEvent} event */
  #point({ clientX, clientY, detail }) {
    if (!detail) return this.#focusOn(this.#focus.x, this.#focus.y); // pressed by a key
    const shown = this.image.getBoundingClientRect();
    const x = (clientX - shown.left) / shown.width;
    return this.#focusOn(x, (clientY - shown.top) / shown.height);
  }

  /** @param {KeyboardEvent} event */
  #nudge(event) {
    if (!(event.key in KEYS)) return;
    event.preventDefault();
    const [right, down] = KEYS[event.key];
    this.#focusOn(this.#focus.x + right * KEY_STEP, this.#focus.y + down * KEY_STEP);
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  #focusOn(x, y) {
    this.#change((choice) => focusChoice(choice, { x, y }));
  }
}

/** @param {Control} control */
function readHint(control) {
  return isList(control) ? "" : control.placeholder;
}
