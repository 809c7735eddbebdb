// Segments: the parts of a video that a clip consists of, in the order of the video.

import { floor, formatLength, formatTime, round } from "../format.js";
import { say } from "../language.js";
import { describeCut, describeTimes, findFault } from "./cut.js";

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
const SAME_TIME = 0.005; // seconds: times are typed to the hundredth
const LONGEST_FADE = 5;

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
    return (
      findFault(cut, duration) ||
      say("This part begins before part {number} ends.", { number: index })
    );
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
 * Return the room that a part has between its neighbours.
 * @param {Cut[]} cuts in the order of the video
 * @param {Cut} cut one of them
 * @param {number} duration of the video
 * @returns {Cut}
 */
export function findNeighbours(cuts, cut, duration) {
  const others = cuts.filter((other) => other !== cut);
  const before = others.filter(({ end }) => end <= cut.start).map(({ end }) => end);
  const after = others.filter(({ start }) => start >= cut.end).map(({ start }) => start);
  return { start: Math.max(0, ...before), end: Math.min(duration, ...after) };
}

/**
 * Return what lies at a time of the strip: an end of a part within reach, those of the current one
 * before others; else the part itself; else nothing.
 * @param {Cut[]} cuts
 * @param {Cut} current
 * @param {number} time
 * @param {number} reach in seconds
 * @returns {{cut: Cut | null, edge: "start" | "end" | null}}
 */
export function findGrip(cuts, current, time, reach) {
  const edges = cuts.flatMap((cut) =>
    /** @type {const} */ (["start", "end"]).map((edge) => {
      const isInside = edge === "start" ? time >= cut.start : time <= cut.end;
      const distance = Math.abs(cut[edge] - time);
      return { cut, edge, distance, rank: (cut === current ? 0 : 2) + (isInside ? 0 : 1) };
    }),
  );
  const near = edges.filter(({ distance }) => distance <= reach);
  near.sort((one, other) => one.distance - other.distance || one.rank - other.rank);
  const own = near.find(({ cut }) => cut === current);
  const grip = own ?? near[0];
  if (grip) return { cut: grip.cut, edge: grip.edge };
  return { cut: cuts.find(({ start, end }) => time >= start && time <= end) ?? null, edge: null };
}

/**
 * Return the part that a time of the video shows: the current one before others, and in a gap.
 * @param {Cut[]} cuts
 * @param {Cut} current
 * @param {number} time
 */
export function findShown(cuts, current, time) {
  const shows = (/** @type {Cut} */ { start, end }) => time > start - SAME_TIME && time < end;
  const isCurrent = shows(current) || Math.abs(time - current.end) < SAME_TIME;
  return isCurrent ? current : (cuts.find(shows) ?? current);
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
 * Say how long crossfades may last.
 * @param {number} longest in seconds
 */
export function describeLongestFade(longest) {
  if (longest === LONGEST_FADE) {
    return say("More than 0, and at most {longest} seconds", { longest });
  }
  return say("At most {longest} seconds: half of the shortest part", { longest });
}

/**
 * Name a part by its number and its times, as far as these are known.
 * @param {Cut} cut
 * @param {number} number
 */
function namePart({ start, end }, number) {
  const [from, to] = [start, end].map((time) => (Number.isNaN(time) ? "?" : formatTime(time)));
  return say("Part {number}: {start} to {end}", { number, start: from, end: to });
}

/**
 * Name a part in the list of them: also that a crop keeps something of its own in it, if it does.
 * @param {Cut} cut
 * @param {number} number
 * @param {boolean} isCropped
 */
export function describePart(cut, number, isCropped) {
  const name = namePart(cut, number);
  return isCropped && cut.focus ? say("{part}, own crop", { part: name }) : name;
}

/**
 * Return how many seconds parts take in a clip, with all pauses.
 * @param {Cut[]} cuts
 * @param {Pick<Pace, "fade" | "speed">} pace
 */
export function measureSum(cuts, { fade, speed }) {
  const whole = cuts.reduce((sum, cut) => sum + measure(cut), 0);
  return whole / speed - fade * (cuts.length - 1);
}

/**
 * Say what parts add up to.
 * @param {Cut[]} cuts
 * @param {Pace} pace
 */
export function describeSum(cuts, pace) {
  const { speed, cutsSilences } = pace;
  const all = formatLength(measureSum(cuts, pace));
  const length = cutsSilences ? say("at most {length}", { length: all }) : all;
  if (cuts.length > 1) return say("{count} parts = {length}", { count: cuts.length, length });
  if (speed === 1 && !cutsSilences) return describeCut(cuts[0]);
  const times = describeTimes(cuts[0]);
  return `${speed === 1 ? times : say("{times} at {speed} ×", { times, speed })} = ${length}`;
}

/**
 * Return the parts and their pace as the order of a clip has them.
 * @param {Cut[]} cuts in the order of the video
 * @param {Pace} pace
 * @param {{duration: number, isCropped: boolean}} video its length in seconds, and whether the clip
 *   is a crop of it
 */
export function toOrder(cuts, { fade, speed, cutsSilences }, { duration, isCropped }) {
  const segments = cuts.map(({ start, end, focus }) => ({
    start,
    ...(end < duration ? { end } : {}), // only the server knows the exact end of the video
    ...(isCropped && focus ? { focus } : {}),
  }));
  const isJoined = cuts.length > 1;
  return {
    ...(isJoined ? { segments } : segments[0]),
    ...(isJoined && fade ? { transition: "fade", transition_duration: fade } : {}),
    ...(speed === 1 ? {} : { speed }),
    ...(cutsSilences ? { silences: "cut" } : {}),
  };
}
