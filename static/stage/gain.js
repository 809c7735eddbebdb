// How loud each part of the music is at a time.

/** @import { MusicPart } from "./timeline.js" */

/**
 * Return what is heard at a time, and how loud, from 0 to 1: parts fade at constant power.
 * @param {MusicPart[]} parts
 * @param {number} seconds
 * @param {{duration: number, fadeOut: number}} whole of the video, in seconds
 */
export function listHeard(parts, seconds, { duration, fadeOut }) {
  const ending = fadeOut ? limit((duration - seconds) / fadeOut) : 1;
  return parts.flatMap((part, index) => {
    const into = seconds - part.at;
    const left = part.duration - into;
    if (into < 0 || left <= 0) return [];
    const rise = part.fade_in ? limit(into / part.fade_in) : 1;
    const fall = part.fade_out ? limit(left / part.fade_out) : 1;
    const gain = Math.sin((Math.min(rise, fall) * Math.PI) / 2) * ending;
    return [{ index, track: part.track, at: part.start + into, gain }];
  });
}

/** @param {number} share */
function limit(share) {
  return Math.min(Math.max(share, 0), 1);
}
