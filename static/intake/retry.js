// Uploads that fail for a while: they are sent again by themselves, less and less often.

import { ApiError, ConnectionError, isPassing } from "../api.js";
import { say } from "../language.js";

/**
 * Why an upload waits, as a sentence, and how long.
 * @typedef {{sentence: string, seconds: number}} Pause
 */

const FIRST_S = 1;
const LONGEST_S = 60;
/** @type {Set<() => void>} ends the pauses of all that wait */
const waiting = new Set();

/** Send everything that waits at once. */
export function sendAgain() {
  for (const wake of [...waiting]) wake();
}

globalThis.addEventListener?.("online", sendAgain); // node has none

/**
 * Send until the server has answered, however often it is away.
 * @template T
 * @param {() => Promise<T>} send one try
 * @param {{onPause?: (pause: Pause) => void, signal?: AbortSignal}} options
 * @returns {Promise<T>}
 * @throws {ApiError} that sending again would not change
 * @throws {ConnectionError} when it is aborted
 */
export async function deliver(send, { onPause, signal }) {
  for (let tries = 0; ; tries += 1) {
    const begun = Date.now();
    try {
      return await send();
    } catch (error) {
      if (signal?.aborted || !isPassing(error)) throw error;
      if (Date.now() - begun > 1000 * LONGEST_S) tries = 0; // it had gone well for a while
      const seconds = chooseDelay(tries, error);
      onPause?.({ sentence: explain(error), seconds });
      await rest(seconds, signal);
      if (signal?.aborted) throw new ConnectionError();
    }
  }
}

/**
 * Return the seconds until the next try: twice as many each time, or as many as the server asks for.
 * @param {number} tries that failed before this one
 * @param {unknown} error
 */
export function chooseDelay(tries, error) {
  const own = Math.min(LONGEST_S, FIRST_S * 2 ** tries);
  const asked = error instanceof ApiError ? error.retryAfter : 0;
  return Math.max(asked, own * (0.75 + Math.random() / 2)); // not all at the same moment
}

/**
 * Say why an upload waits. A proxy has no sentence that would help.
 * @param {unknown} error
 */
function explain(error) {
  if (error instanceof ConnectionError) return say("The connection was lost.");
  const isOurs = error instanceof ApiError && error.body.type && error.status !== 500;
  return isOurs ? error.message : say("The server does not answer right now.");
}

/**
 * Wait, until the time has passed or all are to be sent again.
 * @param {number} seconds
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
function rest(seconds, signal) {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      waiting.delete(wake);
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, 1000 * seconds);
    waiting.add(wake);
    signal?.addEventListener("abort", wake);
  });
}
