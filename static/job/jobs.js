// The jobs of this browser that the page knows: those that it orders, and those of earlier visits
// and of other tabs.

import { isOwn } from "../drafts/drafts.js";
import { Job } from "./job.js";
import {
  findJobId,
  listRecords,
  newRecord,
  readRecord,
  removeRecord,
  renewRecords,
  writeRecord,
} from "./records.js";

/** @import { News } from "./job.js" */
/** @import { JobRecord, Order } from "./records.js" */

/** @typedef {(job: Job, news: News) => void} Listener */

export class Jobs {
  /** @type {Map<string, Job>} */
  #jobs = new Map();
  /** @type {Listener[]} */
  #listeners = [];

  /**
   * @param {string} [owner] the mark of who uses the page: what others have left in this browser
   *   waits for them
   */
  constructor(owner) {
    this.owner = owner;
    addEventListener("storage", ({ key }) => this.#hear(findJobId(key)));
  }

  /**
   * Be told the news of all jobs.
   * @param {Listener} listener
   */
  listen(listener) {
    this.#listeners.push(listener);
  }

  /** Go on with the jobs of earlier visits that have not ended, as far as is known. */
  restore() {
    renewRecords();
    for (const record of listRecords()) {
      if (!record.ended && this.#isOwn(record)) this.#add(record).start();
    }
  }

  /**
   * Order a video.
   * @param {string} noun what it is
   * @param {string} url that takes its order
   * @param {Order} body
   * @param {Partial<JobRecord>} more
   */
  order(noun, url, body, more) {
    const job = this.#add(newRecord(noun, url, body, { ...more, owner: this.owner }));
    job.start();
    return job;
  }

  /**
   * Return the job that has an id, and follow it, whoever ordered it.
   * @param {string} id
   */
  open(id) {
    const known = this.#jobs.get(id);
    if (known) return known;
    const record = readRecord(id);
    const unknown = { id, noun: "video", url: "", body: null, accepted: true };
    const job = this.#add(record && this.#isOwn(record) ? record : unknown);
    job.start();
    return job;
  }

  /**
   * Return a job that is known here.
   * @param {string} id
   */
  find(id) {
    return this.#jobs.get(id);
  }

  /**
   * Forget a job that has been deleted.
   * @param {string} id
   */
  remove(id) {
    this.#jobs.get(id)?.stop();
    this.#jobs.delete(id);
    removeRecord(id);
  }

  /** @param {JobRecord} record */
  #add(record) {
    const { id } = record;
    const job = new Job(record, {
      show: (news) => this.#tell(job, news),
      save: (kept) => (kept ? this.#save(kept) : this.#forget(id)),
    });
    this.#jobs.set(id, job);
    return job;
  }

  /** @param {JobRecord} record */
  #isOwn(record) {
    return isOwn(record, this.owner);
  }

  /**
   * Forget a job that is not there, unless that is because it is another person's.
   * @param {string} id
   */
  #forget(id) {
    const record = readRecord(id);
    if (record && this.#isOwn(record)) removeRecord(id);
  }

  /** @param {JobRecord} record */
  #save(record) {
    // What is known by its id alone is no job of this browser's until it says what it is.
    if (record.url) writeRecord(record);
  }

  /**
   * @param {Job} job
   * @param {News} news
   */
  #tell(job, news) {
    for (const listener of this.#listeners) listener(job, news);
  }

  /**
   * Follow what another tab has ordered, once its order has arrived, and hear what it has deleted.
   * @param {string | null} id
   */
  #hear(id) {
    const record = id ? readRecord(id) : null;
    const known = id ? this.#jobs.get(id) : undefined;
    if (known && !record) known.check();
    if (!record?.accepted || record.ended || known) return;
    if (this.#isOwn(record)) this.#add(record).start();
  }
}
