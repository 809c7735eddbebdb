// The frame of a clip: its shape, and how the video fills it.

import { readNumber, readText } from "../fields.js";

/**
 * As the API has it.
 * @typedef {object} Frame
 * @property {string} [aspect] such as `9:16`
 * @property {string} [resolution] such as `720x900`, instead of an aspect
 * @property {string} fit
 * @property {number} [rotate] degrees
 * @property {"auto" | Point} [focus] of a crop: it follows something, or keeps a point
 */

/** @typedef {{x: number, y: number}} Point shares of a picture's width and height */

/** What a crop keeps unless something else is chosen. */
export const CENTRE = { x: 0.5, y: 0.5 };

/**
 * Return what the fields of the form say.
 * @param {FormData} data
 * @returns {Frame}
 */
export function readFrame(data) {
  const resolution = readText(data, "resolution");
  const rotate = Number(data.get("rotate"));
  const focus = data.get("fit") === "crop" ? readFocus(data) : null;
  return {
    ...(resolution ? { resolution } : { aspect: String(data.get("aspect")) }),
    fit: String(data.get("fit")),
    ...(rotate ? { rotate } : {}),
    ...(focus ? { focus } : {}),
  };
}

/**
 * @param {FormData} data
 * @returns {"auto" | Point | null} null for the centre
 */
function readFocus(data) {
  if (data.get("focus") === "auto") return "auto";
  if (data.get("focus") !== "point") return null;
  return { x: readNumber(data, "focus_x", 50) / 100, y: readNumber(data, "focus_y", 50) / 100 };
}

/**
 * Return how many times as wide as high a clip is; null if it has the shape of its video.
 * @param {Frame} frame
 */
export function readShape({ aspect, resolution }) {
  const [across, down] = (resolution ?? aspect ?? "").split(/[:x]/).map(Number);
  const shape = across / down;
  return Number.isFinite(shape) && shape > 0 ? shape : null;
}
