// What the server says of jobs, known or not. A browser writes each answer of 404 into its console:
// the list says of a job that is not there without one.

import { ApiError, call } from "../api.js";

/** @import { Status } from "./status.js" */

const NEWEST = 20; // an order that has just arrived is among them
const MOST = 100; // on one page of the list

/**
 * Return the status of a job; one that is not there is an error.
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {Promise<Status>}
 */
export function askStatus(id, signal) {
  return call("GET", `/job_status/${id}`, { signal });
}

/**
 * Look whether an order has just arrived.
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {Promise<Status | undefined>}
 */
export async function findNew(id, signal) {
  const { jobs } = await listJobs(NEWEST, signal);
  return jobs.find(({ job_id: each }) => each === id);
}

/**
 * Look whether a job is there, however old it is.
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {Promise<Status | undefined>}
 */
export async function lookUp(id, signal) {
  const [status] = await lookUpAll([id], signal);
  return status;
}

/**
 * Return the statuses of those of some jobs that are there.
 * @param {string[]} ids
 * @param {AbortSignal} signal
 * @returns {Promise<Status[]>}
 */
export async function lookUpAll(ids, signal) {
  const { jobs, total } = await listJobs(MOST, signal).catch(listNone);
  const found = jobs.filter(({ job_id: id = "" }) => ids.includes(id));
  if (total === jobs.length) return found;
  for (const id of ids) {
    if (found.some(({ job_id: each }) => each === id)) continue;
    const status = await askStatus(id, signal).catch(passMissing);
    if (status) found.push(status);
  }
  return found;
}

/**
 * @param {number} count
 * @param {AbortSignal} signal
 * @returns {Promise<{jobs: Status[], total: number}>}
 */
function listJobs(count, signal) {
  return call("GET", `/jobs?per_page=${count}`, { signal });
}

/**
 * A browser without cookies has no list: what it has ordered is known by its id alone.
 * @param {unknown} error
 */
function listNone(error) {
  if (error instanceof ApiError && error.status === 403) return { jobs: [], total: Infinity };
  throw error;
}

/**
 * Return nothing of a job that is not there.
 * @param {unknown} error
 */
function passMissing(error) {
  if (!isMissing(error)) throw error;
}

/**
 * Whether the server has said that there is no such job, or not any more.
 * @param {unknown} error
 */
export function isMissing(error) {
  return error instanceof ApiError && [404, 410].includes(error.status);
}
