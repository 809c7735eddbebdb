// The parts of a clip on the page: a list of them, of which the strip of film edits one.

import { announce, find, findButton, findInput, findPart, tell } from "../elements.js";
import { floor, round } from "../format.js";
import { say, sayCount } from "../language.js";
import { findFault } from "./cut.js";
import { Grips } from "./grips.js";
import { PartList } from "./part_list.js";
import {
  describeLongestFade,
  describeSum,
  findFaults,
  findGrip,
  findNeighbours,
  findRoom,
  findShown,
  measureLongestFade,
  sortCuts,
  toOrder,
} from "./segments.js";

/** @import { Cut } from "./cut.js" */
/** @import { Trim } from "./trim.js" */

const FULL = say("The parts take the whole video: shorten one to make room for another.");

export class Parts {
  #isCropped = false;
  /** @type {Cut} the part that the strip edits */
  #current = { start: 0, end: 0 };
  /** @type {Cut[]} in the order of the video */
  #cuts = [this.#current];

  /**
   * @param {HTMLFormElement} form
   * @param {Trim} trim
   * @param {() => void} onChange
   */
  constructor(form, trim, onChange) {
    this.form = form;
    this.trim = trim;
    this.onChange = onChange;
    this.list = new PartList(find(form, ".parts", HTMLElement), {
      edit: (cut) => this.#choose(cut),
      remove: (cut) => this.#remove(cut),
    });
    this.join = find(form, "[name=join]", HTMLSelectElement);
    this.seconds = findInput(form, "join_seconds");
    this.speed = findInput(form, "speed");
    findButton(form, "add-part").addEventListener("click", () => this.#add());
    trim.readRoom = () => findNeighbours(this.#cuts, this.#current, trim.duration);
    new Grips(trim, {
      find: (time, reach) => findGrip(this.#cuts, this.#current, time, reach),
      choose: (cut) => cut === this.#current || this.#choose(cut),
    });
  }

  /** The parts in the order of the video. */
  get cuts() {
    return this.#cuts;
  }

  /** The part that the player shows. */
  get shown() {
    return findShown(this.#cuts, this.#current, this.trim.time);
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
    return toOrder(this.#cuts, this.pace, {
      duration: this.trim.duration,
      isCropped: this.#isCropped,
    });
  }

  /** What the player can play as it stands. */
  get playable() {
    const cuts = this.#cuts.filter((cut) => !findFault(cut, this.trim.duration));
    return { cuts, speed: this.speed.validity.valid ? this.#readSpeed() : 1 };
  }

  /**
   * Have these parts, and no others.
   * @param {Cut[]} cuts
   */
  take(cuts) {
    this.#cuts = sortCuts(cuts.map((cut) => this.#fit(cut)));
    this.#choose(this.#cuts[0]);
  }

  /**
   * Have one more part; one that is all of the video makes way. Return why it cannot be one.
   * @param {Cut} cut
   */
  include(cut) {
    const part = this.#fit(cut);
    const [only] = this.#cuts;
    const isWhole = this.#cuts.length === 1 && !only.start && only.end === this.trim.duration;
    const kept = isWhole ? [] : this.#cuts;
    const index = kept.findIndex(({ start, end }) => part.start < end && part.end > start);
    if (index >= 0) return say("Part {number} has some of it already.", { number: index + 1 });
    this.#cuts = sortCuts([...kept, part]);
    this.#choose(part);
    return "";
  }

  /** @param {Cut} cut */
  #fit({ start, end }) {
    return { start: round(start, 2), end: Math.min(round(end, 2), this.trim.duration) };
  }

  /**
   * Have the strip edit a part.
   * @param {number} index
   */
  edit(index) {
    if (this.#cuts[index]) this.#choose(this.#cuts[index]);
  }

  /** Start again with one part. */
  reset() {
    this.#current = { start: 0, end: 0 };
    this.#cuts = [this.#current];
    this.trim.reset();
  }

  /** What a draft keeps: the parts, which of them the strip edits, and the length of the video. */
  get state() {
    const index = this.#cuts.indexOf(this.#current);
    return { cuts: this.#cuts, index, duration: this.trim.duration };
  }

  /**
   * @param {{cuts: Cut[], index: number, duration?: number}} state of a draft, where a time that is
   *   none is null
   */
  restore({ cuts, index, duration = 0 }) {
    if (!this.trim.duration) this.trim.setDuration(duration); // of a video that is not sent yet
    this.#cuts = cuts.map((cut) => ({ ...cut, start: cut.start ?? NaN, end: cut.end ?? NaN }));
    this.#choose(this.#cuts[index] ?? this.#cuts[0]);
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

  /**
   * Take over what the strip says, and show all parts.
   * @param {boolean} isCropped whether the clip is a crop of the video
   */
  draw(isCropped) {
    this.#isCropped = isCropped;
    Object.assign(this.#current, this.trim.typed);
    this.#cuts = sortCuts(this.#cuts);
    this.list.draw(this.#cuts, this.#current, isCropped);
    find(this.form, ".joins", HTMLElement).hidden = this.#cuts.length === 1;
    this.trim.markParts(this.#cuts, this.#current);
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
    find(this.form, ".times", HTMLElement).scrollIntoView({ block: "nearest" });
    announce(
      sayCount(this.#cuts.length, {
        one: "{count} part: the new one is edited.",
        other: "{count} parts: the new one is edited.",
      }),
    );
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
    announce(say("Part {number} removed.", { number: index + 1 }));
    if (cut === this.#current) this.#choose(neighbour);
    else this.onChange();
    if (this.#cuts.length === 1) findButton(this.form, "add-part").focus();
    else this.list.focus(neighbour);
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
    return describeLongestFade(longest);
  }

  /** Say what is wrong: with the part that is edited, or else with another one. */
  #drawFaults() {
    const faults = this.#faults;
    const index = faults.findIndex(Boolean);
    const own = faults[this.#cuts.indexOf(this.#current)];
    const other =
      index < 0 ? "" : say("Part {number}: {fault}", { number: index + 1, fault: faults[index] });
    tell(findPart(this.form, "times-error"), own || other);
    tell(
      findPart(this.form, "speed-limit"),
      this.speed.validity.valid ? "" : say("{least} to {most}", { least: 0.25, most: 4 }),
    );
    this.seconds.disabled = this.#cuts.length === 1 || this.join.value !== "fade";
    tell(findPart(this.form, "join-limit"), index < 0 ? this.#findFadeFault() : "");
  }
}
