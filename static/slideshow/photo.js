// The photos of a slideshow, and the videos among them, as data: their own settings, their order,
// how far they are sent.

import { floor, formatSending, round } from "../format.js";
import { say, sayCount } from "../language.js";
import { sayChecking, sayFiles } from "./counts.js";
import { compareKeys, toKey } from "./names.js";

/** @import { Files } from "./counts.js" */

/** @typedef {{x: number, y: number}} Point shares of a picture's width and height */

/**
 * What plays in the place of a photo.
 * @typedef {object} Video
 * @property {number} duration seconds; 0 until it is uploaded
 * @property {boolean} hasSound
 */

/**
 * The settings of one photo that differ from the slideshow's, in the API's words.
 * @typedef {object} Choice
 * @property {number} [duration]
 * @property {string} [transition]
 * @property {number} [transition_duration]
 * @property {string} [fit]
 * @property {string} [motion]
 * @property {number} [rotate] degrees, clockwise
 * @property {string} [caption]
 * @property {string} [narration] what is spoken
 * @property {Point} [focus]
 * @property {number} [start] of a video, in its seconds
 * @property {number} [end] of a video, in its seconds
 * @property {boolean} [mute] whether the sound of a video is left out
 */

/**
 * @typedef {object} Photo
 * @property {string} name
 * @property {number} size bytes
 * @property {number} sent bytes
 * @property {"waiting" | "sending" | "checking" | "lost" | "ready"} state
 * @property {Choice} choice
 * @property {Video | null} [video] what the file is if it is no photo
 * @property {string} [id] of the uploaded photo, and with it:
 * @property {string} [thumbnail] its address
 * @property {string | null} [takenAt] ISO 8601, by the camera's clock
 * @property {number | null} [utcOffset] minutes that this clock is ahead of UTC
 * @property {File | null} [file] until it is uploaded
 * @property {string | null} [kept] the key of this file in intake/unsent.js, until it is uploaded
 * @property {string | null} [preview] address of the file, as long as the photo is here
 */

const NUMBERS = ["duration", "transition_duration", "rotate", "start", "end"];
const SHORTEST = 0.2; // seconds

/**
 * Whether a photo has any setting of its own.
 * @param {Choice} choice
 */
export function isChosen(choice) {
  return Object.keys(choice).length > 0;
}

/**
 * Return the settings that several choices have in common.
 * @param {Choice[]} choices
 * @returns {Choice}
 */
export function shareChoice([first = {}, ...others]) {
  const shared = Object.entries(first).filter(([name, value]) =>
    others.every((other) => {
      const { [name]: own } = /** @type {Record<string, unknown>} */ (other);
      return JSON.stringify(own) === JSON.stringify(value);
    }),
  );
  return Object.fromEntries(shared);
}

/**
 * Return the names of the settings in which several choices differ.
 * @param {Choice[]} choices
 */
export function findDifferent(choices) {
  const shared = shareChoice(choices);
  return new Set(choices.flatMap(Object.keys).filter((name) => !(name in shared)));
}

/**
 * Return a choice with one setting changed; an empty text takes the setting away.
 * @param {Choice} choice
 * @param {string} name
 * @param {string} text as typed
 * @returns {Choice}
 */
export function changeChoice(choice, name, text) {
  // The focus is a point of the photo as it lay before it was turned.
  const gone = name === "rotate" ? [name, "focus"] : [name];
  const kept = Object.entries(choice).filter(([key]) => !gone.includes(key));
  const value = NUMBERS.includes(name) ? Number(text) : name === "mute" || text;
  return Object.fromEntries(text === "" ? kept : [...kept, [name, value]]);
}

/**
 * Return the seconds that a video plays.
 * @param {Video} video
 * @param {Choice} choice
 */
export function measureVideo({ duration }, { start = 0, end = duration }) {
  return end - start;
}

/**
 * Say what is wrong with the part of a video that plays; an empty sentence when nothing is.
 * @param {Pick<Photo, "video" | "choice">} photo
 */
export function findFault({ video, choice }) {
  if (!video) return "";
  const { start = 0, end = 0 } = choice;
  if (video.duration && (start < 0 || Math.max(start, end) > video.duration)) {
    return say("This video lasts from 0 to {end} seconds.", { end: floor(video.duration, 2) });
  }
  const isKnown = video.duration > 0 || "end" in choice;
  if (!isKnown || round(measureVideo(video, choice), 6) >= SHORTEST) return "";
  return say("The end must be {seconds} s or more after the start.", { seconds: SHORTEST });
}

/**
 * Return a choice with a point to keep in the middle, and the crop that this is for.
 * @param {Choice} choice
 * @param {Point} point moved onto the picture where it lies outside
 * @returns {Choice}
 */
