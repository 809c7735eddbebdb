// What can be done with the selected photos: one bar for all of them.

import { announce, find, findButton, findInput, findPart } from "../../elements.js";
import { say, sayCount } from "../../language.js";
import { sayPhotos } from "../counts.js";
import { changeChoice } from "../photo.js";

/** @import { Photo } from "../photo.js" */
/** @import { Sheet } from "../sheet.js" */

const QUARTER = 90;

export class PickedBar {
  /** @type {Photo[]} */
  #picked = [];

  /**
   * @param {HTMLElement} root
   * @param {{sheet: Sheet, onTurn: () => void}} options
   */
  constructor(root, { sheet, onTurn }) {
    this.sheet = sheet;
    this.onTurn = onTurn;
    this.form = find(root, "form", HTMLFormElement);
    this.bar = find(root, ".picked-bar", HTMLElement);
    this.dialog = find(document, "#move-photos", HTMLDialogElement);
    this.place = findInput(this.dialog, "place");
    const actions = {
      edit: () => sheet.onEdit(this.#picked),
      turn: () => this.#turn(),
      "move-to": () => this.#ask(),
      "remove-picked": () => sheet.remove(this.#picked[0]),
      unpick: () => this.#unpick(),
    };
    for (const [name, action] of Object.entries(actions)) {
      findButton(this.bar, name).addEventListener("click", action);
    }
    this.bar.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#unpick();
    });
    findButton(this.dialog, "first").addEventListener("click", () => this.#move(0));
    findButton(this.dialog, "last").addEventListener("click", () => this.#move(Infinity));
    find(this.dialog, "form", HTMLFormElement).addEventListener("submit", () =>
      this.#move(this.place.valueAsNumber - 1),
    );
    this.dialog.addEventListener("close", () => sheet.focus(this.#picked[0]));
  }

  /** @param {Photo[]} picked */
  draw(picked) {
    this.#picked = picked;
    this.bar.hidden = picked.length === 0;
    this.form.classList.toggle("picking", picked.length > 0);
    findPart(this.bar, "picked-count").textContent = sayCount(picked.length, {
      one: "{count} selected",
      other: "{count} selected",
    });
    findButton(this.bar, "move-to").disabled = picked.length === this.sheet.photos.length;
  }

  #unpick() {
    this.sheet.pickNone();
    this.sheet.focus();
  }

  #turn() {
    for (const photo of this.#picked) {
      const degrees = ((photo.choice.rotate ?? 0) + QUARTER) % 360;
      photo.choice = changeChoice(photo.choice, "rotate", degrees ? String(degrees) : "");
    }
    this.onTurn();
    announce(say("{names} turned to the right.", { names: this.sheet.nameAll(this.#picked) }));
  }

  /** Ask for the place to move to. */
  #ask() {
    const { photos } = this.sheet;
    const most = photos.length - this.#picked.length + 1;
    findPart(this.dialog, "title").textContent = say("Move {names}", {
      names: this.sheet.nameAll(this.#picked),
    });
    findPart(this.dialog, "range").textContent = say("of {photos}", {
      photos: sayPhotos(photos.length),
    });
    this.place.max = String(most);
    this.place.value = String(Math.min(most, photos.indexOf(this.#picked[0]) + 1));
    this.dialog.showModal();
    this.place.select();
  }

  /** @param {number} index */
  #move(index) {
    this.sheet.move(this.#picked, index);
    if (this.dialog.open) this.dialog.close();
  }
}
