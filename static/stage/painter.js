// Draws any frame of a slideshow on a canvas, from small pictures.

import { drawChange } from "./changes.js";
import { getContext, newCanvas, turn } from "./pictures.js";
import { findMoment, findView, partWords } from "./timeline.js";
import { showTransition } from "./transitions.js";
import { drawWords } from "./words.js";

/** @import { Pictures } from "./pictures.js" */
/** @import { Box, Plan, Slide } from "./timeline.js" */

/**
 * Where pictures come from.
 * @typedef {object} Sources
 * @property {(photo: number) => string} find the address of a photo's picture, or of a video's still
 * @property {(slide: Slide, frame: number) => HTMLVideoElement | null} [findVideo] at its time; null
 *   where the still has to stand for it
 */

// As the server draws them: reelqueue/render/images/backdrop.py and title_cards.py.
const BARS = { side: 64, sigma: 64 / 24, brightness: 0.6 };
const CARD = { side: 128, sigma: 5, brightness: 0.42 };
const EMPTY = "#2a2720";

export class Painter {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Pictures} pictures
   */
  constructor(canvas, pictures) {
    this.context = getContext(canvas);
    this.pictures = pictures;
    this.before = getContext(newCanvas(1, 1));
    this.after = getContext(newCanvas(1, 1));
  }

  /**
   * Draw a frame; return whether all of its pictures were there.
   * @param {Plan} plan
   * @param {Sources} sources
   * @param {number} frame
   */
  draw(plan, sources, frame) {
    const moment = findMoment(plan.timeline.slides, frame);
    const { index, slide, before, step, steps } = moment;
    const following = plan.timeline.slides[index + 1];
    if (following) this.#find(following, sources); // so that it is loaded in time
    if (!before) return this.#drawSlide(this.context, slide, { sources, frame, words: 1 });
    for (const side of [this.before, this.after]) this.#fit(side);
    const words = partWords(moment);
    const own = words ? 0 : 1;
    const isWhole = [
      this.#drawSlide(this.before, before, { sources, frame, words: own }),
      this.#drawSlide(this.after, slide, { sources, frame, words: own }),
    ].every(Boolean);
    const change = showTransition(before.transition?.name ?? "", step, steps);
    drawChange(this.context, this.before.canvas, this.after.canvas, change);
    if (words) {
      drawWords(this.context, before.words ?? [], words.old);
      drawWords(this.context, slide.words ?? [], words.new);
    }
    return isWhole;
  }

  /** @param {CanvasRenderingContext2D} context */
  #fit({ canvas }) {
    const { width, height } = this.context.canvas;
    if (canvas.width === width && canvas.height === height) return;
    Object.assign(canvas, { width, height });
  }

  /**
   * @param {Slide} slide
   * @param {Sources} sources
   */
  #find(slide, sources) {
    const wanted = { source: sources.find(slide.photo), rotate: slide.rotate };
    return { wanted, picture: this.pictures.find(wanted) };
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Slide} slide
   * @param {{sources: Sources, frame: number, words: number}} how `words` is their opacity
   */
  #drawSlide(context, slide, { sources, frame, words }) {
    const { width, height } = context.canvas;
    const { wanted, picture: still } = this.#find(slide, sources);
    const video = slide.kind === "video" ? sources.findVideo?.(slide, frame) : null;
    const picture = video ? copyVideo(video, slide.rotate) : still;
    context.fillStyle = slide.background ?? EMPTY;
    context.fillRect(0, 0, width, height);
    if (picture && !slide.background) this.#drawPicture(context, slide, { wanted, picture, frame });
    drawWords(context, slide.words ?? [], words);
    return !this.pictures.isLoading(wanted);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Slide} slide
   * @param {{wanted: {source: string, rotate: number}, picture: HTMLCanvasElement, frame: number}} seen
   */
  #drawPicture(context, slide, { wanted, picture, frame }) {
    const { width, height } = context.canvas;
    if (["title", "end_title"].includes(slide.kind)) {
      this.#drawBackdrop(context, wanted, CARD);
      return;
    }
    const [left, top, across, down] = findView(slide, frame);
    if (!slide.place) {
      const [x, y] = [left * picture.width, top * picture.height];
      const seen = [across * picture.width, down * picture.height];
      context.drawImage(picture, x, y, seen[0], seen[1], 0, 0, width, height);
      return;
    }
    context.save();
    context.scale(1 / across, 1 / down);
    context.translate(-left * width, -top * height);
    context.fillStyle = "#000";
    context.fillRect(0, 0, width, height);
    if (slide.fit === "blur") this.#drawBackdrop(context, wanted, BARS);
    const [x, y, w, h] = slide.place;
    context.drawImage(picture, x * width, y * height, w * width, h * height);
    context.restore();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {{source: string, rotate: number}} wanted
   * @param {{side: number, sigma: number, brightness: number}} look
   */
  #drawBackdrop(context, wanted, { side, sigma, brightness }) {
    const { width, height } = context.canvas;
    const scale = side / Math.max(width, height);
    const size = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
    const shape = { width: size[0], height: size[1], sigma, brightness };
    const backdrop = this.pictures.findBackdrop(wanted, shape);
    if (backdrop) context.drawImage(backdrop, 0, 0, width, height);
  }
}

/**
 * @param {HTMLVideoElement} video
 * @param {number} rotate
 */
function copyVideo(video, rotate) {
  return turn(video, { width: video.videoWidth, height: video.videoHeight }, rotate);
}
