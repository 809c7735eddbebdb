// Captions as data: checked, and chosen by the part of the video that they are in.

import { say } from "../language.js";

/** @import { Cut } from "./cut.js" */

/** @typedef {{start: number, end: number, text: string}} Cue seconds of the video */

/**
 * What an earlier order says and lines do not.
 * @typedef {object} Earlier
 * @property {string} [language] of the lines
 * @property {string | object} [whole] captions that cannot be lines, as the API has them
 */

const KEPT = say(
  "The captions of this clip count from its own start, so they are not listed here. They stay as they are until you add lines.",
);
const NOT_HEARD = say(
  "The captions of this clip are automatic, and speech cannot be recognised here right now. Remove them, or add lines.",
);

/**
 * Say why there are captions and no lines; an empty sentence where that is not so.
 * @param {Earlier} earlier
 */
export function describeKept({ whole }) {
  if (!whole) return "";
  return isHeard(whole) ? NOT_HEARD : KEPT;
}

/**
 * Whether captions are those that are heard.
 * @param {any} captions as the API has them
 */
export const isHeard = (captions) => captions === "auto" || Boolean(captions?.speech);

/**
 * Say what is wrong with the times of a cue; an empty sentence when nothing is.
 * @param {{start: number, end: number}} cue NaN for a time that is empty or no number
 */
export function findFault({ start, end }) {
  if (Number.isNaN(start) || Number.isNaN(end)) return say("Type a start and an end, in seconds.");
  if (start < 0) return say("The start must be 0 or later.");
  return end > start ? "" : say("The end must be after the start.");
}

/**
 * Return the cues that are seen in parts of the video.
 * @template {{start: number, end: number}} C
 * @param {C[]} cues
 * @param {Cut[]} parts
 */
export function selectCues(cues, parts) {
  return cues.filter((cue) => parts.some(({ start, end }) => cue.end > start && cue.start < end));
}

/**
 * Return captions as an order has them; null if it shows none.
 * @param {Cue[]} cues
 * @param {Cut[]} parts
 * @param {{language?: string | null} | null} transcript that they correct
 * @param {Earlier} earlier
 */
export function orderCues(cues, parts, transcript, earlier) {
  if (!cues.length) return earlier.whole ?? null;
  const seen = selectCues(cues, parts);
  if (!seen.length) return null;
  const { language } = transcript ?? earlier;
  const named = language ? { language } : {};
  return transcript ? { ...named, segments: seen } : { ...named, cues: seen, times: "source" };
}
