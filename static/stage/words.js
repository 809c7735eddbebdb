// Captions and titles on a canvas: where the server lays them out, in the letters at hand.

/** @import { Box, Line, Words } from "./timeline.js" */

const LETTERS = [
  { weight: "600", file: "Inter-SemiBold.otf" },
  { weight: "700", file: "InterDisplay-Bold.otf" },
];
const FONT = '"Reelqueue Inter", Inter, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const WEIGHTS = new Map([["title", 700]]);
const USUAL_WEIGHT = 600;
const DARK = "rgb(16 16 16)";
const BOX = "rgb(12 12 16 / 0.66)";
const RADIUS = 0.3; // of a box's corners, as a share of the letters' size
const OUTLINES = new Map([["caption", 1 / 14]]); // as a share of the letters' size
const CARD_OUTLINE = 1 / 28;
const RIGHT_TO_LEFT = /^[^\p{L}]*[\u0590-\u08ff\ufb1d-\ufefc]/u;

/** @type {(() => void)[]} */
const waiting = [];
let isLoading = false;

/**
 * Call a function each time that letters of the video have arrived.
 * @param {() => void} onLoad
 */
export function whenLettersLoad(onLoad) {
  waiting.push(onLoad);
}

/** Load the letters of the video, once there is something to write; others stand in for them. */
function loadLetters() {
  if (isLoading) return;
  isLoading = true;
  for (const { weight, file } of LETTERS) {
    const face = new FontFace("Reelqueue Inter", `url("/typefaces/${file}")`, { weight });
    document.fonts.add(face);
    face.load().then(
      () => waiting.forEach((onLoad) => onLoad()),
      () => document.fonts.delete(face),
    );
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Words[]} words
 * @param {number} opacity
 */
export function drawWords(context, words, opacity) {
  if (words.length) loadLetters();
  for (const each of words) {
    context.save();
    context.globalAlpha = opacity;
    if (each.backing === "box") drawBox(context, each);
    for (const line of each.lines) drawLine(context, each, line);
    context.restore();
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Words} words
 */
function drawBox(context, { box: [left, top, across, down], size, behind }) {
  const { width, height } = context.canvas;
  context.fillStyle = behind ?? BOX;
  context.beginPath();
  const radius = size * height * RADIUS;
  context.roundRect(left * width, top * height, across * width, down * height, radius);
  context.fill();
}

/**
 * Draw a line as wide as it will be: letters of another font are stretched to that.
 * @param {CanvasRenderingContext2D} context
 * @param {Words} words
 * @param {Line} line
 */
function drawLine(context, { role, size, backing, behind }, line) {
  if (!line.text) return;
  const { width, height } = context.canvas;
  const pixels = size * height;
  context.save();
  context.font = `${WEIGHTS.get(role) ?? USUAL_WEIGHT} ${pixels}px ${FONT}`;
  context.textAlign = "left";
  context.direction = RIGHT_TO_LEFT.test(line.text) ? "rtl" : "ltr";
  context.translate(line.left * width, line.baseline * height);
  context.scale((line.width * width) / (context.measureText(line.text).width || 1), 1);
  const { letters, edges } = line.ink ?? { letters: "#fff", edges: DARK };
  if (edges && (line.ink || backing === "outline")) {
    context.lineWidth = 2 * pixels * (OUTLINES.get(role) ?? CARD_OUTLINE);
    context.lineJoin = "round";
    context.strokeStyle = edges;
    context.strokeText(line.text, 0, 0);
  }
  const shadowColor = behind?.slice(0, "#rrggbb".length) ?? "#000";
  if (backing === "shadow") Object.assign(context, { shadowColor, shadowBlur: pixels / 5 });
  context.fillStyle = letters;
  context.fillText(line.text, 0, 0);
  context.restore();
}
