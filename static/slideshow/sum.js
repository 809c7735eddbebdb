// The sum of a slideshow: what its photos and titles add up to.

import { formatTime } from "../format.js";
import { language, say, sayCount } from "../language.js";
import { sayPhotos, sayVideos } from "./counts.js";
import { measureVideo } from "./photo.js";

/** @import { Choice, Photo } from "./photo.js" */

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
function sumSeconds({ lengths, titles, titleSeconds, music, videos = [] }) {
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
  const photos = sayPhotos(lengths.length);
  const times = isEven ? say("{photos} × {seconds}\u00a0s", { photos, seconds: each }) : photos;
  const items = [
    ...(lengths.length ? [times] : []),
    ...(videos.length ? [sayVideos(videos.length)] : []),
    ...(titles ? [sayCount(titles, { one: "{count} title", other: "{count} titles" })] : []),
  ];
  return `${items.map((item) => language.isolate(item)).join(" + ")} = ${formatTime(seconds)}`;
}

/**
 * What a slideshow's form says, as far as it matters to how long the slideshow is.
 * @typedef {object} Settings
 * @property {number} [duration] seconds of a photo; undefined where the music says
 * @property {unknown} transition
 * @property {number} transition_duration
 * @property {boolean} fit_to_music
 * @property {object} [title]
 * @property {object} [end_title]
 */

/**
 * Say what photos, videos and titles add up to.
 * @param {Pick<Photo, "video" | "choice">[]} photos
 * @param {Settings} settings
 * @param {number} card seconds of a title
 * @param {number} music seconds of all music
 */
export function describeTotal(photos, settings, card, music) {
  const { duration, fit_to_music: fits, title, end_title: endTitle } = settings;
  return describeSum({
    lengths: photos.filter(({ video }) => !video).map(({ choice }) => choice.duration ?? duration),
    videos: measureVideos(listSlides(photos, settings, card)),
    titles: [title, endTitle].filter(Boolean).length,
    titleSeconds: card,
    music: fits ? music : null,
  });
}

/**
 * Return what is shown, from the title on, as far as it matters to the videos.
 * @param {Pick<Photo, "video" | "choice">[]} photos
 * @param {Settings} settings
 * @param {number} card seconds of a title
 * @returns {Slide[]}
 */
function listSlides(photos, settings, card) {
  const { duration, title, transition, transition_duration: fade } = settings;
  const toFade = (/** @type {Choice} */ choice) =>
    (choice.transition ?? transition) === "none" ? 0 : (choice.transition_duration ?? fade);
  const slides = photos.map(({ video, choice }) => ({
    seconds: video ? measureVideo(video, choice) : (choice.duration ?? duration),
    isVideo: Boolean(video),
    fade: toFade(choice),
  }));
  return title ? [{ seconds: card, isVideo: false, fade: toFade({}) }, ...slides] : slides;
}
