// The list of captions on the page: typed line by line, or opened from a file.

import { isTransient, toRefusal, upload } from "../api.js";
import {
  copyTemplate,
  find,
  findAround,
  findButton,
  findInput,
  findPart,
  tell,
} from "../elements.js";
import { formatCount, round } from "../format.js";
import { CaptionSource } from "./caption_source.js";
import { findFault, selectCues } from "./cues.js";
import { correctSegment } from "./transcript.js";

/** @import { Cut } from "./cut.js" */
/** @import { Segment, Transcript } from "./transcript.js" */

const LONGEST_SEGMENT = 10_000; // characters
const HEARD = "This is what was heard. Correct it, and make the clip again.";
const NOTHING_HEARD = "No words were heard.";
const LOST = "The connection was lost: open the file again.";

/** @param {ParentNode} row */
const findText = (row) => find(row, "textarea", HTMLTextAreaElement);

/**
 * Read the cue of a row as typed; a time that is empty or no number is NaN.
 * @param {ParentNode} row
 */
function readRow(row) {
  return {
    start: findInput(row, "start").valueAsNumber,
    end: findInput(row, "end").valueAsNumber,
    text: findText(row).value.trim(),
  };
}

/**
 * Say in a row what is wrong with it; true when something is. A row without text is not used.
 * @param {ParentNode} row
 */
function markFault(row) {
  const cue = readRow(row);
  const fault = cue.text ? findFault(cue) : "";
  tell(findPart(row, "fault"), fault);
  for (const name of ["start", "end"]) {
    findInput(row, name).setAttribute("aria-invalid", String(fault !== ""));
  }
  return fault !== "";
}

/** Rows of cues, in seconds of the video that is cut. */
export class CaptionList {
  /** Ends the reading of a file. */
  #reading = new AbortController();
  /** @type {Transcript | null} the one that the lines correct */
  #transcript = null;
  /** @type {WeakMap<Element, Segment>} what a line was before it was edited */
  #first = new WeakMap();

  /**
   * @param {HTMLDetailsElement} root
   * @param {{readTime: () => number, onChange: () => void}} options `readTime` tells where the
   *   video stands
   */
  constructor(root, { readTime, onChange }) {
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
    const cues = selectCues(this.cues, cuts);
    if (!cues.length) return null;
    if (!this.#transcript) return { cues, times: "source" };
    const { language } = this.#transcript;
    return { ...(language ? { language } : {}), segments: cues };
  }

  /**
   * Say how many lines there are, and how many of them cuts leave out.
   * @param {Cut[]} cuts
   */
  count(cuts) {
    if (!this.source.isLines) {
      findPart(this.root, "cue-count").textContent = this.source.name;
      return;
    }
    const { cues } = this;
    const outside = cues.length - selectCues(cues, cuts).length;
    const count = this.list.children.length;
    const lines = count ? formatCount(count, "line") : "optional";
    findPart(this.root, "cue-count").textContent = outside
      ? `${lines}, ${outside} outside the cut`
      : lines;
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
    this.#tell("", "Reading the captions.");
    try {
      const options = { onProgress: () => {}, signal };
      const answer = await upload("/upload_captions", "captions", [file], options);
      if (signal.aborted) return;
      this.#transcript = null;
      const rows = answer.cues.map((/** @type {Segment} */ cue) => this.#newRow(cue));
      this.list.replaceChildren(...rows);
      this.#tell("", (answer.warnings ?? []).join(" "));
    } catch (error) {
      if (signal.aborted) return;
      const reason = isTransient(error) ? LOST : toRefusal(error).message;
      this.#tell(`${file.name}: ${reason}`, "");
    }
    this.#change();
  }

  /**
   * List a transcript, to be corrected.
   * @param {Transcript} transcript
   */
  take(transcript) {
    this.#reading.abort();
    this.source.useLines();
    const rows = transcript.segments.map((segment) => {
      const row = this.#newRow(segment);
      findText(row).maxLength = LONGEST_SEGMENT;
      return row;
    });
    this.#transcript = transcript;
    this.list.replaceChildren(...rows);
    this.root.open = true;
    this.#tell("", rows.length ? HEARD : NOTHING_HEARD);
    if (rows.length) findText(rows[0]).focus();
    this.#change();
  }

  /**
   * Return the cue of a row, with the times of its words where they are known.
   * @param {Element} row
   */
  #readCue(row) {
    const first = this.#first.get(row);
    return first ? correctSegment(first, readRow(row)) : readRow(row);
  }

  clear() {
    this.#reading.abort();
    this.#transcript = null;
    this.list.replaceChildren();
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
    const row = this.#newRow({ start, end: start + 2, text: "" });
    this.list.append(row);
    findText(row).focus();
    this.#change();
  }

  /** @param {Segment} cue */
  #newRow(cue) {
    const row = copyTemplate("cue-template");
    const first = { ...cue, start: round(cue.start, 3), end: round(cue.end, 3) };
    this.#first.set(row, first);
    findInput(row, "start").value = String(first.start);
    findInput(row, "end").value = String(first.end);
    findText(row).value = cue.text;
    findButton(row, "remove").addEventListener("click", () => {
      row.remove();
      this.#change();
    });
    return row;
  }

  #change() {
    findButton(this.root, "clear-cues").hidden = this.list.children.length === 0;
    this.onChange();
  }
}
