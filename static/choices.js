// What one photo has otherwise than the others: a dialog that opens over the contact sheet.

import { act, announce, part } from "./elements.js";

const KEY_STEP = 0.05;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const MIDDLE = { x: 0.5, y: 0.5 };

export class PhotoChoices {
  #photo = null;

  constructor(dialog, { onChange }) {
    Object.assign(this, { dialog, onChange });
    this.form = dialog.querySelector("form");
    this.picture = act(dialog, "focus");
    this.image = dialog.querySelector("img");
    this.form.addEventListener("input", (event) => this.#read(event.target));
    act(dialog, "reset").addEventListener("click", () => this.#set({}));
    this.image.addEventListener("load", () => this.#drawFocus());
    this.picture.addEventListener("click", (event) => this.#point(event));
    this.picture.addEventListener("keydown", (event) => this.#nudge(event));
    dialog.addEventListener("close", () => this.#close());
  }

  open(photo) {
    this.#photo = photo;
    part(this.dialog, "title").textContent = photo.name;
    this.image.src = photo.thumbnail ?? photo.preview;
    this.dialog.showModal();
    this.#draw();
  }

  #close() {
    announce(`${this.#photo.name}: ${isChosen(this.#photo) ? "with its own settings" : "as the others"}.`);
    this.#photo = null;
  }

  /** Take what was typed; a number outside its limits is not taken, and the form says so. */
  #read(input) {
    if (!input.validity.valid) return;
    const { [input.name]: before, ...choice } = this.#photo.choice;
    const isNumber = input.type === "number" || input.name === "rotate";
    if (input.value !== "") choice[input.name] = isNumber ? Number(input.value) : input.value;
    if (input.name === "rotate") delete choice.focus; // it was a point of the photo as it lay
    this.#set(choice);
  }

  #set(choice) {
    this.#photo.choice = choice;
    this.#draw();
    this.onChange();
  }

  #draw() {
    const { choice } = this.#photo;
    for (const input of this.form.querySelectorAll("input, select, textarea")) {
      if (input !== document.activeElement || !(input.name in choice)) input.value = choice[input.name] ?? "";
    }
    this.picture.style.setProperty("--turn", `${choice.rotate ?? 0}deg`);
    this.#drawFocus();
  }

  #drawFocus() {
    const mark = part(this.dialog, "focus-mark");
    const focus = this.#photo?.choice.focus;
    mark.hidden = !focus;
    if (!focus) return;
    const shown = this.image.getBoundingClientRect();
    const around = this.picture.getBoundingClientRect();
    mark.style.left = `${shown.left - around.left + focus.x * shown.width}px`;
    mark.style.top = `${shown.top - around.top + focus.y * shown.height}px`;
  }

  #point({ clientX, clientY, detail }) {
    if (!detail) return this.#focusOn(this.#photo.choice.focus ?? MIDDLE); // pressed by a key
    const shown = this.image.getBoundingClientRect();
    this.#focusOn({ x: (clientX - shown.left) / shown.width, y: (clientY - shown.top) / shown.height });
  }

  #nudge(event) {
    const step = KEYS[event.key];
    if (!step) return;
    event.preventDefault();
    const { x, y } = this.#photo.choice.focus ?? MIDDLE;
    this.#focusOn({ x: x + step[0] * KEY_STEP, y: y + step[1] * KEY_STEP });
  }

  /** A crop is what a focus is for. */
  #focusOn({ x, y }) {
    const within = (part) => Math.round(Math.max(0, Math.min(1, part)) * 1000) / 1000;
    this.#set({ ...this.#photo.choice, fit: "cover", focus: { x: within(x), y: within(y) } });
  }
}

/** Whether a photo has anything of its own. */
export const isChosen = (photo) => Object.keys(photo.choice).length > 0;
