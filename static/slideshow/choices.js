// The settings of one photo, or of several at once: a dialog that opens over the contact sheet.

import { announce, find, findButton, findInput, findPart, tell } from "../elements.js";
import { floor } from "../format.js";
import { say } from "../language.js";
import { sayPhotos } from "./counts.js";
import { findControl } from "../form/controls.js";
import { FaultNote } from "../form/fault_note.js";
import { changeChoice, findFault, focusChoice, isChosen, shareChoice } from "./photo.js";

/** @import { Choice, Photo } from "./photo.js" */

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */

const KEY_STEP = 0.05;
/** @type {Record<string, [number, number]>} */
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const MIDDLE = { x: 0.5, y: 0.5 };

/** @typedef {{field: string, sentence: string}} Refused what the server would refuse of a photo */

export class PhotoChoices {
  /** @type {Photo[]} */
  #photos = [];

  /**
   * @param {HTMLDialogElement} dialog
   * @param {{onChange: () => void, findRefused: (photo: Photo) => Refused | null}} options
   */
  constructor(dialog, { onChange, findRefused }) {
    this.dialog = dialog;
    this.onChange = onChange;
    this.findRefused = findRefused;
    this.note = new FaultNote("refused-choice");
    this.form = find(dialog, "form", HTMLFormElement);
    this.picture = findButton(dialog, "focus");
    this.image = find(dialog, "img", HTMLImageElement);
    this.form.addEventListener("input", ({ target }) =>
      this.#read(/** @type {Control} */ (target)),
    );
    findButton(dialog, "reset").addEventListener("click", () => this.#change(() => ({})));
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
    this.#photos = photos;
    const [first] = photos;
    findPart(this.dialog, "title").textContent =
      photos.length === 1 ? first.name : sayPhotos(photos.length);
    this.image.removeAttribute("src"); // that of another photo
    this.dialog.showModal();
    this.draw();
    findControl(this.form, field)?.focus();
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
    findInput(this.dialog, "end").placeholder = String(floor(video?.duration ?? 0, 2) || "");
    findInput(this.dialog, "mute").disabled = !video?.hasSound;
    this.#drawChoice();
  }

  /** The one whose picture is shown. */
  get #photo() {
    return this.#photos.at(0);
  }

  /** What all have in common. */
  get #choice() {
    return shareChoice(this.#photos.map(({ choice }) => choice));
  }

  #close() {
    const [first] = this.#photos;
    const isOne = this.#photos.length === 1;
    const name = isOne ? first.name : sayPhotos(this.#photos.length);
    const isOwn = this.#photos.some(({ choice }) => isChosen(choice));
    announce(
      isOwn
        ? say("{name}: with own settings.", { name })
        : say("{name}: with the common settings.", { name }),
    );
    this.#photos = [];
  }

  /**
   * Take what was typed; not a number outside its limits, of which the form speaks.
   * @param {Control} control
   */
  #read(control) {
    if (!control.validity.valid) return;
    const isOff = isBox(control) && !control.checked;
    const text = isOff ? "" : control.value;
    this.#change((choice) => changeChoice(choice, control.name, text));
  }

  /** @param {(choice: Choice) => Choice} change */
  #change(change) {
    for (const photo of this.#photos) photo.choice = change(photo.choice);
    this.onChange(); // this draws the choice, too
  }

  #drawChoice() {
    /** @type {Record<string, unknown>} */
    const choice = { ...this.#choice };
    /** @type {NodeListOf<Control>} */
    const controls = this.form.querySelectorAll("input, select, textarea");
    for (const control of controls) {
      const isTyping = control === document.activeElement && control.name in choice;
      if (isBox(control)) control.checked = control.name in choice;
      else if (!isTyping) control.value = String(choice[control.name] ?? "");
    }
    tell(findPart(this.dialog, "part-fault"), this.#photos.map(findFault).find(Boolean) ?? "");
    this.#drawRefused();
    this.picture.style.setProperty("--turn", `${choice.rotate ?? 0}deg`);
    this.#drawFocus();
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

/**
 * @param {Control} control
 * @returns {control is HTMLInputElement}
 */
function isBox(control) {
  return control instanceof HTMLInputElement && control.type === "checkbox";
}
