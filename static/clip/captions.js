// The list of captions on the page: typed line by line, or opened from a file.

import { toRefusal } from "../api.js";
import { find, findAround, findButton, findInput, findPart, tell } from "../elements.js";
import { round } from "../format.js";
import { sendFiles, UnreadableError } from "../intake/send.js";
import { say } from "../language.js";
import { CaptionSource } from "./caption_source.js";
import { describeLines, fillRow, findText, markFault, newRow, readRow } from "./cue_row.js";
import { describeKept, findFault, orderCues, selectCues } from "./cues.js";
import { ShownLine } from "./shown_line.js";
import { correctSegment } from "./transcript.js";

/** @import { Pause } from "../intake/retry.js" */
/** @import { Earlier } from "./cues.js" */
/** @import { Cut } from "./cut.js" */
/** @import { Segment, Transcript } from "./transcript.js" */

const LONGEST_SEGMENT = 10_000; // characters
const NEW_SECONDS = 2; // of a line that is added
const HEARD = say("This is what was heard. Correct it, and make the clip again.");
const NOTHING_HEARD = say("No words were heard.");

/** Rows of cues, in seconds of the video that is cut. */
export class CaptionList {
  /** Ends the reading of a file. */
  #reading = new AbortController();
  /** @type {Transcript | null} the one that the lines correct */
  #transcript = null;
  /** @type {Earlier} */
  #earlier = {};
  /** @type {WeakMap<Element, Segment>} what a line was before it was edited */
  #first = new WeakMap();

  /**
   * @param {HTMLDetailsElement} root
   * @param {{readTime: () => number, onChange: () => void, onVisit: (time: number) => void}} options
   *   `readTime` tells where the video stands, `onVisit` hears where the line begins that is edited
   */
  constructor(root, { readTime, onChange, onVisit }) {
    this.root = root;
    this.readTime = readTime;
    this.onChange = onChange;
    this.list = find(root, ".cues", HTMLElement);
    const input = find(root, "input[type=file]", HTMLInputElement);
    input.addEventListener("change", async () => {
      for (const file of input.files ?? []) await this.open(file);
      input.value = "";
    });
    findButton(root, "add-cue").addEventListener("click", () => this.#addTyped());
    findButton(root, "clear-cues").addEventListener("click", () => this.clear());
    this.source = new CaptionSource(root);
    this.shown = new ShownLine(this, onVisit);
    this.list.addEventListener("change", (event) => {
      const row = findAround(event, ".cue");
      if (row) markFault(row);
    });
    this.list.addEventListener("input", (event) => {
      const row = findAround(event, ".cue");
      if (row && !findPart(row, "fault").hidden) markFault(row); // it may be right by now
      this.#change();
    });
  }

  /** Whether there are no lines. */
  get isEmpty() {
    return this.list.children.length === 0;
  }

  /**
   * Write into a line; without one, into a new one that begins at a time. Return it.
   * @param {Element | null} row
   * @param {string} text
   * @param {number} time
   */
  write(row, text, time) {
    const start = round(time, 2);
    const written = row ?? this.#insert({ start, end: start + NEW_SECONDS, text });
    findText(written).value = text;
    this.#change();
    return written;
  }

  get cues() {
    return this.#rightRows.map((row) => this.#readCue(row));
  }

  /** The rows that are used: those with a text and right times. */
  get #rightRows() {
    const rows = this.source.isLines ? [...this.list.children] : [];
    return rows.filter((row) => readRow(row).text && !findFault(readRow(row)));
  }

