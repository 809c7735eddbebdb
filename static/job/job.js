// One job: submit it, follow it, cancel it, try it again, and find it again after a reload.

import { ApiError, call, createId, isTransient, toRefusal } from "../api.js";
import { hasEnded, readError } from "./status.js";

/** @import { Status } from "./status.js" */

/** @typedef {Record<string, unknown> & {preview?: boolean}} Order what the server is asked for */

/**
 * What a reload must know; the order until it has arrived.
 * @typedef {{id: string, body: Order | null, accepted: boolean}} JobRecord
 */

/**
 * @typedef {object} News
 * @property {Status} status empty when there is none
 * @property {string} notice a sentence for as long as something is in the way
 * @property {string} error a sentence when the job has failed
 * @property {boolean} canRetry
 */

const POLL_MS = 1000;
const ANSWER_MS = 15000;
const BUSY_TRIES = 6;
const LONGEST_WAIT_S = 60;
const LOST = "The connection was lost. Trying again until the server answers.";

/** Knows nothing of the page: it tells its news to a function. */
export class Job {
  /** Ends all that still works for the job. */
  #run = new AbortController();
  /** @type {JobRecord | null} */
  #record;
  /** Found after a reload, and not seen on the server yet. */
  #isRestored = false;
  /** The server may still say that the job has failed: it has not answered yet. */
  #isRetrying = false;

  /**
   * @param {string} noun what it makes; each has one record
   * @param {string} url that takes its orders
   * @param {(news: News | null) => void} show null when the job of an earlier visit is gone
   */
  constructor(noun, url, show) {
    this.noun = noun;
    this.url = url;
    this.show = show;
    this.#record = readRecord(noun);
  }

  /** Whether there is a job to follow, perhaps from an earlier visit. */
  get isKnown() {
    return this.#record !== null;
  }

  /** Whether the job is a small video to look at before the full one is made. */
  get isPreview() {
    return Boolean(this.#record?.body?.preview);
  }

  /** Order at full size what the preview showed. */
  startFull() {
    this.start({ ...this.#known.body, preview: false });
  }

  /** @param {Order} body */
  start(body) {
    this.#save({ id: createId(), body, accepted: false });
    this.#follow("Sending your choices.");
    this.#submit(this.#run.signal);
  }

  /** Follow the job of an earlier visit; send it again, with its key, if a reload cut that off. */
  restore() {
    const { accepted } = this.#known;
    this.#isRestored = accepted;
    this.#follow(accepted ? "Looking for your video." : "Sending your choices.");
    if (!accepted) this.#submit(this.#run.signal);
  }

  async cancel() {
    const { id, accepted } = this.#known;
    if (accepted) return this.#command("cancel");
    call("POST", `/job_cancel/${id}`).catch(() => {}); // the server may have it all the same
    this.#save(null);
    return this.#end({ status: { status: "canceled" } });
  }

  async retry() {
    this.#isRetrying = true;
    this.#follow("Trying again.");
    await this.#command("retry");
    this.#isRetrying = false;
  }

  forget() {
    this.#run.abort();
    this.#save(null);
  }

  get #known() {
    if (!this.#record) throw new Error("There is no job to follow.");
    return this.#record;
  }

  get #statusUrl() {
    return `/job_status/${this.#known.id}`;
  }

  /** @param {string} message */
  #follow(message) {
    this.#run.abort();
    this.#run = new AbortController();
    this.#tell({ status: { status: "queued", progress: 0, message } });
    this.#poll(this.#run.signal);
  }

  /** @param {JobRecord | null} record */
  #save(record) {
    this.#record = record;
    writeRecord(this.noun, record);
  }

  /** @param {Partial<News>} news */
  #tell(news) {
    this.show({ status: {}, notice: "", error: "", canRetry: false, ...news });
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
    this.#isRestored = false;
    if (!this.#known.accepted) this.#accept();
    if (!hasEnded(status)) return this.#tell({ status });
    const error = status.status === "failed" ? readError(status) : "";
    return this.#end({ status, error, canRetry: status.status !== "finished" });
  }

