// A notice of the system when a video is ready that took a while: only if its owner asked for it.

import { findButton, tell } from "../elements.js";
import { writeAddress } from "../address.js";
import { say } from "../language.js";
import { nameRecord } from "./records.js";
import { describeState, hasEnded } from "./status.js";

/** @import { Job, News } from "./job.js" */

const LONG_MS = 20_000;
const REFUSED = say(
  "The browser does not allow notices from this page. Its settings can change that.",
);

export class Notices {
  /** @type {Map<string, number>} when each job was first seen at work, by id */
  #begun = new Map();

  /**
   * @param {HTMLElement} root has the button that asks, and a line about it
   * @param {HTMLElement} line
   */
  constructor(root, line) {
    this.button = findButton(root, "notify");
    this.line = line;
    this.button.addEventListener("click", () => this.#ask());
  }

  /**
   * Take the news of a job.
   * @param {Job} job
   * @param {News} news
   */
  take(job, { status, error }) {
    const isOver = Boolean(error) || hasEnded(status);
    if (!isOver && !this.#begun.has(job.id)) this.#begun.set(job.id, Date.now());
    const begun = this.#begun.get(job.id);
    if (!isOver || begun === undefined) return;
    this.#begun.delete(job.id);
    const wasLong = Date.now() - begun >= LONG_MS;
    if (wasLong && document.visibilityState === "hidden" && isAllowed()) {
      notify(job, describeState(status, error, job.record.noun));
    }
  }

  /**
   * Offer notices while a job is at work.
   * @param {boolean} isAtWork
   */
  offer(isAtWork) {
    this.button.hidden = !isAtWork || !canAsk();
  }

  async #ask() {
    const answer = await Notification.requestPermission();
    this.button.hidden = answer !== "default";
    tell(this.line, answer === "denied" ? REFUSED : "");
    if (answer === "granted") tell(this.line, say("You will be told when it is ready."));
  }
}

const isKnown = () => "Notification" in globalThis && isSecureContext;
const canAsk = () => isKnown() && Notification.permission === "default";
const isAllowed = () => isKnown() && Notification.permission === "granted";

/**
 * @param {Job} job
 * @param {string} title
 */
function notify(job, title) {
  const options = { tag: job.id, body: nameRecord(job.record), icon: "/static/icon.svg" };
  try {
    const notice = new Notification(title, options);
    notice.addEventListener("click", () => {
      window.focus();
      location.hash = writeAddress("video", job.id);
      notice.close();
    });
  } catch {
    // Android's Chrome takes notices of service workers only; the tab's title tells it.
  }
}
