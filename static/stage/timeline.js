// What a slideshow shows at which frame, from the plan that the server answers a dry run with.

import { say } from "../language.js";

/** @typedef {[number, number, number, number]} Box left, top, width and height, as shares */
/** @typedef {{letters: string, edges?: string}} Ink colours of letters and their outline */

/**
 * All lengths are shares of the frame; without ink, letters are white.
 * @typedef {{text: string, left: number, width: number, baseline: number, ink?: Ink}} Line
 */

/**
 * A caption, or a text of a title card; all lengths are shares of the frame.
 * @typedef {object} Words
 * @property {string} role `caption`, `title` or `subtitle`
 * @property {Box} box
 * @property {number} size of the letters, of the frame's height
 * @property {Line[]} lines
 * @property {string} backing `box`, `shadow` or `outline`
 * @property {string} [behind] colour of the box or the shadow
 */

/** @typedef {{name: string, start: number, end: number, parts_words?: boolean}} Transition */

/**
 * @typedef {object} Slide
 * @property {"photo" | "video" | "title" | "end_title"} kind
 * @property {number} photo its number in the order
 * @property {number} start the first frame that shows any of it
 * @property {number} end the first frame after those
 * @property {string} fit
 * @property {number} rotate degrees clockwise
 * @property {Box} [place] of the picture in the frame, or in the canvas that the camera moves over
 * @property {[Box, Box]} [views] what is seen first and last
 * @property {number} [video_start] seconds
 * @property {string} [background]
 * @property {Words[]} [words]
 * @property {Transition} [transition] to the next slide
 */

/**
 * A track of the music, and when it is heard, in seconds.
 * @typedef {{track: number, at: number, start: number, duration: number, fade_in: number, fade_out: number}} MusicPart
 */

/** @typedef {{slides: Slide[], music: MusicPart[], music_fade_out: number}} Timeline */
/** @typedef {{width: number, height: number, fps: number, frames: number, timeline: Timeline}} Plan */

/**
 * What a frame shows: a slide, and in a transition also the slide before it.
 * @typedef {object} Moment
 * @property {number} index of the slide
 * @property {Slide} slide
 * @property {Slide} [before]
 * @property {number} step of the transition, from 1
 * @property {number} steps that it has; 0 without one
 */

/**
 * @param {Slide[]} slides
 * @param {number} frame
 * @returns {Moment}
 */
export function findMoment(slides, frame) {
  const later = slides.findIndex(({ start }) => start > frame);
  const index = (later < 0 ? slides.length : later) - 1;
  const [before, slide] = [slides[index - 1], slides[index]];
  const transition = before?.transition;
  if (!transition || frame >= transition.end) return { index, slide, step: 0, steps: 0 };
  const { start, end } = transition;
  return { index, slide, before, step: frame - start + 1, steps: end - start };
}

/**
 * Return the slide that is seen most in a frame.
 * @param {Slide[]} slides
 * @param {number} frame
 */
export function findSeen(slides, frame) {
  const { slide, before, step, steps } = findMoment(slides, frame);
  return before && 2 * step < steps ? before : slide;
}

/**
 * Return what is seen of a slide's picture, or of its canvas, in a frame.
 * @param {Slide} slide
 * @param {number} frame
 * @returns {Box}
 */
export function findView({ views, start, end }, frame) {
  if (!views) return [0, 0, 1, 1];
  const time = (frame - start) / Math.max(end - start - 1, 1);
  const done = time * time * (3 - 2 * time);
  const [first, last] = views;
  const mix = (/** @type {number} */ side) => first[side] + (last[side] - first[side]) * done;
  return [mix(0), mix(1), mix(2), mix(3)];
}

/**
 * Return how opaque the words of both slides are in a frame of a transition, beside their pictures:
 * in fades, those of the first are gone before those of the next come.
 * @param {Moment} moment of a transition
 * @returns {{old: number, new: number} | null} null where they go with their pictures
 */
export function partWords({ before, step, steps }) {
  if (!before?.transition?.parts_words) return null;
  const middle = Math.floor(steps / 2);
  const isBefore = step <= middle;
  return {
    old: isBefore ? 1 - step / middle : 0,
    new: isBefore ? 0 : (step - middle) / (steps - middle),
  };
}

/**
 * Say what a frame shows, for those who do not see it.
 * @param {Plan} plan
 * @param {number} frame
 * @param {(photo: number) => string} findName of a photo in the order
 */
export function describeFrame({ timeline: { slides } }, frame, findName) {
  const slide = findSeen(slides, frame);
  const words = (slide.words ?? []).flatMap(({ lines }) => lines.map(({ text }) => text)).join(" ");
  if (slide.kind === "title") return say("Title: {words}", { words });
  if (slide.kind === "end_title") return say("Title at the end: {words}", { words });
  const count = slides.filter(({ kind }) => ["photo", "video"].includes(kind)).length;
  const values = { number: slide.photo + 1, count, name: findName(slide.photo) };
  const place =
    slide.kind === "video"
      ? say("Video {number} of {count}, {name}", values)
      : say("Photo {number} of {count}, {name}", values);
  return words ? `${place}: ${words}` : place;
}
