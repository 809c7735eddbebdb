// What the server says of a job, known or not.

import { call, isGone } from "../api.js";

/** @import { Status } from "./status.js" */

/**
 * Return the status of a job; undefined when it is not there, or not any more.
 * @param {string} id
 * @param {AbortSignal} [signal]
 * @returns {Promise<Status | undefined>}
 */
export async function lookUp(id, signal) {
  try {
    return await call("GET", `/job_status/${id}`, { signal });
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}
