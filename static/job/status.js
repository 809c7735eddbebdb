// The status of a job, and what the page says about it.

import { call, isGone } from "../api.js";
import {
  formatBytes,
  formatLength,
  formatPercent,
  formatResolution,
  formatSpan,
  joinFacts,
} from "../format.js";
import { language, say } from "../language.js";

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
 * @property {{start: number, end: number, why: string, score: number}[]} [highlights] of an analysis
 */

/**
 * The status of a job as the server tells it; every part may be missing.
 * @typedef {object} Status
 * @property {string} [job_id]
 * @property {string} [kind]
 * @property {string} [status] the API's, or "gone" for a job that is not there any more
 * @property {string} [created_at]
 * @property {string} [ended_at]
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
  queued: say("Waiting for a worker."),
  preparing: say("Preparing."),
  transcribing: say("Writing down what is said."),
  narrating: say("Speaking the narration."),
  rendering: say("Making the pictures."),
  audio: say("Adding the sound."),
  saving: say("Saving."),
};
/** @type {Record<string, {running: string, ready: string, failed: string, canceled: string}>} by kind */
const STATES = {
  slideshow: {
    running: say("Making your slideshow"),
    ready: say("Your slideshow is ready"),
    failed: say("Your slideshow could not be made"),
    canceled: say("Your slideshow was cancelled"),
  },
  clip: {
    running: say("Making your clip"),
    ready: say("Your clip is ready"),
    failed: say("Your clip could not be made"),
    canceled: say("Your clip was cancelled"),
  },
  preview: {
    running: say("Making your preview"),
    ready: say("Your preview is ready"),
    failed: say("Your preview could not be made"),
    canceled: say("Your preview was cancelled"),
  },
  analysis: {
    running: say("Making your analysis"),
    ready: say("Your analysis is ready"),
    failed: say("Your analysis could not be made"),
    canceled: say("Your analysis was cancelled"),
  },
  video: {
    running: say("Making your video"),
    ready: say("Your video is ready"),
    failed: say("Your video could not be made"),
    canceled: say("Your video was cancelled"),
  },
};

/** @param {Status} status */
export function hasEnded({ status }) {
  return ["finished", "failed", "canceled", "stopped", "gone"].includes(status ?? "");
}

/**
 * Say why a job failed.
 * @param {Status} status
 */
export function readError({ error, message }) {
  const sentence = typeof error === "string" ? error : (error?.detail ?? error?.message);
  return sentence || message || say("The video could not be made.");
}

/**
 * @param {Status} status
 * @param {string} error a sentence; empty when there is none
 * @param {string} noun what the job makes
 */
export function describeState(status, error, noun) {
  const states = STATES[noun] ?? STATES.video;
  if (status.status === "gone") return say("This video is not here any more");
  if (error || status.status === "failed") return states.failed;
  if (status.status === "finished") return states.ready;
  return hasEnded(status) ? states.canceled : states.running;
}

/** @param {Status} status */
export function describeProgress({ stage = "", message, queue_position: position }) {
  const sentence = message || STAGES[stage] || "";
  if (!position) return sentence;
  return `${sentence} ${say("Number {position} in the queue.", { position })}`;
}

/**
 * Say the progress for screen readers, so seldom that it does not disturb: each stage, every 20 %,
 * and each place in the queue; an empty sentence for no news.
 * @param {Status} status
 */
export function describeForSpeech(status) {
  const { status: state, stage = "", progress = 0, queue_position: position } = status;
  const twenties = Math.floor(progress / 20) * 20;
  if (state === "started") return `${STAGES[stage] ?? ""} ${formatPercent(twenties)}`.trim();
  return position ? describeProgress(status) : "";
}

/** @param {Status} status */
export function describeTimeLeft({ status, eta_seconds: seconds }) {
  return status === "started" && seconds
    ? say("about {time} left", { time: formatSpan(seconds) })
    : "";
}

/** @param {Result} result */
export function describeResult({ duration, width, height, fps, file_size: size }) {
  return joinFacts([
    formatLength(duration),
    formatResolution(width, height),
    say("{rate} fps", { rate: fps }),
    formatBytes(size),
  ]);
}

/** @param {string[]} [names] of photos */
export function describeSkipped(names = []) {
  if (!names.length) return "";
  return say("Left out as unreadable: {names}", { names: language.formatList(names) });
}

/**
 * Say why a finished video does not play.
 * @param {unknown} found what looking up its job has returned or thrown
 * @returns {{sentence: string, canReload: boolean}}
 */
export function explainPlayback(found) {
  if (found === undefined) {
    return { sentence: say("The video has been deleted. Make it again."), canReload: false };
  }
  if (!(found instanceof Error)) {
    const sentence = say("The video could not be played. Load it again, or download it.");
    return { sentence, canReload: true };
  }
  const sentence = say("The connection was lost. The video can be loaded again when it is back.");
  return { sentence, canReload: true };
}

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
