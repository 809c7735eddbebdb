// The list of a clip's parts: each can be edited, or removed.

import { copyTemplate, findButton } from "../elements.js";
import { say } from "../language.js";
import { describePart } from "./segments.js";

/** @import { Cut } from "./cut.js" */

export class PartList {
  /** @type {Map<Cut, HTMLElement>} */
  #items = new Map();

  /**
   * @param {HTMLElement} root
   * @param {{edit: (cut: Cut) => void, remove: (cut: Cut) => void}} acts
   */
  constructor(root, acts) {
    this.root = root;
    this.acts = acts;
  }

  /**
   * Show the parts; a single one needs no list.
   * @param {Cut[]} cuts in the order of the video
   * @param {Cut} current the one that is edited
   * @param {boolean} isCropped whether the clip is a crop of the video
   */
  draw(cuts, current, isCropped) {
    this.root.hidden = cuts.length === 1;
    for (const [cut, item] of this.#items) {
      if (cuts.includes(cut)) continue;
      item.remove();
      this.#items.delete(cut);
    }
    cuts.forEach((cut, index) => {
      const [edit, remove] = this.#place(cut, index).querySelectorAll("button");
      edit.textContent = describePart(cut, index + 1, isCropped);
      edit.setAttribute("aria-current", String(cut === current));
      remove.setAttribute("aria-label", say("Remove part {number}", { number: index + 1 }));
    });
  }

  /** @param {Cut} cut */
  focus(cut) {
    this.#items.get(cut)?.querySelector("button")?.focus();
  }

  /**
   * Return the item of a part, in its place.
   * @param {Cut} cut
   * @param {number} index
   */
  #place(cut, index) {
    const item = this.#items.get(cut) ?? this.#newItem(cut);
    this.#items.set(cut, item);
    const there = this.root.children[index];
    if (there !== item) this.root.insertBefore(item, there ?? null);
    return item;
  }

  /** @param {Cut} cut */
  #newItem(cut) {
    const item = copyTemplate("part-template");
    findButton(item, "edit").addEventListener("click", () => this.acts.edit(cut));
    findButton(item, "remove").addEventListener("click", () => this.acts.remove(cut));
    return item;
  }
}
