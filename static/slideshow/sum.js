// The sum of a slideshow: what its photos and titles add up to.

import { formatCount, formatNumber, formatTime } from "../format.js";

/**
 * @typedef {object} Parts
 * @property {(number | undefined)[]} lengths seconds of each photo; undefined where the music says
 * @property {number} titles how many there are
 * @property {number} titleSeconds of each
 * @property {number | null} music seconds that all share; null where each has its own
 * @property {number[]} [videos] seconds of each video among the photos
 */

/**
 * What is shown: a photo, a video or a title.
 * @typedef {object} Slide
 * @property {number} [seconds] undefined where the music says
 * @property {boolean} isVideo
 * @property {number} fade seconds of the transition to the next; 0 without one
 */

/**
 * Return the seconds that each video adds: it begins with the transition to it, which takes half of
 * the video's time at most and belongs to the slide before.
 * @param {Slide[]} slides
 */
export function measureVideos(slides) {
  /** @type {number[]} */
  const own = [];
  slides.forEach(({ seconds = Infinity, isVideo }, index) => {
    const overlap = Math.min(slides[index - 1]?.fade ?? 0, seconds / 2, own[index - 1] ?? 0);
    own.push(isVideo ? seconds - overlap : seconds);
  });
  return own.filter((_, index) => slides[index].isVideo);
}

/**
 * Return the seconds of a slideshow.
 * @param {Parts} parts
 */
export function sumSeconds({ lengths, titles, titleSeconds, music, videos = [] }) {
  if (music !== null) return music;
  const all = [...lengths, ...videos];
  const seconds = all.reduce((/** @type {number} */ sum, length) => sum + (length ?? 0), 0);
  return seconds + (titles && titles * titleSeconds); // without titles their seconds may be NaN
}

/**
 * Say it: `3 photos × 2 s + 1 title = 0:09`.
 * @param {Parts} parts
 */
export function describeSum(parts) {
  const { lengths, titles, music, videos = [] } = parts;
  const seconds = sumSeconds(parts);
  const isEven =
    lengths.every((length) => length === lengths[0]) &&
    (music === null || !(titles + videos.length));
  const each = music === null ? (lengths[0] ?? 0) : music / lengths.length;
  const every = isEven ? ` × ${formatNumber(each)}\u00a0s` : "";
  const items = [
    ...(lengths.length ? [formatCount(lengths.length, "photo") + every] : []),
    ...(videos.length ? [formatCount(videos.length, "video")] : []),
    ...(titles ? [formatCount(titles, "title")] : []),
  ];
  return `${items.join(" + ")} = ${formatTime(seconds)}`;
}
