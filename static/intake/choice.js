// What becomes of files that were dropped or chosen, by their kinds: pure, and the same for all places.

import { say } from "../language.js";

/** @import { Unread } from "./folders.js" */
/** @import { FileKind, Sorted } from "./kinds.js" */

/** @typedef {{name: string, sentence: string}} Refused */

const UNREADABLE = say("This file cannot be read: it was moved or changed, or is a folder.");
const NO_PHOTOS = say("A clip is cut from a video: photos belong to a slideshow.");
const ONE_VIDEO = say("One video is cut at a time: the first of them was opened.");
const NO_VIDEO = say("This is not a video that can be cut: choose an MP4, MOV, WebM or MKV file.");
const NO_CAPTIONS = say("Captions belong to a clip: open its video first, then this file.");
const OTHER = say("This is no photo, video or song that can be used here.");

/**
 * Choose what goes into a slideshow.
 * @param {{sorted: Sorted[], unreadable: File[]}} files
 * @returns {{slides: Sorted[], songs: File[], refused: Refused[]}}
 */
export function chooseForSlideshow({ sorted, unreadable }) {
  return {
    slides: sorted.filter(({ kind }) => kind === "photo" || kind === "video"),
    songs: list(sorted, "audio"),
    refused: [
      ...refuse(unreadable, UNREADABLE),
      ...refuse(list(sorted, "captions"), NO_CAPTIONS),
      ...refuse(list(sorted, "other"), OTHER),
    ],
  };
}

/**
 * Choose what a clip is made of.
 * @param {{sorted: Sorted[], unreadable: File[]}} files
 * @returns {{video?: File, captions?: File, songs: File[], refused: Refused[]}}
 */
export function chooseForClip({ sorted, unreadable }) {
  const [video, ...videos] = list(sorted, "video");
  return {
    video,
    captions: list(sorted, "captions")[0],
    songs: list(sorted, "audio"),
    refused: [
      ...refuse(unreadable, UNREADABLE),
      ...refuse(list(sorted, "photo"), NO_PHOTOS),
      ...refuse(list(sorted, "other"), NO_VIDEO),
      ...refuse(videos, ONE_VIDEO),
    ],
  };
}

/**
 * @param {Sorted[]} sorted
 * @param {FileKind} wanted
 */
function list(sorted, wanted) {
  return sorted.filter(({ kind }) => kind === wanted).map(({ file }) => file);
}

/**
 * @param {File[]} files
 * @param {string} sentence
 */
function refuse(files, sentence) {
  return files.map(({ name }) => ({ name, sentence }));
}
