// A search: one analysis of the video at a time, ordered and followed here.

import { getSession } from "../../api.js";
import { stripPath } from "../../fields.js";
import { formatPercent } from "../../format.js";
import { Job } from "../../job/job.js";
import { newRecord } from "../../job/records.js";
import { describeProgress, hasEnded } from "../../job/status.js";
import { say } from "../../language.js";

/** @import { News } from "../../job/job.js" */
/** @import { JobRecord } from "../../job/records.js" */

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

  /** The id of the job, for a later visit; null until it has arrived, and if it found nothing. */
  get id() {
    const job = this.#job;
    const isOver = job?.hasEnded && job.news?.status.status !== "finished";
    return job?.record.accepted && !isOver ? job.id : null;
  }

  /**
   * @param {string} source the id of the video's upload
   * @param {object} questions what is looked for
   */
  start(source, questions) {
    this.drop();
    const order = { session_id: getSession(), ...questions };
    this.#job = this.#newJob(newRecord("analysis", `/analyze/${source}`, order));
    this.#job.start();
  }

  /**
   * Go on with a search of an earlier visit, or of another tab.
   * @param {string} id
   */
  resume(id) {
    this.leave();
    const job = this.#newJob({ ...newRecord("analysis", "", {}), id, body: null, accepted: true });
    job.start();
    this.#job = job; // only now: there is nothing to say before the server has answered
  }

  /** @param {JobRecord} record */
  #newJob(record) {
    /** @type {Job} */
    const job = new Job(record, {
      show: (news) => {
        if (job !== this.#job) return; // that of another video
        this.show(news, !news.error && !hasEnded(news.status));
      },
    });
    return job;
  }

  /** End it, and say so. */
  stop() {
    if (this.isRunning) this.#job?.cancel();
  }

  /** Follow it no longer; it goes on. */
  leave() {
    this.#job?.stop();
    this.#job = null;
  }

  /** Be without it: its video is gone. */
  drop() {
    const job = this.#job;
    this.#job = null;
    if (job && !job.hasEnded) job.cancel();
  }
}
