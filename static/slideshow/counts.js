// Photos and videos by their number.

import { say, sayCount } from "../language.js";

/** @typedef {{photos: number, videos: number}} Files how many there are */

/** @param {number} count */
export const sayPhotos = (count) =>
  sayCount(count, { one: "{count} photo", other: "{count} photos" });

/** @param {number} count */
export const sayVideos = (count) =>
  sayCount(count, { one: "{count} video", other: "{count} videos" });

/**
 * Say which of all photos and videos one is.
 * @param {{video?: unknown}} photo
 * @param {number} number from 1 on
 * @param {number} count
 */
export const sayPlace = ({ video }, number, count) =>
  video
    ? say("Video {number} of {count}", { number, count })
    : say("Photo {number} of {count}", { number, count });

/**
 * Say that all has been sent, and is looked at.
 * @param {{video?: unknown}[]} photos
 */
export const sayChecking = (photos) =>
  photos.some(({ video }) => video) ? say("Checking the files.") : say("Checking the photos.");

/** @param {Files} files */
export function sayFiles({ photos, videos }) {
  const counts = [
    ...(photos || !videos ? [sayPhotos(photos)] : []),
    ...(videos ? [sayVideos(videos)] : []),
  ];
  return counts.join(", ");
}
