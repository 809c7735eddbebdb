// Captions: reading .srt and .vtt files, and the small list in which lines are typed.

import { act, fromTemplate, part, tell } from "./elements.js";
import { formatCount } from "./format.js";

const MAX_CUES = 1000;
const MAX_TEXT = 500;
const TIMES = /^\s*((?:\d+:)?\d+:\d+[.,]\d+)\s*-->\s*((?:\d+:)?\d+:\d+[.,]\d+)/;

function parseTime(text) {
  return text.replace(",", ".").split(":").reduce((total, unit) => total * 60 + Number(unit), 0);
}

/** The cues `{start, end, text}` of a SubRip or WebVTT text, without their markup. */
export function parseCaptions(text) {
  const cues = [];
  for (const block of text.replace(/\r\n?/g, "\n").split(/\n[ \t]*\n/)) {
    const lines = block.split("\n");
    const index = lines.findIndex((line) => TIMES.test(line));
    if (index < 0) continue;
    const [, start, end] = lines[index].match(TIMES);
    const words = lines.slice(index + 1).join("\n").replace(/<[^>]*>|\{\\[^}]*\}/g, "").trim();
    const cue = { start: parseTime(start), end: parseTime(end), text: words.slice(0, MAX_TEXT) };
    if (words) cues.push(cue);
  }
  return cues;
}

/** What is wrong with the times of a line: a sentence, or nothing. */
function findFault({ start, end }) {
  if (Number.isNaN(start) || Number.isNaN(end)) return "Type a start and an end, in seconds.";
  if (start < 0) return "The start must be 0 or later.";
  return end > start ? "" : "The end must be after the start.";
}

/** The cue of a row as typed; a time that is empty or no number is NaN. */
function readRow(row) {
  return {
    start: part(row, "start").valueAsNumber,
    end: part(row, "end").valueAsNumber,
    text: part(row, "text").value.trim(),
  };
}

/** Say in a row what is wrong with it; true when something is. A line without text is not used. */
function markFault(row) {
  const cue = readRow(row);
  const fault = cue.text ? findFault(cue) : "";
  tell(part(row, "fault"), fault);
  for (const name of ["start", "end"]) part(row, name).setAttribute("aria-invalid", String(fault !== ""));
  return fault !== "";
}

/** The text of a file that is UTF-8 or, as old subtitles are, Windows-1252. */
async function readText(file) {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** The list of cues on the page, in seconds of the video that is cut. */
export class CaptionList {
  constructor(root, { currentTime, onChange }) {
    Object.assign(this, { root, currentTime, onChange });
    this.list = root.querySelector(".cues");
    const file = root.querySelector("input[type=file]");
    file.addEventListener("change", () => this.open(file.files[0]).then(() => (file.value = "")));
    act(root, "add-cue").addEventListener("click", () => this.#addTyped());
    act(root, "clear-cues").addEventListener("click", () => this.clear());
    this.list.addEventListener("change", (event) => markFault(event.target.closest(".cue")));
    this.list.addEventListener("input", (event) => {
      const row = event.target.closest(".cue");
      if (!part(row, "fault").hidden) markFault(row); // it may be right now
      this.#change();
    });
  }

  get cues() {
    return [...this.list.children].map(readRow).filter((cue) => cue.text && !findFault(cue));
  }

  /** Mark every line whose times are wrong and go to the first; true when there is none. */
  check() {
    const wrong = [...this.list.children].filter(markFault);
    if (!wrong.length) return true;
    this.root.open = true;
    part(wrong[0], "end").focus();
    return false;
  }

  /** The cues of a cut, in seconds of the finished clip. */
  cut(start, end) {
    const round = (seconds) => Math.round(seconds * 1000) / 1000;
    return this.cues
      .filter((cue) => cue.end > start && cue.start < end)
      .map((cue) => ({
        start: round(Math.max(cue.start, start) - start),
        end: round(Math.min(cue.end, end) - start),
        text: cue.text,
      }))
      .filter((cue) => cue.end > cue.start);
  }

  async open(file) {
    const cues = parseCaptions(await readText(file));
    const rows = cues.slice(0, MAX_CUES).map((cue) => this.#newRow(cue));
    let complaint = "";
    if (!rows.length) complaint = `${file.name} holds no captions. Open an .srt or .vtt file.`;
    if (cues.length > MAX_CUES) complaint = `Only the first ${MAX_CUES} lines are used.`;
    tell(part(this.root, "cue-error"), complaint);
    if (rows.length) this.list.replaceChildren(...rows);
    rows.forEach(markFault);
    this.#change();
  }

  clear() {
    this.list.replaceChildren();
    tell(part(this.root, "cue-error"), "");
    this.#change();
  }

  #addTyped() {
    const last = this.list.lastElementChild;
    const start = last ? Number(part(last, "end").value) : Math.round(this.currentTime() * 100) / 100;
    const row = this.#newRow({ start, end: start + 2, text: "" });
    this.list.append(row);
    part(row, "text").focus();
    this.#change();
  }

  #newRow({ start, end, text }) {
    const row = fromTemplate("cue-template");
    part(row, "start").value = Math.round(start * 1000) / 1000;
    part(row, "end").value = Math.round(end * 1000) / 1000;
    part(row, "text").value = text;
    act(row, "remove").addEventListener("click", () => {
      row.remove();
      this.#change();
    });
    return row;
  }

  #change() {
    const count = this.list.children.length;
    part(this.root, "cue-count").textContent = count ? formatCount(count, "line") : "optional";
    act(this.root, "clear-cues").hidden = count === 0;
    this.onChange();
  }
}
