// Photos and videos by their number.

import { sayCount } from "../language.js";

/** @param {number} count */
export const sayPhotos = (count) =>
  sayCount(count, { one: "{count} photo", other: "{count} photos" });

/** @param {number} count */
export const sayVideos = (count) =>
  sayCount(count, { one: "{count} video", other: "{count} videos" });
