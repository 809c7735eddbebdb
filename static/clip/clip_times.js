// Times of a finished clip, as times of the video that it was cut from.

/** @import { Cut } from "./cut.js" */
/** @import { Segment } from "./transcript.js" */

/**
 * How parts follow each other in a clip.
 * @typedef {object} Course
 * @property {number} speed
 * @property {number} fade seconds of the crossfade between two parts
 * @property {number} begin second of the clip at which the first part begins
 */

/**
 * Return a caption that is seen in a clip at the same time, in seconds of the video. In a crossfade,
 * two moments of the video are seen: it begins in the later part, and ends in the earlier one.
 * @param {Segment} cue in seconds of the clip
 * @param {Cut[]} cuts in the order of the video
 * @param {Course} course
 * @returns {Segment}
 */
export function moveToSource({ start, end, words, ...others }, cuts, { speed, fade, begin }) {
  /** @type {(Cut & {from: number, to: number})[]} */
  const parts = [];
  for (const cut of cuts) {
    const from = parts.length ? parts[parts.length - 1].to - fade : begin;
    parts.push({ ...cut, from, to: from + (cut.end - cut.start) / speed });
  }
  const findPart = (/** @type {number} */ time) =>
    Math.max(0, parts.filter(({ from }) => time >= from).length - 1);
  const move = (/** @type {number} */ time, /** @type {number} */ number) =>
    parts[number].start + (time - parts[number].from) * speed;
  const moveSpan = (/** @type {{start: number, end: number}} */ span) => {
    const first = findPart(span.start);
    const last = parts.findIndex(({ to }, number) => number >= first && span.end <= to);
    const until = last < 0 ? parts.length - 1 : last;
    return { start: move(span.start, first), end: move(span.end, until) };
  };
  const moved = moveSpan({ start, end });
  const keep = (/** @type {number} */ time) => Math.max(moved.start, Math.min(time, moved.end));
  const spoken = words?.map((word) => {
    const span = moveSpan(word);
    return { ...word, start: keep(span.start), end: keep(span.end) };
  });
  return { ...others, ...moved, ...(spoken ? { words: spoken } : {}) };
}
