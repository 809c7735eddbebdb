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
  /** Those that were left before their orders had arrived: these are sent all the same. @type {Set<Job>} */
  #left = new Set();
  #mayArrive = true;

  /** @param {(news: News, isRunning: boolean) => void} show */
  constructor(show) {
    this.show = show;
  }

  get isRunning() {
    return Boolean(this.#job && !this.#job.hasEnded);
  }

  /**
   * The id of the job, for a later visit; null if it found nothing, or is no longer there. One that
   * was begun lately may still be on its way from another tab.
   */
  get id() {
    const job = this.#job;
    if (!job?.hasEnded) return job?.id ?? null;
    const { status } = job.news?.status ?? {};
    const isKept = status === "finished" || (status === "gone" && this.#mayArrive);
    return isKept ? job.id : null;
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
   * Go on with a search that was left, one of an earlier visit, or one of another tab.
   * @param {string} id
   * @param {boolean} [mayArrive] whether its order may not have arrived yet
   */
  resume(id, mayArrive = true) {
    this.leave();
    this.#mayArrive = mayArrive;
    const left = [...this.#left].find((job) => job.id === id);
    if (left) return this.#takeBack(left);
    const job = this.#newJob({ ...newRecord("analysis", "", {}), id, body: null, accepted: true });
    job.start();
    this.#job = job; // only now: there is nothing to say before the server has answered
    return undefined;
  }

  /** @param {Job} job that was left */
  #takeBack(job) {
    this.#left.delete(job);
    this.#job = job;
    if (job.news) this.show(job.news, this.isRunning);
  }

  /** @param {JobRecord} record */
  #newJob(record) {
    /** @type {Job} */
    const job = new Job(record, {
      show: (news) => {
        if (job === this.#job) this.show(news, this.isRunning);
        else if (this.#left.has(job)) this.#stopLeft(job);
      },
    });
    return job;
  }

  /** @param {Job} job that was left: once its order has arrived, there is nothing left to do here */
  #stopLeft(job) {
    if (!job.record.accepted && !job.hasEnded) return;
    this.#left.delete(job);
    job.stop();
  }

  /** End it, and say so. */
  stop() {
    if (this.isRunning) this.#job?.cancel();
  }

  /** Follow it no longer; it goes on. */
  leave() {
    const job = this.#job;
    this.#job = null;
    if (!job) return;
    this.#left.add(job);
    this.#stopLeft(job);
  }

  /** Be without it: its video is gone. */
  drop() {
    const job = this.#job;
    this.#job = null;
    if (job && !job.hasEnded) job.cancel();
  }
}
