// What the server says of a job, known or not.

import { call } from "../api.js";

/** @import { Status } from "./status.js" */

/**
 * Return the status of a job; undefined when it is not there, or not any more. A browser writes each
 * answer of 404 into its console: the server is asked to answer without.
 * @param {string} id
 * @param {AbortSignal} [signal]
 * @returns {Promise<Status | undefined>}
 */
export async function lookUp(id, signal) {
  return (await call("GET", `/job_status/${id}?quiet=1`, { signal })) ?? undefined;
}