export function focusChoice(choice, { x, y }) {
  const toShare = (/** @type {number} */ share) => round(Math.max(0, Math.min(1, share)), 3);
  return { ...choice, fit: "cover", focus: { x: toShare(x), y: toShare(y) } };
}

/**
 * Return photos sorted by name, as people do, or by date. Those without a date come last, and
 * those of one moment by name.
 * @template {Pick<Photo, "name" | "takenAt" | "utcOffset">} P
 * @param {P[]} photos
 * @param {string} order `name` or `date`
 */
export function sortPhotos(photos, order) {
  const dated = photos.filter((photo) => photo.takenAt);
  const inUtc = dated.every(({ utcOffset }) => typeof utcOffset === "number");
  const keyed = photos.map((photo) => ({
    photo,
    moment: order === "date" ? toMoment(photo, inUtc) : 0,
    key: toKey(photo.name),
  }));
  keyed.sort((one, other) => {
    if (one.moment !== other.moment) return one.moment < other.moment ? -1 : 1;
    return one.moment === Infinity ? 0 : compareKeys(one.key, other.key);
  });
  return keyed.map(({ photo }) => photo);
}

/**
 * Return when a photo was taken, in milliseconds: in UTC, or else by its camera's clock.
 * @param {Pick<Photo, "takenAt" | "utcOffset">} photo
 * @param {boolean} inUtc
 */
function toMoment({ takenAt, utcOffset }, inUtc) {
  if (!takenAt) return Infinity;
  return Date.parse(`${takenAt}Z`) - (inUtc ? (utcOffset ?? 0) * 60_000 : 0);
}

/**
 * Return photos with some of them moved together, to an index among the others.
 * @template P
 * @param {P[]} photos
 * @param {P[]} moved in their order
 * @param {number} index
 */
export function movePhotos(photos, moved, index) {
  const others = photos.filter((photo) => !moved.includes(photo));
  others.splice(Math.max(0, index), 0, ...moved);
  return others;
}

/**
 * Return the index among the others to which photos are moved when one of them is carried to a place.
 * @template P
 * @param {P[]} photos
 * @param {P[]} moved
 * @param {P} carried one of them
 * @param {number} index of its new place among all
 */
export function findIndex(photos, moved, carried, index) {
  const seen = movePhotos(photos, [carried], index);
  return seen.slice(0, seen.indexOf(carried)).filter((photo) => !moved.includes(photo)).length;
}

/**
 * Say where photos are now: `a.jpg is now number 2 of 5.`
 * @param {string} names
 * @param {number} moved how many
 * @param {number} place of the first, from 1
 * @param {number} count of all
 */
export function describeMove(names, moved, place, count) {
  if (moved === 1) return say("{names} is now number {place} of {count}.", { names, place, count });
  const last = place + moved - 1;
  return say("{names} are now numbers {place} to {last} of {count}.", {
    names,
    place,
    last,
    count,
  });
}

/**
 * Say how many photos and videos there are.
 * @param {Pick<Photo, "video">[]} photos
 */
export const describeCount = (photos) => sayFiles(countFiles(photos));

/**
 * @param {Pick<Photo, "video">[]} photos
 * @returns {Files}
 */
export function countFiles(photos) {
  const videos = photos.filter(({ video }) => video).length;
  return { photos: photos.length - videos, videos };
}

/**
 * Say how far photos are sent, or how many there are when all have arrived.
 * @param {Pick<Photo, "sent" | "size" | "state" | "video">[]} photos
 * @param {string} pace how fast they are sent, to go on after other words
 * @param {string} reason why some are lost, as a sentence
 */
export function describeUpload(photos, pace = "", reason = "") {
  const { sent, size, underway, lost } = countPhotos(photos);
  const isMixed = photos.some(({ video }) => video);
  if (underway && sent < size) return formatSending(sent, size) + pace;
  if (underway) return sayChecking(photos);
  if (!lost) return describeCount(photos);
  if (isMixed) {
    return sayCount(
      lost,
      {
        one: "{reason} {count} file did not get through yet; trying again.",
        other: "{reason} {count} files did not get through yet; trying again.",
      },
      { reason },
    );
  }
  return sayCount(
    lost,
    {
      one: "{reason} {count} photo did not get through yet; trying again.",
      other: "{reason} {count} photos did not get through yet; trying again.",
    },
    { reason },
  );
}

/**
 * Return the bytes of all photos, and how many are ready, lost or on their way.
 * @param {Pick<Photo, "sent" | "size" | "state">[]} photos
 */
export function countPhotos(photos) {
  const totals = { sent: 0, size: 0, ready: 0, lost: 0, underway: 0 };
  for (const { sent, size, state } of photos) {
    totals.sent += sent;
    totals.size += size;
    totals[state === "ready" || state === "lost" ? state : "underway"] += 1;
  }
  return totals;
}
