// What the page says about the status of a job.

import { formatBytes, formatLength, formatNumber, formatSpan } from "../format.js";

/**
 * The finished video.
 * @typedef {object} Result
 * @property {string} video_id
 * @property {string} [download_url]
 * @property {string} [poster_url]
 * @property {string} [transcript_url] of the words that were recognised
 * @property {number} width
 * @property {number} height
 * @property {number} duration
 * @property {number} fps
 * @property {number} file_size
 * @property {string[]} [skipped_photos] names of those that could not be read
 * @property {{start: number, end: number, why: string}[]} [highlights] of an analysis
 */

/**
 * The status of a job as the server tells it; every part may be missing.
 * @typedef {object} Status
 * @property {string} [status]
 * @property {string} [stage]
 * @property {number} [progress] percent
 * @property {string} [message]
 * @property {number | null} [queue_position] from 1
 * @property {number | null} [eta_seconds]
 * @property {string | {detail?: string, message?: string} | null} [error]
 * @property {Result | null} [result]
 */

/** @type {Record<string, string>} */
const STAGES = {
  queued: "Waiting for a worker.",
  preparing: "Preparing.",
  transcribing: "Writing down what is said.",
  rendering: "Making the pictures.",
  audio: "Adding the sound.",
  saving: "Saving.",
};

/** @param {Status} status */
export function hasEnded({ status }) {
  return ["finished", "failed", "canceled", "stopped"].includes(status ?? "");
}

/**
 * Say why a job failed.
 * @param {Status} status
 */
export function readError({ error, message }) {
  const sentence = typeof error === "string" ? error : (error?.detail ?? error?.message);
  return sentence || message || "The video could not be made.";
}

/**
 * @param {Status} status
 * @param {string} error a sentence; empty when there is none
 * @param {string} noun what the job makes
 */
export function describeState(status, error, noun) {
  if (error || status.status === "failed") return `Your ${noun} could not be made`;
  if (status.status === "finished") return `Your ${noun} is ready`;
  return hasEnded(status) ? "Cancelled" : `Making your ${noun}`;
}

/** @param {Status} status */
export function describeProgress({ stage = "", message, queue_position: position }) {
  const place = position ? ` Number ${position} in the queue.` : "";
  return (message || STAGES[stage] || "") + place;
}

/**
 * Say the progress for screen readers, so seldom that it does not disturb: each stage, every 20 %,
 * and each place in the queue; an empty sentence for no news.
 * @param {Status} status
 */
export function describeForSpeech(status) {
  const { status: state, stage = "", progress = 0, queue_position: position } = status;
  const twenties = Math.floor(progress / 20) * 20;
  if (state === "started") return `${STAGES[stage] ?? ""} ${twenties} %`.trim();
  return position ? describeProgress(status) : "";
}

/** @param {Status} status */
export function describeTimeLeft({ status, eta_seconds: seconds }) {
  return status === "started" && seconds ? `about ${formatSpan(seconds)} left` : "";
}

/** @param {Result} result */
export function describeResult({ duration, width, height, fps, file_size: size }) {
  const facts = [
    formatLength(duration),
    `${width} × ${height}`,
    `${formatNumber(fps)} fps`,
    formatBytes(size),
  ];
  return facts.join("  ·  ");
}

/** @param {string[]} [names] of photos */
export function describeSkipped(names = []) {
  return names.length ? `Left out as unreadable: ${names.join(", ")}` : "";
}

/**
 * Say why a finished video does not play.
 * @param {number} status of HTTP that its address answers with; 0 for no answer
 * @returns {{sentence: string, canReload: boolean}}
 */
export function explainPlayback(status) {
  if ([404, 409, 410].includes(status)) {
    return { sentence: "The video has been deleted. Make it again.", canReload: false };
  }
  if (status === 401) {
    return {
      sentence: "You are signed out. Open this page again to sign in.",
      canReload: false,
    };
  }
  if (status === 200) {
    const sentence = "The video could not be played. Load it again, or download it.";
    return { sentence, canReload: true };
  }
  const sentence = "The connection was lost. The video can be loaded again when it is back.";
  return { sentence, canReload: true };
}
