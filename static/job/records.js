// What this browser keeps of its jobs. Each has a key of its own, so tabs do not overwrite each
// other's.

import { createId } from "../api.js";
import { sayFiles } from "../slideshow/counts.js";

/** @import { Files } from "../slideshow/counts.js" */

/** @typedef {Record<string, unknown> & {preview?: boolean}} Order what the server is asked for */

/**
 * What a later visit must know of a job.
 * @typedef {object} JobRecord
 * @property {string} id
 * @property {string} noun what it makes, such as slideshow
 * @property {string} url that takes its order
 * @property {string} [owner] the mark of who ordered it; version 0.1 noted none
 * @property {Order | null} body the order, until it has arrived; that of a preview for longer
 * @property {boolean} accepted
 * @property {boolean} [isWithdrawn] whether it was cancelled before it arrived, as far as is known
 * @property {boolean} [ended] whether there is nothing left to follow
 * @property {number} [created] ms since 1970
 * @property {string} [draft] the id of the draft that it was made of
 * @property {string} [title] what its owner may know it by
 * @property {Files} [files] how many it is made of, which says it where there is no title
 * @property {string[]} [pictures] addresses, for its reel
 */

const PREFIX = "reelqueue.job.";
const MOST = 100;
/** @type {Record<string, string>} the addresses for orders of the kinds that version 0.1 kept */
const EARLIER = { slideshow: "/generate_video", clip: "/generate_clip" };

/**
 * Return the record of a job that is about to be ordered.
 * @param {string} noun what it makes
 * @param {string} url that takes its order
 * @param {Order} body
 * @param {Partial<JobRecord>} [more]
 * @returns {JobRecord}
 */
export function newRecord(noun, url, body, more) {
  return { id: createId(), noun, url, body, accepted: false, created: Date.now(), ...more };
}

/** @param {string} id */
const toKey = (id) => PREFIX + id;

/**
 * Return the id of the job whose record has a key; null for other keys.
 * @param {string | null} key
 */
export function findJobId(key) {
  return key?.startsWith(PREFIX) ? key.slice(PREFIX.length) : null;
}

/**
 * @param {string} id
 * @returns {JobRecord | null}
 */
export function readRecord(id) {
  try {
    return JSON.parse(localStorage.getItem(toKey(id)) ?? "null");
  } catch {
    return null; // storage is switched off, or holds something else
  }
}

/**
 * Whether a job makes a video, as far as this browser knows, and no preview of one.
 * @param {string} id
 */
export function makesVideo(id) {
  return !readRecord(id)?.body?.preview;
}

/** @param {JobRecord} record */
export function writeRecord(record) {
  try {
    localStorage.setItem(toKey(record.id), JSON.stringify(record));
  } catch {
    // Without storage a reload cannot find the job; all else works.
  }
}

/** @param {string} id */
export function removeRecord(id) {
  try {
    localStorage.removeItem(toKey(id));
  } catch {
    // there is none
  }
}

/**
 * Return all records, the newest first; forget the oldest ones when there are very many.
 * @returns {JobRecord[]}
 */
export function listRecords() {
  const records = listIds().flatMap((id) => readRecord(id) ?? []);
  records.sort((one, other) => (other.created ?? 0) - (one.created ?? 0));
  for (const { id } of records.slice(MOST)) removeRecord(id);
  return records.slice(0, MOST);
}

/** @returns {string[]} */
function listIds() {
  try {
    return Object.keys(localStorage).flatMap((key) => findJobId(key) ?? []);
  } catch {
    return [];
  }
}

/** Give the jobs that an earlier version kept, one of each kind, keys of their own. */
export function renewRecords() {
  for (const [noun, url] of Object.entries(EARLIER)) {
    const record = readRecord(noun);
    if (!record) continue;
    removeRecord(noun);
    writeRecord({ ...record, noun, url, created: Date.now() });
  }
}

/**
 * Return what its owner may know a job by, in the language that the page has now.
 * @param {Pick<JobRecord, "title" | "files">} record
 */
export function nameRecord({ title = "", files }) {
  return files ? sayFiles(files) : title;
}
