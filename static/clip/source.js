// The video that is cut: a file that is being sent, or one that the server has.

import { formatResolution, formatTime } from "../format.js";
import { say } from "../language.js";

/** @import { Stage } from "../intake/telling.js" */

/**
 * What the server says of an uploaded video.
 * @typedef {object} Facts
 * @property {string} source_id
 * @property {number} duration seconds
 * @property {number} width
 * @property {number} height
 * @property {boolean} has_audio
 * @property {number} sound_tracks
 * @property {{count: number, problem?: string}} [subtitles]
 */

/**
 * @typedef {object} Source
 * @property {string} name of its file
 * @property {File | null} file null for one of an earlier visit
 * @property {string} url that the player has it from
 * @property {string | null} id of the uploaded file
 * @property {Facts | null} facts of the uploaded file
 * @property {string | null} kept finds a file that is not sent over a reload
 * @property {Stage} stage of its way to the server
 * @property {string[]} pictures of its strip
 * @property {AbortController} end ends all that still works for it
 */

/**
 * @param {string} name
 * @param {string} url
 * @param {File | null} file
 * @returns {Source}
 */
export function newSource(name, url, file) {
  const end = new AbortController();
  const unsent = { id: null, facts: null, kept: null, stage: /** @type {const} */ ("sending") };
  return { name, file, url, ...unsent, pictures: [], end };
}

/**
 * Say what has to be waited for before a video can be cut; an empty text when that is nothing.
 * @param {Source | null} source
 */
export function describeWait(source) {
  if (!source || source.id) return "";
  if (source.stage === "lost") return say("Waiting to send the video");
  return source.stage === "checking" ? say("Checking the video") : say("Sending the video");
}

/**
 * @param {string} name
 * @param {Facts} facts
 */
export function describeVideo(name, { duration, width, height }) {
  return `${name}: ${formatTime(duration)}, ${formatResolution(width, height)}`;
}
