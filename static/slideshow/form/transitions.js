// The transition of a slideshow, chosen by its family and then by its direction.

import { find } from "../../elements.js";

export class Transitions {
  /** The transition last chosen in each family. @type {Map<string, string>} */
  #last = new Map();
  #drawn = "";

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.root = find(form, ".transitions", HTMLElement);
    this.families = listRadios(this.root, "transition_family");
    this.transitions = listRadios(this.root, "transition");
    this.root.addEventListener("input", ({ target }) => {
      const family = this.families.find((radio) => radio === target);
      if (family) this.#choose(family.value);
    });
    this.draw();
  }

  /** Show the family of the chosen transition, and what there is to choose within. */
  draw() {
    const chosen = this.transitions.find((radio) => radio.checked);
    const family = chosen ? findFamily(chosen) : "";
    if (!chosen || this.#drawn === chosen.value) return;
    this.#drawn = chosen.value;
    this.#last.set(family, chosen.value);
    for (const radio of this.families) {
      radio.checked = radio.value === family;
      if (radio.checked) findSwatch(radio).dataset.transition = chosen.value;
    }
    for (const variants of this.root.querySelectorAll(".variants")) {
      const isOpen = variants.getAttribute("data-family") === family;
      if (variants instanceof HTMLElement) {
        variants.hidden = !isOpen || variants.dataset.only === "";
      }
    }
  }

  /** @param {string} family */
  #choose(family) {
    const own = this.transitions.filter((radio) => findFamily(radio) === family);
    const last = own.find((radio) => radio.value === this.#last.get(family));
    (last ?? own[0]).checked = true;
    this.draw();
  }
}

/**
 * @param {HTMLElement} root
 * @param {string} name
 */
function listRadios(root, name) {
  return [...root.querySelectorAll(`input[name="${name}"]`)].filter(
    (radio) => radio instanceof HTMLInputElement,
  );
}

/** @param {HTMLInputElement} radio of a transition */
function findFamily(radio) {
  return radio.closest(".variants")?.getAttribute("data-family") ?? "";
}

/** @param {HTMLInputElement} radio of a family */
function findSwatch(radio) {
  return find(radio.closest("label") ?? radio, ".swatch", HTMLElement);
}
