// The line of the captions that is shown at the moment, marked in their list, which follows it.

import { findAround } from "../elements.js";
import { isShown, readRow } from "./cue_row.js";

/** @import { CaptionList } from "./captions.js" */
/** @import { Cue } from "./cues.js" */

export class ShownLine {
  /** @type {Element | null} */
  #row = null;
  /** @type {{row: Element, cue: Cue}[] | null} as they are typed; null once they have changed */
  #lines = null;

  /**
   * @param {CaptionList} captions
   * @param {(time: number) => void} onVisit hears where a line begins that is edited while another
   *   moment is shown
   */
  constructor(captions, onVisit) {
    this.captions = captions;
    captions.list.addEventListener("focusin", (event) => {
      const row = findAround(event, ".cue");
      const cue = row && readRow(row);
      if (cue && cue.end > cue.start && !isShown(cue, captions.readTime())) onVisit(cue.start);
    });
  }

  /** Read the lines again: they have changed. */
  forget() {
    this.#lines = null;
  }

  /**
   * Return the line that is shown at a time, if there is one.
   * @param {number} time
   */
  find(time) {
    if (!this.captions.source.isLines) return null;
    this.#lines ??= [...this.captions.list.children].map((row) => ({ row, cue: readRow(row) }));
    return this.#lines.find(({ cue }) => isShown(cue, time))?.row ?? null;
  }

  /**
   * Mark the line that is shown at a time, and keep it in sight within its list.
   * @param {number} time
   */
  follow(time) {
    const row = this.find(time);
    if (row === this.#row) return;
    this.#row?.removeAttribute("aria-current");
    this.#row = row;
    row?.setAttribute("aria-current", "true");
    const { list } = this.captions;
    if (!row || list.contains(document.activeElement)) return;
    const [line, box] = [row, list].map((each) => each.getBoundingClientRect());
    if (line.top < box.top || line.bottom > box.bottom) list.scrollTop += line.top - box.top;
  }
}
