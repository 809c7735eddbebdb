// The captions that a clip shows at a moment, from the plan that a dry run answers with.

/** @import { Box, Line, Words } from "../../stage/timeline.js" */

/** @typedef {{start: number, end: number, video_start: number, speed: number}} Cut in frames */
/** @typedef {{text: string, left: number, width: number, baseline: number, start?: number, end?: number}} Run */
/** @typedef {{start: number, end: number, box: Box, size: number, runs: Run[]}} Caption */
/** @typedef {{letters: string, edges?: string, box?: string}} Ink */
/** @typedef {{rest: Ink, spoken: Ink, coming: Ink, behind: string, backing: string}} Colors */

/**
 * @typedef {object} Plan
 * @property {number} width
 * @property {number} height
 * @property {number} fps
 * @property {{cuts: Cut[], captions: Caption[], colors: Colors}} timeline
 */

// As the server draws them: reelqueue/render/images/clip_captions/phrases.py.
const [ACROSS, ABOVE, BELOW] = [0.16, 0.96, 0.3];
const NEARLY = 1e-6;

/**
 * Return the frame of the clip that has the captions of a moment of the video; null if none does.
 *
 * A caption begins with the first frame that begins at its time or later, so a moment within a
 * frame has the captions of the next one: a caption that begins right then is among them.
 * @param {Plan} plan
 * @param {number} time in seconds of the video
 */
export function findFrame({ fps, timeline: { cuts } }, time) {
  for (const { start, end, video_start: from, speed } of cuts) {
    const place = start + ((time - from) * fps) / speed;
    if (place > start - NEARLY && place < end - NEARLY) {
      return Math.min(Math.ceil(Math.max(place - NEARLY, start)), end - 1);
    }
  }
  return null;
}

/**
 * Return what is written in a frame, and where.
 * @param {Plan} plan
 * @param {number | null} frame
 * @returns {Words[]}
 */
export function listWords(plan, frame) {
  const { captions, colors } = plan.timeline;
  if (frame === null) return [];
  return captions
    .filter(({ start, end }) => frame >= start && frame < end)
    .flatMap((caption) => drawCaption(caption, colors, frame, plan.width / plan.height));
}

/**
 * @param {Caption} caption
 * @param {Colors} colors
 * @param {number} frame
 * @param {number} ratio of the clip's width and height
 * @returns {Words[]}
 */
function drawCaption({ box, size, runs }, colors, frame, ratio) {
  const { backing, behind } = colors;
  const inked = runs.map((run) => ({ ...run, ink: chooseInk(run, colors, frame) }));
  const isTimed = runs.some(({ start }) => start !== undefined);
  const all = { role: "caption", size, behind };
  const boxes = inked
    .filter(({ ink }) => ink.box)
    .map((run) => ({
      ...{ ...all, behind: run.ink.box, box: surround(run, size, ratio) },
      ...{ lines: /** @type {Line[]} */ ([]), backing: "box" },
    }));
  const marksWords = Object.values(colors).some((ink) => typeof ink === "object" && ink.box);
  const ground = isTimed ? uniteBoxes(runs.map((run) => surround(run, size, ratio))) : box;
  const isBoxed = backing !== "box" || !marksWords;
  return [...boxes, { ...all, box: ground, lines: inked, backing: isBoxed ? backing : "none" }];
}

/**
 * @param {Run} run
 * @param {Colors} colors
 * @param {number} frame
 */
function chooseInk({ start, end }, { rest, spoken, coming }, frame) {
  if (start === undefined || end === undefined) return rest;
  if (frame < start) return coming;
  return frame < end ? spoken : rest;
}

/**
 * Return a box around the letters of a word.
 * @param {Run} run
 * @param {number} size of the letters
 * @param {number} ratio
 * @returns {Box}
 */
function surround({ left, width, baseline }, size, ratio) {
  const across = (size * ACROSS) / ratio;
  return [left - across, baseline - size * ABOVE, width + 2 * across, size * (ABOVE + BELOW)];
}

/**
 * @param {Box[]} boxes
 * @returns {Box}
 */
function uniteBoxes(boxes) {
  const left = Math.min(...boxes.map(([x]) => x));
  const top = Math.min(...boxes.map(([, y]) => y));
  const right = Math.max(...boxes.map(([x, , width]) => x + width));
  const bottom = Math.max(...boxes.map(([, y, , height]) => y + height));
  return [left, top, right - left, bottom - top];
}
