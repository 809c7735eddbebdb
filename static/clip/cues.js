// Captions as data: checked, and chosen by the part of the video that they are in.

/** @import { Cut } from "./cut.js" */

/** @typedef {{start: number, end: number, text: string}} Word seconds of the video */

/** @typedef {Word & {words?: Word[]}} Cue `words` tell when each word is spoken, if that is known */

/**
 * Say what is wrong with the times of a cue; an empty sentence when nothing is.
 * @param {{start: number, end: number}} cue NaN for a time that is empty or no number
 */
export function findFault({ start, end }) {
  if (Number.isNaN(start) || Number.isNaN(end)) return "Type a start and an end, in seconds.";
  if (start < 0) return "The start must be 0 or later.";
  return end > start ? "" : "The end must be after the start.";
}

/**
 * Return a cue with the words of what it was before it was edited, unless its times have changed.
 * @param {Cue} cue
 * @param {Cue} [before]
 * @returns {Cue}
 */
export function keepWords(cue, before) {
  const words = before?.words ?? [];
  const stays = cue.start === before?.start && cue.end === before?.end;
  return words.length && stays ? { ...cue, words } : cue;
}

/**
 * Return the cues that are seen in a part of the video.
 * @param {Cue[]} cues
 * @param {Cut} part
 */
export function selectCues(cues, { start, end }) {
  return cues.filter((cue) => cue.end > start && cue.start < end);
}
