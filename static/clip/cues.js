// Captions as data: read from SubRip and WebVTT files, checked, and cut with their video.

import { round } from "../format.js";

/** @import { Cut } from "./cut.js" */

/** @typedef {{start: number, end: number, text: string}} Cue seconds of the video */

/** As many as the server takes. */
export const MAX_CUES = 1000;
/** As many as the server takes. */
const MAX_CHARACTERS = 500;

const TIME = /((?:\d+:)?\d+:\d+(?:[.,]\d+)?)/.source;
const TIMING = new RegExp(`^\\s*${TIME}\\s*-->\\s*${TIME}`);
const TAG = /<\/?(?:[biuscv]|font|lang|ruby|rt)\b[^<>]*>|<[\d:.]+>|\{\\[^{}]*\}/gi;
const REFERENCE = /&(amp|lt|gt|quot|apos|#39|nbsp|lrm|rlm);/g;
/** @type {Record<string, string>} */
const CHARACTERS = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  "#39": "'",
  nbsp: "\u00a0",
  lrm: "\u200e",
  rlm: "\u200f",
};

/**
 * Return the text of a file of captions: UTF-8, UTF-16 with its mark, or else Windows-1252, as many
 * old subtitles are.
 * @param {ArrayBuffer} bytes
 */
export function decodeText(bytes) {
  const [first, second] = new Uint8Array(bytes);
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/**
 * Return the cues of a SubRip or WebVTT text, without their markup, in the order of the file.
 *
 * A cue's text ends at an empty line, or where the next cue begins: some programs write no empty
 * lines (WebVTT, section 6.1, ends a text at the next arrow too).
 * @param {string} text
 * @returns {Cue[]}
 */
export function parseCues(text) {
  const lines = text.split(/\r\n|\r|\n/);
  const starts = lines.flatMap((line, index) => (TIMING.test(line) ? [index] : []));
  return starts.flatMap((at, index) => {
    const next = starts[index + 1] ?? lines.length;
    const words = cleanText(takeText(lines.slice(at + 1, next), next < lines.length));
    const [, start, end] = /** @type {string[]} */ (lines[at].match(TIMING));
    return words ? [{ start: parseTime(start), end: parseTime(end), text: words }] : [];
  });
}

/**
 * Return a cue's own lines of those up to the next timing.
 * @param {string[]} lines
 * @param {boolean} isFollowed by another cue, whose number may be the last of the lines
 */
function takeText(lines, isFollowed) {
  const blank = lines.findIndex((line) => !line.trim());
  if (blank >= 0) return lines.slice(0, blank);
  const isNumbered = isFollowed && /^\s*\d+\s*$/.test(lines.at(-1) ?? "");
  return isNumbered ? lines.slice(0, -1) : lines;
}

/** @param {string[]} lines */
function cleanText(lines) {
  const text = lines
    .join("\n")
    .replace(TAG, "")
    .replace(REFERENCE, (_, name) => CHARACTERS[name])
    .trim();
  return text.slice(0, MAX_CHARACTERS).replace(/[\ud800-\udbff]$/, ""); // never half a character
}

/** @param {string} text such as `1:02:03.5`, with a point or a comma */
function parseTime(text) {
  return text
    .replace(",", ".")
    .split(":")
    .reduce((total, unit) => total * 60 + Number(unit), 0);
}

/**
 * Say what is wrong with the times of a cue; an empty sentence when nothing is.
 * @param {{start: number, end: number}} cue NaN for a time that is empty or no number
 */
export function findFault({ start, end }) {
  if (Number.isNaN(start) || Number.isNaN(end)) return "Type a start and an end, in seconds.";
  if (start < 0) return "The start must be 0 or later.";
  return end > start ? "" : "The end must be after the start.";
}

/**
 * Return the cues of a part of the video, in seconds of that part.
 * @param {Cue[]} cues
 * @param {Cut} part
 */
export function cutCues(cues, { start, end }) {
  return cues
    .filter((cue) => cue.end > start && cue.start < end)
    .map((cue) => ({
      start: round(Math.max(cue.start, start) - start, 3),
      end: round(Math.min(cue.end, end) - start, 3),
      text: cue.text,
    }))
    .filter((cue) => cue.end > cue.start);
}
