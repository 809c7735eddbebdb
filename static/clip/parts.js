// The parts of a clip on the page: a list of them, of which the strip of film edits one.

import {
  announce,
  copyTemplate,
  find,
  findButton,
  findInput,
  findPart,
  tell,
} from "../elements.js";
import { floor, formatCount, formatTime } from "../format.js";
import { findFault } from "./cut.js";
import {
  describeSum,
  findFaults,
  findRoom,
  LONGEST_FADE,
  measureLongestFade,
  sortCuts,
  toOrder,
} from "./segments.js";

/** @import { Cut } from "./cut.js" */
/** @import { Trim } from "./trim.js" */

const FULL = "The parts take the whole video: shorten one to make room for another.";

export class Parts {
  /** @type {Cut} the part that the strip edits */
  #current = { start: 0, end: 0 };
  /** @type {Cut[]} in the order of the video */
  #cuts = [this.#current];
  /** @type {Map<Cut, HTMLElement>} */
  #items = new Map();

  /**
   * @param {HTMLFormElement} form
   * @param {Trim} trim
   * @param {() => void} onChange
   */
  constructor(form, trim, onChange) {
    this.form = form;
    this.trim = trim;
    this.onChange = onChange;
    this.list = find(form, ".parts", HTMLElement);
    this.marks = find(form, ".trim-parts", HTMLElement);
    this.join = find(form, "[name=join]", HTMLSelectElement);
    this.seconds = findInput(form, "join_seconds");
    this.speed = findInput(form, "speed");
    findButton(form, "add-part").addEventListener("click", () => this.#add());
  }

  /** The parts in the order of the video. */
  get cuts() {
    return this.#cuts;
  }

  /** How the parts follow each other, and how fast they play. */
  get pace() {
    const fades = this.#cuts.length > 1 && this.join.value === "fade";
    return {
      fade: fades ? Number(this.seconds.value) : 0,
      speed: this.#readSpeed(),
      cutsSilences: findInput(this.form, "cut_silences").checked,
    };
  }

  /** Whether the parts can be ordered as they are. */
  get isValid() {
    const isPaced = this.speed.validity.valid && !this.#findFadeFault();
    return isPaced && !this.#faults.some(Boolean);
  }

  /** What the parts add up to; an empty text while something is wrong with them. */
  get sum() {
    const isKnown = this.trim.duration > 0 && this.isValid;
    return isKnown ? describeSum(this.#cuts, this.pace) : "";
  }

  /** The parts as the order of a clip has them. */
  get order() {
    return toOrder(this.#cuts, this.pace, this.trim.duration);
  }

  /** What the player can play as it stands. */
  get playable() {
    const cuts = this.#cuts.filter((cut) => !findFault(cut, this.trim.duration));
    return { cuts, speed: this.speed.validity.valid ? this.#readSpeed() : 1 };
  }

  /** Start again with one part. */
  reset() {
    this.#current = { start: 0, end: 0 };
    this.#cuts = [this.#current];
    this.trim.reset();
  }

  /**
   * Set the video's length: once the browser knows it, and again once the server does.
   * @param {number} duration
   */
  setDuration(duration) {
    for (const cut of this.#cuts) {
      if (cut.end === this.trim.duration) cut.end = floor(duration, 2);
    }
    this.trim.setDuration(duration);
  }

  /** Take over what the strip says, and show all parts. */
  draw() {
    Object.assign(this.#current, this.trim.typed);
    this.#cuts = sortCuts(this.#cuts);
    const isAlone = this.#cuts.length === 1;
    this.list.hidden = isAlone;
    find(this.form, ".joins", HTMLElement).hidden = isAlone;
    this.#drawList();
    this.#drawMarks();
    this.#drawFaults();
    const line = findPart(this.form, "parts-line");
    if (!line.hidden && this.#room) tell(line, "");
  }

  #add() {
    const room = this.#room;
    tell(findPart(this.form, "parts-line"), room ? "" : FULL);
    if (!room) return;
    this.#cuts.push(room);
    this.#choose(room);
    announce(`${formatCount(this.#cuts.length, "part")}: the new one is edited.`);
  }

  /** A place for one more part; null if there is none. */
  get #room() {
    const isRight = !this.#faults.some(Boolean) && this.trim.duration > 0;
    return isRight ? findRoom(this.#cuts, this.trim.time, this.trim.duration) : null;
  }

  /**
   * Have the strip edit another part.
   * @param {Cut} cut
   */
  #choose(cut) {
    this.#current = cut;
    this.trim.choose(cut);
  }

  /** @param {Cut} cut */
  #remove(cut) {
    const index = this.#cuts.indexOf(cut);
    this.#cuts = this.#cuts.filter((other) => other !== cut);
    const neighbour = this.#cuts[Math.min(index, this.#cuts.length - 1)];
    announce(`Part ${index + 1} removed.`);
    if (cut === this.#current) this.#choose(neighbour);
    else this.onChange();
    if (this.list.hidden) findButton(this.form, "add-part").focus();
    else this.#items.get(neighbour)?.querySelector("button")?.focus();
  }

  get #faults() {
    return findFaults(this.#cuts, this.trim.duration);
  }

  #readSpeed() {
    return this.speed.value === "" ? 1 : Number(this.speed.value);
  }

  #findFadeFault() {
    if (this.#cuts.length === 1 || this.join.value !== "fade") return "";
    const longest = measureLongestFade(this.#cuts, this.#readSpeed());
    const { valueAsNumber: seconds } = this.seconds;
    if (seconds > 0 && seconds <= longest) return "";
    if (longest === LONGEST_FADE) return `More than 0, and at most ${LONGEST_FADE} seconds`;
    return `At most ${longest} seconds: half of the shortest part`;
  }

  /** Say what is wrong: with the part that is edited, or else with another one. */
  #drawFaults() {
    const faults = this.#faults;
    const index = faults.findIndex(Boolean);
    const own = faults[this.#cuts.indexOf(this.#current)];
    const other = index < 0 ? "" : `Part ${index + 1}: ${faults[index]}`;
    tell(findPart(this.form, "times-error"), own || other);
    tell(findPart(this.form, "speed-limit"), this.speed.validity.valid ? "" : "0.25 to 4");
    this.seconds.disabled = this.#cuts.length === 1 || this.join.value !== "fade";
    tell(findPart(this.form, "join-limit"), index < 0 ? this.#findFadeFault() : "");
  }

  #drawList() {
    for (const [cut, item] of this.#items) {
      if (this.#cuts.includes(cut)) continue;
      item.remove();
      this.#items.delete(cut);
    }
    this.#cuts.forEach((cut, index) => this.#place(cut, index));
  }

  /**
   * @param {Cut} cut
   * @param {number} index
   */
  #place(cut, index) {
    const item = this.#items.get(cut) ?? this.#newItem(cut);
    this.#items.set(cut, item);
    const there = this.list.children[index];
    if (there !== item) this.list.insertBefore(item, there ?? null);
    const [edit, remove] = item.querySelectorAll("button");
    const times = [cut.start, cut.end].map((time) => (Number.isNaN(time) ? "?" : formatTime(time)));
    edit.textContent = `Part ${index + 1}: ${times.join(" to ")}`;
    edit.setAttribute("aria-current", String(cut === this.#current));
    remove.setAttribute("aria-label", `Remove part ${index + 1}`);
  }

  /** @param {Cut} cut */
  #newItem(cut) {
    const item = copyTemplate("part-template");
    findButton(item, "edit").addEventListener("click", () => this.#choose(cut));
    findButton(item, "remove").addEventListener("click", () => this.#remove(cut));
    return item;
  }

  /** Mark on the strip the parts that are not edited. */
  #drawMarks() {
    const { duration } = this.trim;
    const others = this.#cuts.filter((cut) => cut !== this.#current && cut.end > cut.start);
    this.marks.replaceChildren(
      ...others.map(({ start, end }) => {
        const mark = document.createElement("span");
        mark.style.setProperty("--from", String(start / duration || 0));
        mark.style.setProperty("--to", String(end / duration || 0));
        return mark;
      }),
    );
  }
}
