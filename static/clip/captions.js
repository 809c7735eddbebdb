// The list of captions on the page: typed line by line, or opened from a file.

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
import { cutCues, decodeText, findFault, MAX_CUES, parseCues } from "./cues.js";

/** @import { Cue } from "./cues.js" */
/** @import { Cut } from "./cut.js" */

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
    return [...this.list.children].map(readRow).filter((cue) => cue.text && !findFault(cue));
  }

  /**
   * The cues of a cut, in seconds of the clip.
   * @param {Cut} cut
   */
  cut(cut) {
    return cutCues(this.cues, cut);
  }

  /** Mark every row whose times are wrong and go to the first; true when there is none. */
  check() {
    const wrong = [...this.list.children].filter(markFault);
    if (!wrong.length) return true;
    this.root.open = true;
    findInput(wrong[0], "end").focus();
    return false;
  }

  /** @param {File} file */
  async open(file) {
    const cues = parseCues(decodeText(await file.arrayBuffer()));
    const rows = cues.slice(0, MAX_CUES).map((cue) => this.#newRow(cue));
    let complaint = "";
    if (!rows.length) complaint = `${file.name} holds no captions. Open an .srt or .vtt file.`;
    if (cues.length > MAX_CUES) complaint = `Only the first ${MAX_CUES} lines are used.`;
    tell(findPart(this.root, "cue-error"), complaint);
    if (rows.length) this.list.replaceChildren(...rows);
    rows.forEach(markFault);
    this.#change();
  }

  clear() {
    this.list.replaceChildren();
    tell(findPart(this.root, "cue-error"), "");
    this.#change();
  }

  #addTyped() {
    const last = this.list.lastElementChild;
    const start = last ? Number(findInput(last, "end").value) : round(this.readTime(), 2);
    const row = this.#newRow({ start, end: start + 2, text: "" });
    this.list.append(row);
    findText(row).focus();
    this.#change();
  }

  /** @param {Cue} cue */
  #newRow({ start, end, text }) {
    const row = copyTemplate("cue-template");
    findInput(row, "start").value = String(round(start, 3));
    findInput(row, "end").value = String(round(end, 3));
    findText(row).value = text;
    findButton(row, "remove").addEventListener("click", () => {
      row.remove();
      this.#change();
    });
    return row;
  }

  #change() {
    const count = this.list.children.length;
    findPart(this.root, "cue-count").textContent = count ? formatCount(count, "line") : "optional";
    findButton(this.root, "clear-cues").hidden = count === 0;
    this.onChange();
  }
}
