// The line that offers to go on with the latest draft, while the form is empty.

import { writeAddress } from "../address.js";
import { find, findPart } from "../elements.js";
import { formatDay } from "../format_day.js";
import { makesVideo } from "../job/records.js";
import { say } from "../language.js";
import { nameDraft } from "./name.js";

/** @import { Drafts, Kind } from "./drafts.js" */

export class Offer {
  /**
   * @param {HTMLElement} place
   * @param {Drafts} drafts
   * @param {Kind} kind
   */
  constructor(place, drafts, kind) {
    this.line = findPart(place, "offer");
    this.title = find(place, "h1", HTMLElement);
    this.drafts = drafts;
    this.kind = kind;
  }

  /** @param {boolean} isEmpty whether the form has nothing in it */
  draw(isEmpty) {
    const latest = isEmpty ? this.drafts.listUnmade(makesVideo, this.kind).at(0) : undefined;
    const isLeft = !latest && this.line.contains(document.activeElement);
    this.line.hidden = !latest;
    if (isLeft) this.title.focus({ preventScroll: true });
    if (!latest) return;
    findPart(this.line, "offer-text").textContent = say("You have a draft: {summary}, {day}.", {
      summary: nameDraft(latest),
      day: formatDay(latest.changed),
    });
    find(this.line, "a", HTMLAnchorElement).href = writeAddress("draft", latest.id);
  }
}
