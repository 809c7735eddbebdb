// One job: send its order, follow it, cancel it, try it again, and find it again after a reload.

import { call, isBusy, isGone, isPassing, isTransient, toRefusal } from "../api.js";
import { say } from "../language.js";
import { pause } from "../pause.js";
import { hasEnded, lookUp, readError } from "./status.js";
import { WorkerWatch } from "./worker_watch.js";

/** @import { ApiError } from "../api.js" */
/** @import { JobRecord, Order } from "./records.js" */
/** @import { Status } from "./status.js" */

/**
 * @typedef {object} News
 * @property {Status} status empty when there is none
 * @property {string} notice a sentence for as long as something is in the way
 * @property {string} error a sentence when the job has failed
 * @property {boolean} canRetry
 */

/**
 * @typedef {object} JobOptions
 * @property {(news: News) => void} show
 * @property {(record: JobRecord | null) => void} [save] keeps what a later visit must know; null
 *   when there is no such job any more
 * @property {number} [patience] seconds that an order waits for a busy server, in all
 */

const POLL_MS = 1000;
const ANSWER_MS = 15000;
const LONGEST_WAIT_S = 60;
const BUSY = "/problems/busy";
const LOST = say("The connection was lost. Trying again until the server answers.");
const TAKEN = say("All renders are busy; yours begins as soon as one is over.");
const GONE = say("It was deleted, or it was kept for as long as videos are kept here.");
const WITHDRAWN = say("It was cancelled before it was sent.");

/** Knows nothing of the page: it tells its news to a function. */
export class Job {
  /** Ends all that still works for the job. */
  #run = new AbortController();
  /** The server may still say that the job has failed: it has not answered yet. */
  #isRetrying = false;
  #watch = new WorkerWatch();
  /** True once the order is answered, or was lost, the last time that it was sent. */
  #sent = Promise.resolve(true);
  /** @type {News | null} the latest */
  news = null;
  /** @type {(string | null | undefined)[] | null} for its reel; more than a record keeps */
  pictures = null;

  /**
   * @param {JobRecord} record
   * @param {JobOptions} options
   */
  constructor(record, { show, save = () => {}, patience = 3600 }) {
    this.record = record;
    this.show = show;
    this.save = save;
    this.patience = patience;
  }

  get id() {
    return this.record.id;
  }

  /** Whether the job is a small video to look at before the full one is made. */
  get isPreview() {
    return Boolean(this.record.body?.preview);
  }

  get hasEnded() {
    return Boolean(this.news && (this.news.error || hasEnded(this.news.status)));
  }

  /** Send the order, or follow a job that has arrived; its key lets an order arrive only once. */
  start() {
    const { accepted } = this.record;
    if (!accepted) this.save(this.record);
    this.#follow(accepted ? say("Looking for your video.") : say("Sending your choices."));
    if (!accepted) this.#submit(this.#run.signal);
  }

  /** Look whether it is still there, as another tab may have deleted it. */
  async check() {
    const run = this.#run;
    const isThere = await lookUp(this.id).catch(() => true);
    if (!isThere && run === this.#run && this.record.accepted) this.#miss();
  }

  /** Follow it no longer. */
  stop() {
    this.#run.abort();
  }

  async cancel() {
    return this.record.accepted ? this.#command("cancel") : this.#withdraw();
  }

  /** Cancel an order that has not arrived, as far as is known: it may do so a moment later. */
  async #withdraw() {
    this.#accept({ ended: true, isWithdrawn: true }); // a later visit sends it no more
    this.#end({ status: { status: "canceled" } });
    const { signal } = (this.#run = new AbortController());
    // Without Redis an order is answered only once its render is over, but known before.
    const look = () => lookUp(this.id, signal).catch(() => signal.aborted);
    while (!(await look()) && !(await Promise.race([this.#sent, pause(POLL_MS)])));
    try {
      const there = await lookUp(this.id, signal);
      const status = there && (await call("POST", `/job_cancel/${this.id}`, { signal }));
      if (signal.aborted) return;
      if (status) this.#take(status);
      else this.#miss();
    } catch {
      // A later visit looks for it again.
    }
  }

  async retry() {
    if (!this.record.accepted) {
      this.start();
      return;
    }
    this.#isRetrying = true;
    this.#note({ ended: false });
    this.#follow(say("Trying again."));
    await this.#command("retry");
    this.#isRetrying = false;
  }

  /** @param {string} message */
  #follow(message) {
    this.#run.abort();
    this.#run = new AbortController();
    this.#tell({ status: { status: "queued", progress: 0, message } });
    this.#poll(this.#run.signal);
  }

  /** @param {Partial<JobRecord>} more */
  #note(more) {
    this.record = { ...this.record, ...more };
    this.save(this.record);
  }

  /** @param {Partial<News>} news */
  #tell(news) {
    this.news = { status: {}, notice: "", error: "", canRetry: false, ...news };
    this.show(this.news);
  }

  /** @param {Partial<News>} news */
  #end(news) {
    this.#run.abort();
    this.#tell(news);
  }

  /**
   * Tell a status, and end with the last one.
   * @param {Status} status
   */
  #take(status) {
    if (!this.record.accepted) this.#accept();
    if (!hasEnded(status)) return this.#tell({ status, notice: this.#watch.notice });
    this.#note({ ended: true, isWithdrawn: false });
    const error = status.status === "failed" ? readError(status) : "";
    return this.#end({ status, error, canRetry: status.status !== "finished" });
  }