  /** Note that the order has arrived; keep that of a preview, to make the full video of it. */
  #accept() {
    const body = this.isPreview ? this.#known.body : null;
    this.#save({ ...this.#known, accepted: true, body });
  }

  /** @param {"cancel" | "retry"} verb */
  async #command(verb) {
    const { signal } = this.#run;
    try {
      const status = await call("POST", `/job_${verb}/${this.#known.id}`, { signal });
      if (!signal.aborted) this.#take(status);
    } catch (error) {
      if (signal.aborted) return;
      if (isTransient(error)) this.#tell({ notice: LOST });
      else if (verb === "retry") this.#end({ error: toRefusal(error).message });
      else this.#tell({ notice: toRefusal(error).message });
    }
  }

  /** @param {AbortSignal} signal */
  async #submit(signal) {
    const { id, body } = this.#known;
    const request = { body: { ...body, job_id: id }, headers: { "Idempotency-Key": id }, signal };
    let tries = 1;
    // The poll may see the job first: then it has arrived, and the answer was lost.
    while (!signal.aborted && !this.#known.accepted) {
      try {
        const status = await call("POST", this.url, request);
        if (!signal.aborted) this.#take(status);
      } catch (error) {
        if (signal.aborted) return;
        if (isTransient(error)) await pause(2 * POLL_MS);
        else if (isBusy(error) && tries < BUSY_TRIES) await this.#wait(error, tries++, signal);
        else await this.#giveUp(toRefusal(error), signal);
      }
    }
  }

  /**
   * Wait for as long as a busy server asks for, and count the seconds down.
   * @param {ApiError} error
   * @param {number} tries so far
   * @param {AbortSignal} signal
   */
  async #wait(error, tries, signal) {
    const seconds = Math.min(error.retryAfter || 5, LONGEST_WAIT_S);
    const message =
      tries === 1 ? "Waiting for a worker." : `Waiting for a worker (try ${tries + 1}).`;
    for (let left = seconds; left > 0 && !signal.aborted; left--) {
      const notice = `The server is busy. Trying again in ${left} s.`;
      this.#tell({ status: { status: "queued", progress: 0, message }, notice });
      await pause(1000);
    }
  }

  /**
   * End with a refusal; with the job's own status if it was accepted and failed at once.
   * @param {ApiError} error
   * @param {AbortSignal} signal
   */
  async #giveUp(error, signal) {
    const status = await call("GET", this.#statusUrl, { signal }).catch(() => null);
    if (signal.aborted) return;
    if (status) this.#take(status);
    else this.#lose(error);
  }

  /** @param {ApiError} error */
  #lose(error) {
    this.#save(null);
    this.#end({ error: error.message });
  }

  /** @param {AbortSignal} signal */
  async #poll(signal) {
    for (; !signal.aborted; await pause(POLL_MS)) {
      // What an answer says may be older than what happens while it is on its way.
      const { accepted } = this.#known;
      const isRetrying = this.#isRetrying;
      try {
        const patience = AbortSignal.any?.([signal, AbortSignal.timeout(ANSWER_MS)]) ?? signal;
        const status = await call("GET", this.#statusUrl, { signal: patience });
        if (!signal.aborted && !(isRetrying && hasEnded(status))) this.#take(status);
      } catch (error) {
        if (signal.aborted) return;
        if (isTransient(error)) this.#tell({ notice: LOST });
        else await this.#stumble(toRefusal(error), accepted);
      }
    }
  }

  /**
   * Deal with a refused poll. A 404 is normal until the order has arrived; later, the job is gone.
   * @param {ApiError} error
   * @param {boolean} wasAccepted when the poll was sent
   */
  async #stumble(error, wasAccepted) {
    if (error.status === 429 || error.status >= 500) await pause(1000 * (error.retryAfter || 2));
    else if (this.#isRestored && [404, 410].includes(error.status)) {
      this.forget();
      this.show(null);
    } else if (error.status !== 404 || wasAccepted) this.#lose(error);
  }
}

/**
 * @param {unknown} error
 * @returns {error is ApiError}
 */
function isBusy(error) {
  return error instanceof ApiError && [429, 503].includes(error.status);
}

/**
 * @param {number} ms
 * @returns {Promise<void>}
 */
function pause(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** @param {string} noun */
const toKey = (noun) => `reelqueue.job.${noun}`;

/**
 * @param {string} noun
 * @returns {JobRecord | null}
 */
function readRecord(noun) {
  try {
    return JSON.parse(localStorage.getItem(toKey(noun)) ?? "null");
  } catch {
    return null; // storage is switched off
  }
}

/**
 * @param {string} noun
 * @param {JobRecord | null} record
 */
function writeRecord(noun, record) {
  try {
    if (record) localStorage.setItem(toKey(noun), JSON.stringify(record));
    else localStorage.removeItem(toKey(noun));
  } catch {
    // Without storage a reload cannot find the job; all else works.
  }
}
