// A track: the part of a song that is heard, and how long all tracks last together.

import { floor, round } from "../format.js";
import { say } from "../language.js";

/**
 * @typedef {object} Track
 * @property {string} [id] once it is uploaded
 * @property {number} duration of the whole song, in seconds
 * @property {number} start of the part
 * @property {number | null} end of the part; null for the song's own
 */

const SHORTEST_TRACK = 0.1;
const CROSSFADE = 2;

/**
 * Return a track as an order has it.
 * @param {Track} track
 */
export function orderTrack({ id, start, end }) {
  return { id, start, ...(end === null ? {} : { end }) };
}

/**
 * Return the songs of the tracks that an order has, as far as their files are known.
 * @param {{id: string, start?: number, end?: number | null}[] | undefined} tracks
 * @param {Map<string, {filename: string, duration?: number}>} uploads by their ids
 */
export function toSongs(tracks = [], uploads) {
  return tracks.flatMap(({ id, start = 0, end = null }) => {
    const upload = uploads.get(id);
    return upload
      ? [{ id, name: upload.filename, duration: upload.duration ?? 0, start, end }]
      : [];
  });
}

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
    return say("This song lasts from 0 to {end} seconds.", { end: floor(duration, 2) });
  }
  if (round(measureTrack(track), 6) >= SHORTEST_TRACK) return "";
  return say("The end must be {seconds} s or more after the start.", {
    seconds: SHORTEST_TRACK,
  });
}

/**
 * Whether a track is the same as another, also in what is heard of it; one that is not sent yet is
 * the same as long as its file is.
 * @param {Track & {kept?: string | null}} track
 * @param {Track & {kept?: string | null}} other
 */
export function isSameTrack(track, other) {
  if (!other.id) return track === other || Boolean(track.kept && track.kept === other.kept);
  return track.id === other.id && track.start === other.start && track.end === other.end;
}
