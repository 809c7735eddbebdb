// Photos and videos by their number.

import { sayCount } from "../language.js";

/** @typedef {{photos: number, videos: number}} Files how many there are */

/** @param {number} count */
export const sayPhotos = (count) =>
  sayCount(count, { one: "{count} photo", other: "{count} photos" });

/** @param {number} count */
export const sayVideos = (count) =>
  sayCount(count, { one: "{count} video", other: "{count} videos" });

/** @param {Files} files */
export function sayFiles({ photos, videos }) {
  const counts = [
    ...(photos || !videos ? [sayPhotos(photos)] : []),
    ...(videos ? [sayVideos(videos)] : []),
  ];
  return counts.join(", ");
}
