// Segments: the parts of a video that a clip consists of, in the order of the video.

import { floor, formatLength, formatNumber, round } from "../format.js";
import { describeCut, findFault } from "./cut.js";

/** @import { Cut } from "./cut.js" */

/**
 * How parts follow each other.
 * @typedef {object} Pace
 * @property {number} fade seconds of the crossfade between two; 0 for a hard cut
 * @property {number} speed
 * @property {boolean} cutsSilences whether pauses are left out
 */

const NEW_PART = 5; // seconds, where there is room for that
const SHORTEST_GAP = 0.11;
export const LONGEST_FADE = 5;

/** @param {Cut} cut */
const measure = ({ start, end }) => end - start;

/**
 * Return parts in the order of the video; those without a start come last.
 * @template {Cut} C
 * @param {C[]} cuts
 */
export function sortCuts(cuts) {
  const toKey = (/** @type {Cut} */ { start }) => (Number.isNaN(start) ? Infinity : start);
  return [...cuts].sort((one, other) => {
    const [key, otherKey] = [toKey(one), toKey(other)];
    return key === otherKey ? 0 : key - otherKey;
  });
}

/**
 * Say for each part what is wrong with it; an empty sentence when nothing is.
 * @param {Cut[]} cuts in the order of the video
 * @param {number} duration of the video; 0 until it is known
 */
export function findFaults(cuts, duration) {
  return cuts.map((cut, index) => {
    const overlaps = duration > 0 && index > 0 && cut.start < cuts[index - 1].end;
    if (!overlaps) return findFault(cut, duration);
    return findFault(cut, duration) || `This part begins before part ${index} ends.`;
  });
}

/**
 * Return a place for one more part: at a time that no part has, else in the longest gap.
 * @param {Cut[]} cuts in the order of the video, without a fault
 * @param {number} time
 * @param {number} duration of the video
 * @returns {Cut | null} null if the parts leave no room
 */
export function findRoom(cuts, time, duration) {
  const starts = [0, ...cuts.map(({ end }) => end)];
  const ends = [...cuts.map(({ start }) => start), duration];
  const gaps = starts
    .map((start, index) => ({ start, end: floor(ends[index], 2) }))
    .filter(({ start, end }) => end - start >= SHORTEST_GAP);
  if (!gaps.length) return null;
  const longest = gaps.reduce((one, other) => (measure(other) > measure(one) ? other : one));
  const here = gaps.find(({ start, end }) => time >= start && end - time >= SHORTEST_GAP);
  const start = Math.ceil(round(100 * (here ? time : longest.start), 6)) / 100;
  const { end } = here ?? longest;
  return { start, end: round(Math.min(end, start + NEW_PART), 2) };
}

/**
 * Return the longest crossfade that parts have room for: half of the shortest one.
 * @param {Cut[]} cuts
 * @param {number} speed
 */
export function measureLongestFade(cuts, speed) {
  const shortest = Math.min(...cuts.map(measure));
  return Math.min(LONGEST_FADE, floor(round(shortest / speed / 2, 6), 2));
}

/**
 * Say what parts add up to.
 * @param {Cut[]} cuts
 * @param {Pace} pace
 */
export function describeSum(cuts, { fade, speed, cutsSilences }) {
  const whole = cuts.reduce((sum, cut) => sum + measure(cut), 0);
  const seconds = whole / speed - fade * (cuts.length - 1);
  const length = (cutsSilences ? "at most " : "") + formatLength(seconds);
  if (cuts.length > 1) return `${cuts.length} parts = ${length}`;
  if (speed === 1 && !cutsSilences) return describeCut(cuts[0]);
  const pace = speed === 1 ? "" : ` at ${formatNumber(speed)} ×`;
  return `${describeCut(cuts[0]).split(" = ")[0]}${pace} = ${length}`;
}

/**
 * Return the parts and their pace as the order of a clip has them.
 * @param {Cut[]} cuts in the order of the video
 * @param {Pace} pace
 * @param {number} duration of the video
 */
export function toOrder(cuts, { fade, speed, cutsSilences }, duration) {
  // Only the server knows the exact end of the video.
  const segments = cuts.map(({ start, end }) => (end < duration ? { start, end } : { start }));
  const isJoined = cuts.length > 1;
  return {
    ...(isJoined ? { segments } : segments[0]),
    ...(isJoined && fade ? { transition: "fade", transition_duration: fade } : {}),
    ...(speed === 1 ? {} : { speed }),
    ...(cutsSilences ? { silences: "cut" } : {}),
  };
}
