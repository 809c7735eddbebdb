// A search: one analysis of the video at a time, ordered and followed here.

import { getSession } from "../../api.js";
import { stripPath } from "../../fields.js";
import { formatPercent } from "../../format.js";
import { Job } from "../../job/job.js";
import { newRecord } from "../../job/records.js";
import { describeProgress, hasEnded } from "../../job/status.js";
import { say } from "../../language.js";

/** @import { News } from "../../job/job.js" */

/**
 * Say what a search is doing, or why it has ended without an answer; empty when it has one.
 * @param {News} news
 * @param {string} [field] of the order, which a refusal begins with
 */
export function describeSearch({ status, notice, error }, field = "") {
  if (error || notice) return stripPath(error || notice, field);
  if (!hasEnded(status)) {
    return `${describeProgress(status)} ${formatPercent(status.progress ?? 0)}`.trim();
  }
  return status.status === "finished" ? "" : say("Stopped.");
}

export class Search {
  /** @type {Job | null} */
  #job = null;

  /** @param {(news: News, isRunning: boolean) => void} show */
  constructor(show) {
    this.show = show;
  }

  get isRunning() {
    return Boolean(this.#job && !this.#job.hasEnded);
  }

  /**
   * @param {string} source the id of the video's upload
   * @param {object} questions what is looked for
   */
  start(source, questions) {
    this.drop();
    const order = { session_id: getSession(), ...questions };
    const record = newRecord("analysis", `/analyze/${source}`, order);
    const job = new Job(record, {
      show: (news) => {
        if (job !== this.#job) return; // that of another video
        this.show(news, !news.error && !hasEnded(news.status));
      },
    });
    this.#job = job;
    job.start();
  }

  /** End it, and say so. */
  stop() {
    if (this.isRunning) this.#job?.cancel();
  }

  /** Be without it: its video is gone. */
  drop() {
    const job = this.#job;
    this.#job = null;
    if (job && !job.hasEnded) job.cancel();
  }
}
