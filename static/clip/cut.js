// A cut: the part of a video that a clip keeps, in seconds.

import { formatLength, formatTime, round } from "../format.js";
import { say } from "../language.js";

/** @import { Point } from "./frame.js" */

/**
 * `focus` is what a crop keeps in this part alone; without one, it keeps what it keeps in all parts.
 * @typedef {{start: number, end: number, focus?: "auto" | Point}} Cut
 */

const SHORTEST_CUT = 0.1;
const HANDLE_GAP = 0.11; // a little more, or rounding could make a cut too short

/**
 * Say what is wrong with a cut; an empty sentence when nothing is.
 * @param {Cut} cut NaN for a time that is empty or no number
 * @param {number} duration of the video; 0 until it is known
 */
export function findFault({ start, end }, duration) {
  if (!duration) return "";
  if (Number.isNaN(start) || Number.isNaN(end)) return say("Type a start and an end, in seconds.");
  if (start < 0) return say("The start must be 0 or later.");
  if (Math.max(start, end) > duration) {
    return say("The video ends at {seconds} s.", { seconds: duration });
  }
  if (end <= start) return say("The end must be after the start.");
  if (round(end - start, 6) >= SHORTEST_CUT) return "";
  return say("A clip lasts at least {seconds} s.", { seconds: SHORTEST_CUT });
}

/**
 * Return the cut after its start was dragged: it pushes the end along.
 * @param {Cut} cut
 * @param {number} seconds
 * @param {Cut} room that it has
 * @returns {Cut}
 */
export function dragStart({ end }, seconds, room) {
  const start = clamp(seconds, room.start, room.end - HANDLE_GAP);
  return { start, end: Math.min(room.end, Math.max(end, start + HANDLE_GAP)) };
}

/**
 * Return the cut after its end was dragged: it pushes the start along.
 * @param {Cut} cut
 * @param {number} seconds
 * @param {Cut} room that it has
 * @returns {Cut}
 */
export function dragEnd({ start }, seconds, room) {
  const end = Math.min(room.end, Math.max(seconds, room.start + HANDLE_GAP));
  return { start: clamp(start, room.start, end - HANDLE_GAP), end };
}

/**
 * @param {number} number
 * @param {number} least wins over `most`
 * @param {number} most
 */
export function clamp(number, least, most) {
  return Math.max(least, Math.min(number, most));
}

/** @param {Cut} cut */
export function describeTimes({ start, end }) {
  return say("{start} to {end}", { start: formatTime(start), end: formatTime(end) });
}

/** @param {Cut} cut */
export function describeCut(cut) {
  return `${describeTimes(cut)} = ${formatLength(cut.end - cut.start)}`;
}

/**
 * Return those of evenly spread pictures of a video that lie within cuts; all if none does.
 * @param {string[]} pictures
 * @param {Cut[]} cuts
 * @param {number} duration of the video
 */
export function cutPictures(pictures, cuts, duration) {
  const within = pictures.filter((_, index) => {
    const time = ((index + 0.5) / pictures.length) * duration;
    return cuts.some(({ start, end }) => time >= start && time <= end);
  });
  return within.length ? within : pictures;
}
