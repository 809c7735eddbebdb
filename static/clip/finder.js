// The parts of a video that would make good clips: found by the server, chosen with a press.

import { getSession } from "../api.js";
import { find, findButton, findPart, tell } from "../elements.js";
import { formatTime } from "../format.js";
import { Job } from "../job/job.js";
import { describeProgress, hasEnded } from "../job/status.js";

/** @import { News } from "../job/job.js" */
/** @import { Cut } from "./cut.js" */

/** @typedef {Cut & {why: string}} Highlight */

const NOTHING = "Nothing was found that stands out.";

/**
 * Say what is happening, or how it ended.
 * @param {News} news
 * @param {Highlight[]} highlights
 */
export function describeSearch({ status, notice, error }, highlights) {
  if (error || notice) return error || notice;
  if (!hasEnded(status)) return `${describeProgress(status)} ${status.progress ?? 0} %`.trim();
  if (status.status !== "finished") return "Cancelled.";
  return highlights.length ? "Press one to cut it out." : NOTHING;
}

export class Finder {
  /** @type {string | null} */
  #source = null;
  #isRunning = false;

  /**
   * @param {HTMLElement} root
   * @param {(cut: Cut) => void} onChoose
   */
  constructor(root, onChoose) {
    this.button = findButton(root, "find-highlights");
    this.line = findPart(root, "finder-line");
    this.list = find(root, ".highlights", HTMLElement);
    this.onChoose = onChoose;
    this.job = new Job("analysis", "", (news) => this.#draw(news));
    this.job.forget(); // that of an earlier visit
    this.button.addEventListener("click", () => this.#start());
  }

  /**
   * Look at another video from now on; without one, at none.
   * @param {string | null} source the id of its upload
   */
  open(source) {
    if (source === this.#source) return;
    if (this.#isRunning) this.job.cancel();
    this.job.forget();
    this.#source = source;
    this.#isRunning = false;
    this.list.replaceChildren();
    tell(this.line, "");
    this.button.disabled = !source;
  }

  #start() {
    this.job.url = `/analyze/${this.#source}`;
    this.#isRunning = this.button.disabled = true;
    this.list.replaceChildren();
    this.job.start({ session_id: getSession() });
  }

  /** @param {News | null} news */
  #draw(news) {
    if (!news || !this.#source) return;
    const { status, error } = news;
    this.#isRunning = this.button.disabled = !error && !hasEnded(status);
    /** @type {Highlight[]} */
    const highlights = status.result?.highlights ?? [];
    this.list.replaceChildren(...highlights.map((highlight) => this.#newRow(highlight)));
    tell(this.line, describeSearch(news, highlights));
  }

  /** @param {Highlight} highlight */
  #newRow({ start, end, why }) {
    const row = document.createElement("li");
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "quiet" });
    button.textContent = `${formatTime(start)} to ${formatTime(end)}: ${why}`;
    button.addEventListener("click", () => this.onChoose({ start, end }));
    row.append(button);
    return row;
  }
}