  /**
   * The captions of a clip as an order has them; null if it shows none.
   * @param {Cut[]} cuts
   */
  order(cuts) {
    if (!this.source.isLines) return this.source.order;
    return orderCues(this.cues, cuts, this.#transcript, this.#earlier);
  }

  /**
   * Return the line that has a number in the order of a clip.
   * @param {number} number from 0
   * @param {Cut[]} cuts
   */
  findOrdered(number, cuts) {
    const rows = this.#rightRows.filter((row) => selectCues([readRow(row)], cuts).length);
    return rows[number] ?? null;
  }

  /**
   * Say how many lines there are, and how many of them cuts leave out.
   * @param {Cut[]} cuts
   */
  count(cuts) {
    this.#noteKept();
    if (!this.source.isLines) {
      findPart(this.root, "cue-count").textContent = this.source.name;
      return;
    }
    const { cues } = this;
    const outside = cues.length - selectCues(cues, cuts).length;
    const none = this.#earlier.whole ? say("as they were") : say("optional");
    const lines = this.isEmpty ? none : describeLines(this.list.children.length, outside);
    findPart(this.root, "cue-count").textContent = lines;
  }

  /** Say why there are captions and no lines, while there are. */
  #noteKept() {
    if (!this.#earlier.whole) return;
    const isUsed = this.source.isLines && this.isEmpty;
    tell(findPart(this.root, "cue-notes"), isUsed ? describeKept(this.#earlier) : "");
  }

  /** Mark every row whose times are wrong and go to the first; true when there is none. */
  check() {
    const wrong = this.source.isLines ? [...this.list.children].filter(markFault) : [];
    if (!wrong.length) return true;
    this.root.open = true;
    findInput(wrong[0], "end").focus();
    return false;
  }

  /**
   * Have the server read a file, and list what it found.
   * @param {File} file
   */
  async open(file) {
    this.#reading.abort();
    const { signal } = (this.#reading = new AbortController());
    this.#tell("", say("Reading the captions."));
    try {
      const onPause = (/** @type {Pause} */ { sentence }) =>
        this.#tell("", say("{reason} Trying again.", { reason: sentence }));
      const answer = await sendFiles("captions", [file], { onPause, signal });
      if (signal.aborted) return;
      const { cues, transcript = null, warnings = [] } = answer;
      this.#list(transcript ? transcript.segments : cues, transcript);
      this.#tell("", warnings.join(" "));
    } catch (error) {
      if (signal.aborted) return;
      const reason = error instanceof UnreadableError ? error.message : toRefusal(error).message;
      this.#tell(`${file.name}: ${reason}`, "");
    }
    this.#change();
  }

  /**
   * List a transcript, to be corrected.
   * @param {Transcript} transcript
   * @param {string} [note] says what it is
   */
  take(transcript, note = HEARD) {
    this.#reading.abort();
    this.source.useLines();
    this.#list(transcript.segments, transcript);
    this.root.open = true;
    const [first] = this.list.children;
    this.#tell("", first ? note : NOTHING_HEARD);
    if (first) findText(first).focus();
    this.#change();
  }

  /** What a draft keeps: the lines as typed, what they were, and whether a transcript began them. */
  get state() {
    const rows = [...this.list.children].map((row) => ({
      typed: readRow(row),
      first: this.#first.get(row),
    }));
    const language = this.#transcript?.language;
    const transcript = this.#transcript && { language, segments: [] };
    const earlier = Object.keys(this.#earlier).length ? { earlier: this.#earlier } : {};
    return { rows, transcript, ...earlier, ...this.source.heard };
  }

  /** @param {any} state of a draft */
  restore({ rows, transcript, earlier = {}, heard }) {
    this.#reading.abort();
    this.#transcript = transcript;
    this.#earlier = this.source.takeOver(earlier, heard, rows.length > 0);
    this.list.replaceChildren(...rows.map((/** @type {any} */ row) => this.#oldRow(row)));
    this.#tell("", "");
    this.#change();
  }

  /** @param {{typed: Segment, first: Segment}} row where a time that is none is null */
  #oldRow({ typed, first }) {
    const row = this.#newRow(first);
    fillRow(row, typed);
    return row;
  }

  /**
   * Return the cue of a row, with the times of its words where they are known.
   * @param {Element} row
   */
  #readCue(row) {
    const first = this.#first.get(row);
    return first ? correctSegment(first, readRow(row)) : readRow(row);
  }

  /**
   * List lines that have nothing to do with those before.
   * @param {Segment[]} lines
   * @param {Transcript | null} transcript that they correct
   */
  #list(lines, transcript) {
    this.#transcript = transcript;
    this.#earlier = {};
    this.list.replaceChildren(...lines.map((line) => this.#newRow(line)));
  }

  clear() {
    this.#reading.abort();
    this.#list([], null);
    this.#tell("", "");
    this.#change();
  }

  /**
   * @param {string} complaint
   * @param {string} note
   */
  #tell(complaint, note) {
    tell(findPart(this.root, "cue-error"), complaint);
    tell(findPart(this.root, "cue-notes"), note);
  }

  #addTyped() {
    const last = this.list.lastElementChild;
    const start = last ? Number(findInput(last, "end").value) : round(this.readTime(), 2);
    const row = this.#newRow({ start, end: start + NEW_SECONDS, text: "" });
    this.list.append(row);
    findText(row).focus();
    this.#change();
  }

  /**
   * Add a line in its place by the time.
   * @param {Segment} cue
   */
  #insert(cue) {
    const later = [...this.list.children].find((row) => readRow(row).start > cue.start) ?? null;
    const end = later ? Math.min(cue.end, readRow(later).start) : cue.end;
    const row = this.#newRow({ ...cue, end });
    this.list.insertBefore(row, later);
    return row;
  }

  /** @param {Segment} cue */
  #newRow(cue) {
    const first = { ...cue, start: round(cue.start, 3), end: round(cue.end, 3) };
    const row = newRow(first);
    if (this.#transcript) findText(row).maxLength = LONGEST_SEGMENT;
    this.#first.set(row, first);
    findButton(row, "remove").addEventListener("click", () => {
      const neighbour = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      this.#change();
      findButton(neighbour ?? this.root, neighbour ? "remove" : "add-cue").focus();
    });
    return row;
  }

  #change() {
    this.shown.forget();
    findButton(this.root, "clear-cues").hidden = this.isEmpty && !this.#earlier.whole;
    this.onChange();
  }
}
