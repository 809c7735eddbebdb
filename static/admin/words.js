// What operators read of jobs and processes: times, sizes and sentences.

import { formatSpan } from "../format.js";
import { sayCount } from "../language.js";

const DAY_MS = 24 * 3600 * 1000;
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const calendar = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/**
 * @typedef {object} ListedJob a job as `/admin/jobs` lists it
 * @property {string} job_id
 * @property {string} kind
 * @property {string} status
 * @property {string} message
 * @property {string} queue
 * @property {number} priority
 * @property {string} owner
 * @property {number} run
 * @property {number} attempts
 * @property {string} created_at
 * @property {string} [run_at]
 * @property {string} [ended_at]
 * @property {string} [batch_id]
 * @property {string} [name] in its batch
 * @property {number} [progress]
 * @property {number} [queue_position]
 * @property {number} [eta_seconds]
 * @property {string} [error]
 * @property {string} [log_tail]
 */

/**
 * Write a moment as a time of the day, with its date unless it is near.
 * @param {string} moment RFC 3339
 * @param {number} now in milliseconds
 */
export function formatMoment(moment, now = Date.now()) {
  const date = new Date(moment);
  return (Math.abs(now - date.getTime()) < DAY_MS / 2 ? clock : calendar).format(date);
}

/**
 * @param {string} id
 * @returns its first part, which tells jobs apart at a glance
 */
export const shortenId = (id) => id.slice(0, 8);

/**
 * @param {string} status in the API's spelling
 */
export const spellStatus = (status) => (status === "canceled" ? "cancelled" : status);

/**
 * @param {string} text
 */
export const capitalize = (text) => text.charAt(0).toUpperCase() + text.slice(1).replace(/_/g, " ");

/**
 * Say what else is known of a job, in one line.
 * @param {ListedJob} job
 * @param {number} now in milliseconds
 */
export function describeJob(job, now = Date.now()) {
  const parts = [];
  if (job.status === "queued" && job.queue_position) {
    parts.push(`number ${job.queue_position} in turn`);
  }
  if (["scheduled", "deferred", "started"].includes(job.status)) {
    parts.push(job.message.replace(/\.$/, ""));
  }
  if (job.run_at && Date.parse(job.run_at) > now && !job.ended_at) {
    parts.push(`due ${formatMoment(job.run_at, now)}`);
  }
  if (job.eta_seconds !== undefined) parts.push(`about ${formatSpan(job.eta_seconds)} left`);
  parts.push(
    job.ended_at ? `ended ${formatMoment(job.ended_at, now)}` : `priority ${job.priority}`,
  );
  parts.push(`ordered ${formatMoment(job.created_at, now)}`, `owner ${job.owner}`);
  if (job.run > 1) parts.push(`run ${job.run}`);
  if (job.attempts > 1) parts.push(`attempt ${job.attempts}`);
  return parts.join(" · ");
}

/**
 * @param {{role: string, state: string, job_id?: string, version?: string, since?: string, heartbeat?: string}} worker
 * @param {number} now in milliseconds
 */
export function describeWorker(worker, now = Date.now()) {
  const parts = [];
  if (worker.job_id) parts.push(`renders ${shortenId(worker.job_id)}`);
  if (worker.version) parts.push(`version ${worker.version}`);
  if (worker.since) parts.push(`since ${formatMoment(worker.since, now)}`);
  if (worker.heartbeat) parts.push(`last heard ${formatMoment(worker.heartbeat, now)}`);
  return parts.join(" · ");
}

/**
 * Say whether the service is well; what is wrong with one of its parts is told there.
 * @param {{status: string, workers: number, queue: {ok: boolean, suspended?: boolean, unserved?: string[]}}} health
 */
export function describeService({ status, workers, queue: { ok, suspended, unserved } }) {
  if (status === "ok") return "well";
  const reasons = [];
  if (suspended) reasons.push("the workers are paused");
  if (ok && !workers) reasons.push("no worker is running");
  else if (unserved) reasons.push(`no worker takes jobs from ${unserved.join(" and ")}`);
  return reasons.length ? `not well: ${reasons.join(", ")}` : "not well";
}

/**
 * Say how many workers were told to stop and end their renders first.
 * @param {{state: string}[]} workers
 * @returns a sentence, empty if there are none
 */
export function describeDraining(workers) {
  const count = workers.filter(({ state }) => state === "draining").length;
  if (!count) return "";
  return sayCount(count, {
    one: "One worker was told to stop: it ends its render, and takes no more jobs.",
    other: "{count} workers were told to stop: they end their renders, and take no more jobs.",
  });
}
