// The frame of a clip: its shape, and how the video fills it.

import { readNumber, readText } from "../fields.js";
import { clamp } from "./cut.js";

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
 * Return the centre of a crop, in a picture before it is turned.
 * @param {Point} focus in the picture as it is turned
 * @param {number} rotate degrees, clockwise
 * @param {{width: number, height: number}} crop shares of the picture before it is turned
 * @returns {Point}
 */
export function placeCrop({ x, y }, rotate, { width, height }) {
  /** @type {Record<number, [number, number]>} */
  const places = { 0: [x, y], 90: [y, 1 - x], 180: [1 - x, 1 - y], 270: [1 - y, x] };
  const [across, down] = places[rotate];
  return {
    x: clamp(across, width / 2, 1 - width / 2),
    y: clamp(down, height / 2, 1 - height / 2),
  };
}

/**
 * Return the shares of a picture's width and height, before it is turned, that a crop keeps.
 * @param {Frame} frame
 * @param {number} width of the picture
 * @param {number} height
 * @returns {{width: number, height: number} | null} null for `original`, or an unknown size
 */
export function measureCrop({ aspect, resolution, rotate = 0 }, width, height) {
  const [across, down] = (resolution ?? aspect ?? "").split(/[:x]/).map(Number);
  const isUpright = rotate % 180 === 0;
  const shape = (isUpright ? across / down : down / across) * (height / width);
  if (!Number.isFinite(shape)) return null;
  return { width: Math.min(1, shape), height: Math.min(1, 1 / shape) };
}
