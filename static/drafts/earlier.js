// A draft of what was ordered elsewhere, as the server keeps it: by another browser, or by a program.

import { createId } from "../api.js";
import { readOrder as readClip } from "../clip/earlier.js";
import { readOrder as readSlideshow } from "../slideshow/earlier.js";

/** @import { Draft, Kind } from "./drafts.js" */

/**
 * @typedef {object} Upload
 * @property {string} id
 * @property {"photo" | "video" | "audio" | "captions"} kind
 * @property {string} filename
 * @property {number} size bytes
 * @property {number} [duration] seconds
 * @property {number} [width]
 * @property {number} [height]
 * @property {boolean} [has_audio]
 * @property {number} [sound_tracks]
 * @property {{count: number, problem?: string}} [subtitles]
 * @property {string} [taken_at]
 * @property {number} [utc_offset]
 * @property {string} [thumbnail_url]
 * @property {import("../clip/transcript.js").Segment[]} [cues]
 * @property {string} [language]
 * @property {import("../clip/transcript.js").Transcript} [transcript]
 */
/** @typedef {Map<string, Upload>} Uploads by their ids */
/** @typedef {Record<string, any>} Order as the API has it */
/** @typedef {{kind: Kind, session_id: string, order: Order, uploads: Upload[]}} Earlier */

const READERS = { slideshow: readSlideshow, clip: readClip };

/**
 * Return the draft of an order.
 * @param {Earlier} earlier
 * @param {number} [now] ms since 1970
 * @returns {Draft}
 */
export function toDraft({ kind, session_id: session, order, uploads }, now = Date.now()) {
  const known = new Map(uploads.map((upload) => [upload.id, upload]));
  const times = { revision: 1, changed: now };
  return { id: createId(), kind, ...times, session, ...READERS[kind](order, known) };
}
