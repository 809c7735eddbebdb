// Where things are on the screen: the picture of the video, and the frame that the clip will have.

import { clamp } from "../cut.js";
import { CENTRE, readShape } from "../frame.js";

/** @import { Frame, Point } from "../frame.js" */

/** @typedef {[number, number, number, number]} Box left, top, width and height, as shares */

/**
 * @typedef {object} Layout
 * @property {number} ratio of the screen's width and height
 * @property {Box} picture of the video, as it is turned, on the screen
 * @property {Box} frame of the clip on the screen
 * @property {"horizontal" | "vertical" | null} axis along which a crop can be moved
 */

const NEARLY_ALL = 0.999;
const DIGITS = 1e4;

/**
 * Lay out the screen: around a crop it shows the whole video, otherwise the frame of the clip.
 * @param {Frame} frame
 * @param {{width: number, height: number}} video
 * @returns {Layout}
 */
export function layOutScreen(frame, { width, height }) {
  const own = (frame.rotate ?? 0) % 180 ? height / width : width / height;
  const shape = readShape(frame) ?? own;
  if (frame.fit !== "crop") {
    const [across, down] = [Math.min(1, own / shape), Math.min(1, shape / own)];
    const picture = toBox((1 - across) / 2, (1 - down) / 2, across, down);
    return { ratio: shape, picture, frame: [0, 0, 1, 1], axis: null };
  }
  const [across, down] = [Math.min(1, shape / own), Math.min(1, own / shape)];
  const { x, y } = typeof frame.focus === "object" ? frame.focus : CENTRE;
  const left = clamp(x - across / 2, 0, 1 - across);
  const top = clamp(y - down / 2, 0, 1 - down);
  const axis = findAxis(across, down);
  return { ratio: own, picture: [0, 0, 1, 1], frame: toBox(left, top, across, down), axis };
}

/**
 * @param {number} across
 * @param {number} down
 */
function findAxis(across, down) {
  if (across < NEARLY_ALL) return "horizontal";
  return down < NEARLY_ALL ? "vertical" : null;
}

/**
 * @param {number[]} sides
 * @returns {Box}
 */
function toBox(...sides) {
  const [left, top, width, height] = sides.map((side) => Math.round(side * DIGITS) / DIGITS);
  return [left, top, width, height];
}

/**
 * Return the focus of a crop whose frame is moved; it stays within the picture.
 * @param {Layout} layout before it is moved
 * @param {number} across a share of the screen's width
 * @param {number} down a share of its height
 * @returns {Point}
 */
export function moveFocus({ frame: [left, top, width, height], axis }, across, down) {
  const x = clamp(left + width / 2 + across, width / 2, 1 - width / 2);
  const y = clamp(top + height / 2 + down, height / 2, 1 - height / 2);
  const round = (/** @type {number} */ share) => Math.round(share * 1000) / 1000;
  return {
    x: axis === "horizontal" ? round(x) : 0.5,
    y: axis === "vertical" ? round(y) : 0.5,
  };
}

/**
 * Return where a video has to lie before it is turned around its centre, to fill a box.
 * @param {Layout} layout
 * @param {number} rotate degrees
 * @returns {Box}
 */
export function placeVideo({ picture, ratio }, rotate) {
  if (rotate % 180 === 0) return picture;
  const [left, top, width, height] = picture;
  const [across, down] = [height / ratio, width * ratio];
  return toBox(left + (width - across) / 2, top + (height - down) / 2, across, down);
}
