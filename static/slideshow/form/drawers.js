// The dock at the foot of a small window, and the drawers that its chips open: there, the panel's
// parts are drawers; beside a wide sheet they stay open.

import { find, findAround, findButton, findPart } from "../../elements.js";
import { watchDock } from "../../form/dock.js";

const WIDE = "(min-width: 56.25em)"; // as in the styles

export class Drawers {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.captions = findButton(form, "caption-photos");
    this.dock = find(form, ".make", HTMLElement);
    this.drawers = [...form.querySelectorAll("[popover]")].filter(
      (drawer) => drawer instanceof HTMLElement,
    );
    for (const drawer of this.drawers) this.#listen(drawer);
    matchMedia(WIDE).addEventListener("change", () => this.close());
    watchDock(this.dock);
  }

  /**
   * Show how many photos there are; without any, there is nothing to open or to write captions for.
   * @param {number} count
   */
  showCount(count) {
    const number = findPart(this.dock, "photo-count");
    number.textContent = count ? String(count) : "";
    find(this.dock, ".chip", HTMLButtonElement).disabled = this.captions.disabled = !count;
  }

  close() {
    for (const drawer of this.drawers) if (drawer.matches(":popover-open")) drawer.hidePopover();
  }

  /** @param {HTMLElement} drawer */
  #listen(drawer) {
    const chip = find(this.dock, `[popovertarget="${drawer.id}"]`, HTMLElement);
    chip.setAttribute("aria-expanded", "false");
    drawer.addEventListener("toggle", (event) => {
      const isOpen = /** @type {ToggleEvent} */ (event).newState === "open";
      chip.setAttribute("aria-expanded", String(isOpen));
      if (!isOpen) return;
      const words = drawer.querySelector(".words");
      if (words instanceof HTMLDetailsElement) words.open = true;
      if (!drawer.contains(document.activeElement)) find(drawer, "h2", HTMLElement).focus();
    });
    drawer.addEventListener("focusout", ({ relatedTarget: target }) => {
      // What has the focus next would be under the drawer.
      const isNear =
        !(target instanceof Node) || drawer.contains(target) || this.dock.contains(target);
      if (!isNear && drawer.matches(":popover-open")) drawer.hidePopover();
    });
    if (!drawer.matches(".photo-drawer")) return;
    drawer.addEventListener("click", (event) => {
      if (findAround(event, "[data-act]")) this.close(); // to show what has changed
    });
  }
}
