// A track: the part of a song that is heard, and how long all tracks last together.

import { floor, round } from "../format.js";

/**
 * @typedef {object} Track
 * @property {string} [id] once it is uploaded
 * @property {number} duration of the whole song, in seconds
 * @property {number} start of the part
 * @property {number | null} end of the part; null for the song's own
 */

const SHORTEST_TRACK = 0.1;
const CROSSFADE = 2;

/** @param {Track} track */
export function measureTrack({ duration, start, end }) {
  return (end ?? duration) - start;
}

/**
 * Return the seconds that tracks last, each faded into the next for 2 s or half of the shorter one.
 * @param {Track[]} tracks
 */
export function measureTracks(tracks) {
  const lengths = tracks.map(measureTrack);
  return lengths.reduce((total, length, index) => {
    const before = lengths[index - 1] ?? 0;
    return total + length - Math.min(CROSSFADE, length / 2, before / 2);
  }, 0);
}

/**
 * Say what is wrong with a track's times; an empty sentence when nothing is.
 * @param {Track} track
 */
export function findFault(track) {
  const { id, duration, start, end } = track;
  if (!id) return "";
  if (start < 0 || start > duration || (end ?? 0) > duration) {
    return `This song lasts from 0 to ${floor(duration, 2)} seconds.`;
  }
  if (round(measureTrack(track), 6) >= SHORTEST_TRACK) return "";
  return `The end must be ${SHORTEST_TRACK} s or more after the start.`;
}