  /**
   * Note that the order has arrived; keep that of a preview, to make the full video of it.
   * @param {Partial<JobRecord>} [more]
   */
  #accept(more) {
    this.#note({ accepted: true, body: this.isPreview ? this.record.body : null, ...more });
  }

  /** @param {"cancel" | "retry"} verb */
  async #command(verb) {
    const { signal } = this.#run;
    try {
      const status = await call("POST", `/job_${verb}/${this.id}`, { signal });
      if (!signal.aborted) this.#take(status);
    } catch (error) {
      if (signal.aborted) return;
      const status = this.news?.status ?? {};
      if (isGone(error)) this.#miss();
      else if (isTransient(error)) this.#tell({ status, notice: LOST });
      else if (verb === "retry") this.#fail(toRefusal(error));
      else this.#tell({ status, notice: toRefusal(error).message });
    }
  }

  /** @param {AbortSignal} signal */
  async #submit(signal) {
    const { id, body, url } = this.record;
    const request = { body: { ...body, job_id: id }, headers: { "Idempotency-Key": id } };
    let waited = 0;
    // The poll may see the job first: then it has arrived, and the answer was lost.
    while (!signal.aborted && !this.record.accepted) {
      try {
        const answer = call("POST", url, request);
        this.#sent = answer.catch(() => {}).then(() => true);
        const status = await answer;
        if (!signal.aborted) this.#take(status);
      } catch (error) {
        if (signal.aborted) return;
        if (isTransient(error)) await pause(2 * POLL_MS);
        else if (isBusy(error) && waited < this.patience) waited += await this.#wait(error, signal);
        else await this.#giveUp(toRefusal(error), signal);
      }
    }
  }

  /**
   * Wait for as long as a busy server asks for, and return the seconds: calmly when all that is
   * missing is a free place, or else with its sentence and a countdown.
   * @param {ApiError} error
   * @param {AbortSignal} signal
   */
  async #wait(error, signal) {
    const seconds = Math.min(error.retryAfter || 5, LONGEST_WAIT_S);
    /** @type {Status} */
    const status = { status: "queued", progress: 0 };
    if (error.body.type === BUSY) {
      this.#tell({ status: { ...status, message: TAKEN } });
      await pause(1000 * seconds);
      return seconds;
    }
    const reason = error.body.detail ?? say("The server is busy.");
    for (let left = seconds; left > 0 && !signal.aborted; left--) {
      this.#tell({ status, notice: say("{reason} Trying again in {left} s.", { reason, left }) });
      await pause(1000);
    }
    return seconds;
  }

  /**
   * End with a refusal; with the job's own status if it was accepted and failed at once.
   * @param {ApiError} error
   * @param {AbortSignal} signal
   */
  async #giveUp(error, signal) {
    const status = await lookUp(this.id, signal).catch(() => undefined);
    if (signal.aborted) return;
    if (status) this.#take(status);
    else this.#lose(error);
  }

  /** @param {ApiError} error */
  #lose(error) {
    if (error.status !== 401) this.save(null); // it is found again after signing in
    this.#fail(error);
  }

  /** @param {ApiError} error */
  #fail(error) {
    this.#end({ error: error.message, canRetry: isPassing(error) });
  }

  /** @param {AbortSignal} signal */
  async #poll(signal) {
    for (; !signal.aborted; await pause(POLL_MS)) {
      // What an answer says may be older than what happens while it is on its way.
      const { accepted } = this.record;
      const isRetrying = this.#isRetrying;
      try {
        const patience = AbortSignal.any?.([signal, AbortSignal.timeout(ANSWER_MS)]) ?? signal;
        const status = await lookUp(this.id, patience);
        if (!status && accepted && !signal.aborted) this.#miss();
        if (status && !signal.aborted && !(isRetrying && hasEnded(status))) {
          await this.#watch.look(status, patience);
          if (!signal.aborted) this.#take(status);
        }
      } catch (error) {
        if (signal.aborted) return;
        if (isTransient(error)) this.#tell({ status: this.news?.status ?? {}, notice: LOST });
        else await this.#stumble(toRefusal(error), accepted);
      }
    }
  }

  /**
   * @param {ApiError} error
   * @param {boolean} wasAccepted when the poll was sent
   */
  async #stumble(error, wasAccepted) {
    if (error.status === 429 || error.status >= 500) await pause(1000 * (error.retryAfter || 2));
    else if (wasAccepted) this.#lose(error);
  }

  /** End with a job that is not there: it is gone, unless its order has never arrived. */
  #miss() {
    const { isWithdrawn } = this.record;
    if (isWithdrawn) return this.#end({ status: { status: "canceled" }, notice: WITHDRAWN });
    this.save(null);
    return this.#end({ status: { status: "gone" }, error: GONE });
  }
}
