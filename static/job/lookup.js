// What the server says of one job, known or not.

import { call } from "../api.js";

/** @import { Status } from "./status.js" */

const LISTED = 20; // an order that has just arrived is among the newest

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
 * Look whether an order has arrived, where a job that has not is no error.
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {Promise<Status | undefined>}
 */
export async function findStatus(id, signal) {
  const { jobs } = await call("GET", `/jobs?per_page=${LISTED}`, { signal });
  return jobs.find((/** @type {{job_id: string}} */ job) => job.job_id === id);
}
