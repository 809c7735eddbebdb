// Draws a step of a transition from the pictures of both slides.

import { getContext, newCanvas } from "./pictures.js";
import { makeGrain } from "./pixels.js";

/** @import { Blur, Change, Edge, Mix, Wipe, Zoom } from "./transitions.js" */

const GRAINS = [64, 36]; // across and down

/** @type {{levels: number[], context: CanvasRenderingContext2D} | null} */
let grain = null;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {HTMLCanvasElement} old
 * @param {HTMLCanvasElement} next
 * @param {Change} change
 */
export function drawChange(context, old, next, change) {
  context.save();
  if (change.kind === "mix") mix(context, old, next, change);
  else if (change.kind === "edge") drawEdge(context, old, next, change);
  else if (change.kind === "wipe") drawWipe(context, old, next, change);
  else if (change.kind === "zoom") drawZoom(context, old, next, change);
  else drawBlur(context, old, next, change);
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {HTMLCanvasElement} old
 * @param {HTMLCanvasElement} next
 * @param {Mix} change
 */
function mix(context, old, next, change) {
  const { width, height } = context.canvas;
  const isWhole = change.old + change.new > 0.999; // no grey shows through
  context.fillStyle = `rgb(${change.grey} ${change.grey} ${change.grey})`;
  context.fillRect(0, 0, width, height);
  context.globalAlpha = isWhole ? 1 : change.old;
  if (change.old) context.drawImage(old, 0, 0);
  context.globalAlpha = change.new;
  if (change.new) context.drawImage(next, 0, 0);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {HTMLCanvasElement} old
 * @param {HTMLCanvasElement} next
 * @param {Edge} change
 */
function drawEdge(context, old, next, { isLevel, position, isNewFirst, oldShift, newShift }) {
  const { width, height } = context.canvas;
  const length = isLevel ? height : width;
  const place = Math.round(position * length);
  const sides = [
    { picture: old, shift: Math.round(oldShift * length) },
    { picture: next, shift: Math.round(newShift * length) },
  ];
  if (isNewFirst) sides.reverse();
  sides.forEach(({ picture, shift }, number) => {
    const [start, end] = number ? [place, length] : [0, place];
    context.save();
    context.beginPath();
    if (isLevel) context.rect(0, start, width, end - start);
    else context.rect(start, 0, end - start, height);
    context.clip();
    context.drawImage(picture, isLevel ? 0 : shift, isLevel ? shift : 0);
    context.restore();
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {HTMLCanvasElement} old
 * @param {HTMLCanvasElement} next
 * @param {Wipe} change
 */
function drawWipe(context, old, next, change) {
  const isCircle = change.pattern === "circle";
  const [below, above] = isCircle && change.isInverted ? [next, old] : [old, next];
  context.drawImage(below, 0, 0);
  if (isCircle) clipCircle(context, change);
  else maskGrain(above, change);
  context.drawImage(above, 0, 0);
}

/**
 * Clip to the circle in which the upper picture is seen, to the middle of its soft border.
 * @param {CanvasRenderingContext2D} context
 * @param {Wipe} change
 */
function clipCircle(context, { isInverted, threshold, softness }) {
  const { width, height } = context.canvas;
  const level = threshold - softness / 2;
  const radius = (Math.hypot(width, height) / 2) * Math.max(isInverted ? 1 - level : level, 0);
  context.beginPath();
  context.arc(width / 2, height / 2, radius, 0, 2 * Math.PI);
  context.clip();
}

/**
 * Leave of a picture the grains that have changed.
 * @param {HTMLCanvasElement} picture
 * @param {Wipe} change
 */
function maskGrain(picture, { threshold, softness }) {
  const [across, down] = GRAINS;
  grain ??= { levels: makeGrain(across * down), context: getContext(newCanvas(across, down)) };
  const pixels = grain.context.createImageData(across, down);
  grain.levels.forEach((level, index) => {
    pixels.data[4 * index + 3] = (255 * (threshold - level)) / softness; // which limits itself
  });
  grain.context.putImageData(pixels, 0, 0);
  const context = getContext(picture);
  context.globalCompositeOperation = "destination-in";
  context.drawImage(grain.context.canvas, 0, 0, picture.width, picture.height);
  context.globalCompositeOperation = "source-over";
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {HTMLCanvasElement} old
 * @param {HTMLCanvasElement} next
 * @param {Zoom} change
 */
function drawZoom(context, old, next, { scale, new: weight }) {
  const { width, height } = context.canvas;
  const [across, down] = [width * scale, height * scale];
  context.drawImage(old, (width - across) / 2, (height - down) / 2, across, down);
  context.globalAlpha = weight;
  if (weight) context.drawImage(next, 0, 0);
}

/**
 * Blur by way of fewer pixels, which every browser can.
 * @param {CanvasRenderingContext2D} context
 * @param {HTMLCanvasElement} old
 * @param {HTMLCanvasElement} next
 * @param {Blur} change
 */
function drawBlur(context, old, next, { sigma, new: weight }) {
  const { width, height } = context.canvas;
  const part = 1 + sigma * Math.min(width, height); // pixels that become one
  const small = getContext(newCanvas(width / part, height / part));
  small.imageSmoothingQuality = "high";
  const sides = [
    { picture: old, opacity: 1 },
    { picture: next, opacity: weight },
  ];
  for (const { picture, opacity } of sides) {
    if (!opacity) continue;
    small.drawImage(picture, 0, 0, small.canvas.width, small.canvas.height);
    context.globalAlpha = opacity;
    context.drawImage(small.canvas, 0, 0, width, height);
  }
}
