// One render: submit it, follow it, cancel it, try it again, and find it again after a reload.

import { call, isPassing, newId } from "./api.js";

const POLL_MS = 1000;
const ANSWER_MS = 15000;
const BUSY_TRIES = 6;
const LONGEST_WAIT_S = 60;
const LOST = "The connection was lost. Trying again until the server answers.";

const isBusy = (error) => [429, 503].includes(error.status);
const hasEnded = (status) => ["finished", "failed", "canceled", "stopped"].includes(status?.status);

/**
 * Tells `show({status, notice, error, canRetry})` all that happens, and `show(null)` when a job that
 * an earlier visit left is no longer there. Knows nothing of the page.
 */
export class Job {
  #run = null; // an AbortController: ends whatever still works for the job
  #record = null; // {id, body, accepted}: what a reload must know; the body until it has arrived
  #isRestored = false; // found again, and not seen on the server yet
  #isRetrying = false; // the server may still read as failed

  constructor(kind, url, show) {
    Object.assign(this, { kind, url, show });
    this.#record = readRecord(kind);
  }

  /** Whether an earlier visit left a job to follow. */
  get isKnown() {
    return this.#record !== null;
  }

  /** Whether it is a small one, to be looked at before the full one is made. */
  get isPreview() {
    return Boolean(this.#record?.body?.preview);
  }

  /** Order at full size what a preview was of. */
  startFull() {
    this.start({ ...this.#record.body, preview: false });
  }

  start(body) {
    this.#save({ id: newId(), body, accepted: false });
    this.#follow("Sending your choices.");
    this.#submit(this.#run);
  }

  /** Follow the job of an earlier visit; a request that a reload cut off goes out again, same key. */
  restore() {
    this.#isRestored = this.#record.accepted;
    this.#follow(this.#record.accepted ? "Looking for your video." : "Sending your choices.");
    if (!this.#record.accepted) this.#submit(this.#run);
  }

  async cancel() {
    if (this.#record.accepted) return this.#order("cancel");
    call("POST", `/job_cancel/${this.#record.id}`).catch(() => {}); // it may have arrived unseen
    this.#save(null);
    return this.#end({ status: { status: "canceled" } });
  }

  async retry() {
    this.#isRetrying = true;
    this.#follow("Trying again.");
    await this.#order("retry");
    this.#isRetrying = false;
  }

  forget() {
    this.#run?.abort();
    this.#save(null);
  }

  #follow(message) {
    this.#run?.abort();
    this.#run = new AbortController();
    this.#tell({ status: { status: "queued", progress: 0, message } });
    this.#poll(this.#run);
  }

  #save(record) {
    this.#record = record;
    writeRecord(this.kind, record);
  }

  #tell(news) {
    this.show({ status: {}, notice: "", error: "", canRetry: false, ...news });
  }

  #end(news) {
    this.#run.abort();
    this.#tell(news);
  }

  /** Take note of a status; true when it was the last one. */
  #take(status) {
    this.#isRestored = false;
    if (!this.#record.accepted) this.#note();
    if (!hasEnded(status)) {
      this.#tell({ status });
      return false;
    }
    const error = status.status === "failed" ? readError(status) : "";
    this.#end({ status, error, canRetry: status.status !== "finished" });
    return true;
  }

  /** Note that the request has arrived; the full order is still to be made of a preview's. */
  #note() {
    const body = this.isPreview ? this.#record.body : null;
    this.#save({ ...this.#record, accepted: true, body });
  }

  async #order(verb) {
    const { signal } = this.#run;
    try {
      const status = await call("POST", `/job_${verb}/${this.#record.id}`, { signal });
      if (!signal.aborted) this.#take(status);
    } catch (error) {
      if (!signal.aborted && !isPassing(error) && verb === "retry") this.#end({ error: error.message });
      else if (!signal.aborted) this.#tell({ notice: isPassing(error) ? LOST : error.message });
    }
  }

  async #submit({ signal }) {
    const { id, body } = this.#record;
    const request = { body: { ...body, job_id: id }, headers: { "Idempotency-Key": id }, signal };
    for (let tries = 1; !signal.aborted; ) {
      try {
        const answer = await call("POST", this.url, request);
        if (!signal.aborted) this.#take(answer);
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (isPassing(error)) await pause(2 * POLL_MS);
        else if (isBusy(error) && tries < BUSY_TRIES) await this.#wait(error, tries++, signal);
        else return this.#giveUp(error, signal);
        if (this.#record.accepted) return; // the poll has seen the job: it arrived
      }
    }
  }

  async #wait(error, tries, signal) {
    const seconds = Math.min(error.retryAfter || 5, LONGEST_WAIT_S);
    for (let left = seconds; left > 0 && !signal.aborted; left--) {
      const notice = `All places are taken right now. Trying again in ${left} s.`;
      const message = tries === 1 ? "Waiting for a place." : `Waiting for a place (try ${tries + 1}).`;
      this.#tell({ status: { status: "queued", progress: 0, message }, notice });
      await pause(1000);
    }
  }

  /** The request was refused; a render that failed while it was answered has its own status. */
  async #giveUp(error, signal) {
    const status = await call("GET", this.#statusUrl, { signal }).catch(() => null);
    if (signal.aborted) return;
    if (status) this.#take(status);
    else this.#lose(error);
  }

  #lose(error) {
    this.#save(null);
    this.#end({ error: error.message });
  }

  get #statusUrl() {
    return `/job_status/${this.#record.id}`;
  }

  async #poll({ signal }) {
    for (; !signal.aborted; await pause(POLL_MS)) {
      try {
        const patience = AbortSignal.any?.([signal, AbortSignal.timeout(ANSWER_MS)]) ?? signal;
        const status = await call("GET", this.#statusUrl, { signal: patience });
        if (!signal.aborted && !(this.#isRetrying && hasEnded(status))) this.#take(status);
      } catch (error) {
        if (!signal.aborted) await this.#stumble(error);
      }
    }
  }

  /** A 404 before the request was accepted is normal; after it, the job has been cleared away. */
  async #stumble(error) {
    if (isPassing(error)) this.#tell({ notice: LOST });
    else if (error.status === 429 || error.status >= 500) await pause(1000 * (error.retryAfter || 2));
    else if (this.#isRestored && [404, 410].includes(error.status)) {
      this.forget();
      this.show(null);
    } else if (error.status !== 404 || this.#record.accepted) this.#lose(error);
  }
}

function readError({ error, message }) {
  const sentence = typeof error === "string" ? error : error?.detail ?? error?.message;
  return sentence || message || "The video could not be made.";
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const recordKey = (kind) => `reelqueue.job.${kind}`;

function readRecord(kind) {
  try {
    return JSON.parse(localStorage.getItem(recordKey(kind)));
  } catch {
    return null; // storage switched off
  }
}

function writeRecord(kind, record) {
  try {
    if (record) localStorage.setItem(recordKey(kind), JSON.stringify(record));
    else localStorage.removeItem(recordKey(kind));
  } catch {
    // Without storage a reload cannot find the job; all else works.
  }
}
