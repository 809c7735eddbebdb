// The sum of a slideshow: what its photos and titles add up to.

import { formatCount, formatNumber, formatTime } from "../format.js";

/**
 * @typedef {object} Parts
 * @property {(number | undefined)[]} lengths seconds of each photo; undefined where the music says
 * @property {number} titles how many there are
 * @property {number} titleSeconds of each
 * @property {number | null} music seconds that all share; null where each has its own
 */

/**
 * Return the seconds of a slideshow.
 * @param {Parts} parts
 */
export function sumSeconds({ lengths, titles, titleSeconds, music }) {
  if (music !== null) return music;
  const photos = lengths.reduce((/** @type {number} */ sum, length) => sum + (length ?? 0), 0);
  return photos + (titles && titles * titleSeconds); // without titles their seconds may be NaN
}

/**
 * Say it: `3 photos × 2 s + 1 title = 0:09`.
 * @param {Parts} parts
 */
export function describeSum(parts) {
  const { lengths, titles, music } = parts;
  const seconds = sumSeconds(parts);
  const isEven = lengths.every((length) => length === lengths[0]) && (music === null || !titles);
  const each = music === null ? (lengths[0] ?? 0) : music / lengths.length;
  const every = isEven ? ` × ${formatNumber(each)}\u00a0s` : "";
  const cards = titles ? ` + ${formatCount(titles, "title")}` : "";
  return `${formatCount(lengths.length, "photo")}${every}${cards} = ${formatTime(seconds)}`;
}
