// The video that is cut: a file that is being sent, or one that the server has.

import { formatResolution, formatTime } from "../format.js";

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
 * @property {boolean} isLost whether it waits to be sent again
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
  return { name, file, url, id: null, facts: null, kept: null, isLost: false, pictures: [], end };
}

/**
 * @param {string} name
 * @param {Facts} facts
 */
export function describeVideo(name, { duration, width, height }) {
  return `${name}: ${formatTime(duration)}, ${formatResolution(width, height)}`;
}
